import { randomBytes } from 'node:crypto'
import { isAbsolute, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ConfigError, type Env, readConfig } from '../../src/platform/config.ts'

/** What is wrong with an environment, one fault a line; nothing when it can be used. */
function faultsOf(env: Env): readonly string[] {
  try {
    readConfig(env)
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.faults
    throw error
  }
}

const PRODUCTION: Env = {
  NODE_ENV: 'production',
  PUBLIC_URL: 'https://courses.example',
  SECRET_KEY: 'sixteen letters!',
  POSTAL_ADDRESS: '1 Test Lane, Testville',
  SMTP_URL: 'smtp://localhost:25',
  MAIL_FROM: 'Dawnpost <morning@courses.example>',
}

describe('the limits of forms', () => {
  it('are settings, and a network is not refused before it is asked for work', () => {
    expect(readConfig({}).formLimits).toEqual({ network: 100, address: 5, networkAtMost: 1_000 })
    expect(() => readConfig({ FORMS_PER_NETWORK: '2000' })).toThrow(
      /FORMS_PER_NETWORK_AT_MOST: must not be less/,
    )
    expect(() => readConfig({ FORMS_PER_ADDRESS: 'few' })).toThrow(
      /FORMS_PER_ADDRESS: cannot use "few"/,
    )
  })
})

describe('an empty environment', () => {
  const config = readConfig({})

  it('is the sandbox on this machine', () => {
    expect(config.http).toEqual({
      host: '127.0.0.1',
      port: 3000,
      publicUrl: null,
      trustProxy: 0,
      embedOrigins: null,
      allowedHosts: [],
      readyzToken: null,
      securityContacts: [],
    })
    expect(config.mail.servers).toBeNull()
    expect(config.mail.postalAddressMissing).toBe(false)
  })

  it('brings its own database and queue, beside the program', () => {
    expect([config.databaseUrl, config.redisUrl]).toEqual([null, null])
    expect(config.dataDir).toBe(resolve('./data'))
    expect(config.secretKeys).toEqual([])
  })

  it('has a sender and a level of logging', () => {
    expect(config.mail.from).toEqual({ name: 'Dawnpost', address: 'morning@dawnpost.example' })
    expect(config.log.level).toBe('info')
  })

  it('is the same as one of empty values', () => {
    const empty = Object.keys({
      ...PRODUCTION,
      PORT: '',
      DATA_DIR: '',
      LOG_LEVEL: '',
      REDIS_URL: '',
    })
    expect(readConfig(Object.fromEntries(empty.map((name) => [name, ' '])))).toEqual(config)
  })
})

describe('where replies go', () => {
  it.each([
    ['the sender, unless told otherwise', {}, undefined],
    [
      'the address that is named',
      { REPLY_TO: ' teacher@courses.example ' },
      'teacher@courses.example',
    ],
  ])('is %s', (_, env, replyTo) => {
    expect(readConfig(env).mail.from.replyTo).toBe(replyTo)
  })

  it('is one address', () => {
    expect(faultsOf({ REPLY_TO: 'the teacher' })).toEqual([
      expect.stringMatching(/^REPLY_TO: must be an address/),
    ])
  })
})

describe('an environment that is wrong', () => {
  it('is told all its faults at once', () => {
    const faults = faultsOf({
      PORT: 'many',
      TRUST_PROXY: '10',
      PROOF_ABOVE: 'few',
      ONE_MAIL_HOURS: '25',
      PUBLIC_URL: 'ftp://courses.example',
      DATABASE_URL: 'mysql://localhost/dawnpost',
      REDIS_URL: 'localhost:6379',
      SMTP_URL: 'http://relay.example',
      MAIL_FROM: 'nobody',
      SECRET_KEY: 'short',
      LOG_LEVEL: 'loud',
    })
    expect([...faults].sort()).toEqual([
      expect.stringMatching(/^DATABASE_URL: .*postgres:\/\//),
      expect.stringMatching(/^LOG_LEVEL: cannot use "loud"; use one of .*info/),
      expect.stringMatching(/^MAIL_FROM: must be a sender like "Dawnpost </),
      expect.stringMatching(/^ONE_MAIL_HOURS: cannot use "25"; use a whole number from 0 to 24/),
      expect.stringMatching(/^PORT: cannot use "many"; use a whole number from 0 to 65535/),
      expect.stringMatching(/^PROOF_ABOVE: cannot use "few"; use a whole number from 0 to 1000000/),
      expect.stringMatching(/^PUBLIC_URL: .*https:\/\//),
      expect.stringMatching(/^REDIS_URL: .*redis:\/\//),
      expect.stringMatching(/^SECRET_KEY: too short; use at least 16 characters/),
      expect.stringMatching(/^SMTP_URL: .*smtp:\/\//),
      expect.stringMatching(/^TRUST_PROXY: cannot use "10"; use a whole number from 0 to 9/),
    ])
  })

  it('has the same list in its message', () => {
    expect(() => readConfig({ PORT: 'x', LOG_LEVEL: 'loud' })).toThrow(/^PORT: .*\nLOG_LEVEL: /)
  })

  it('is told without its secrets', () => {
    const told = faultsOf({
      SECRET_KEY: 'hush',
      DATABASE_URL: 'mysql://ada:hush@localhost',
      REDIS_URL: 'http://:hush@localhost',
      SMTP_URL: 'http://ada:hush@relay.example',
    })
    expect(told).toHaveLength(4)
    expect(told.join()).not.toContain('hush')
  })

  it.each(['65536', '-1', '3000.5', '3e3', '0x10', 'three'])('cannot listen on port %s', (PORT) => {
    expect(faultsOf({ PORT })).toEqual([expect.stringMatching(/^PORT: /)])
  })

  it.each([
    'Dawnpost',
    'Dawnpost <morning@courses.example',
    'Dawnpost <morning>',
    'Dawnpost <a@b.example>, Eve <eve@c.example>',
    '"Dawnpost <a@b.example>',
    '"Dawn\r\npost" <a@b.example>',
    'Dawnpost\r\nBcc: eve@c.example <a@b.example>',
    'a@b.example,eve@c.example',
  ])('cannot send from %j', (MAIL_FROM) => {
    expect(faultsOf({ MAIL_FROM })).toEqual([expect.stringMatching(/^MAIL_FROM: /)])
  })
})

describe('an environment that is right', () => {
  it('may be in production', () => {
    const config = readConfig(PRODUCTION)
    expect(config.http).toMatchObject({ host: '0.0.0.0', publicUrl: 'https://courses.example' })
    expect(config.mail.from).toEqual({ name: 'Dawnpost', address: 'morning@courses.example' })
    expect(config.mail.servers).toHaveLength(1)
  })

  it.each([
    ['morning@courses.example', '', 'morning@courses.example'],
    ['<morning@courses.example>', '', 'morning@courses.example'],
    ['Ada’s mornings <morning@bücher.example>', 'Ada’s mornings', 'morning@xn--bcher-kva.example'],
    ['Lovelace, Ada <ada@courses.example>', 'Lovelace, Ada', 'ada@courses.example'],
    ['"A, Inc." <a@b.example>', 'A, Inc.', 'a@b.example'],
    ['"Ada \\"the\\" <A> \\\\" <a@b.example>', 'Ada "the" <A> \\', 'a@b.example'],
    ['"Ada"<a@b.example>', 'Ada', 'a@b.example'],
  ])('may name its sender %s', (MAIL_FROM, name, address) => {
    expect(readConfig({ MAIL_FROM }).mail.from).toEqual({ name, address })
  })

  it('may name the sites that have our forms', () => {
    const EMBED_ORIGINS =
      'https://teacher.example, http://localhost:8080/  https://BÜCHER.example:443'
    expect(readConfig({ EMBED_ORIGINS }).http.embedOrigins).toEqual([
      'https://teacher.example',
      'http://localhost:8080',
      'https://xn--bcher-kva.example',
    ])
  })

  it.each([
    '*',
    'teacher.example',
    'https://teacher.example/blog',
    'https://a:b@teacher.example',
    "https://x;'self'",
  ])('cannot lend its forms to %s', (EMBED_ORIGINS) => {
    expect(faultsOf({ EMBED_ORIGINS })).toEqual([
      expect.stringMatching(/^EMBED_ORIGINS: .* is not a site like https:\/\/www\.example\.com$/),
    ])
  })

  it('has no slash after its public address', () => {
    expect(readConfig({ PUBLIC_URL: 'https://courses.example/' }).http.publicUrl).toBe(
      'https://courses.example',
    )
  })

  it('has its public host in ASCII, since it stands in headers', () => {
    expect(readConfig({ PUBLIC_URL: 'https://Bücher.example' }).http.publicUrl).toBe(
      'https://xn--bcher-kva.example',
    )
  })

  it('may name the hosts under which its sandbox answers', () => {
    expect(
      readConfig({ ALLOWED_HOSTS: 'Courses.example, 192.168.1.5:3000 [2001:DB8::1]' }).http
        .allowedHosts,
    ).toEqual(['courses.example', '192.168.1.5', '[2001:db8::1]'])
    for (const given of ['https://courses.example', 'a/b', '*.example', 'x@y.example']) {
      expect(faultsOf({ ALLOWED_HOSTS: given })).toEqual([
        `ALLOWED_HOSTS: "${given}" is not a host like courses.example.com`,
      ])
    }
  })

  it('may say whom to tell of a hole, and who may see how it stands', () => {
    const env = { SECURITY_CONTACT: 'security@example.com, https://example.com/security' }
    expect(readConfig(env).http.securityContacts).toEqual([
      'mailto:security@example.com',
      'https://example.com/security',
    ])
    expect(faultsOf({ SECURITY_CONTACT: 'http://example.com' })).toEqual([
      expect.stringMatching(/^SECURITY_CONTACT: "http:\/\/example\.com" is not an address like/),
    ])
    expect(faultsOf({ READYZ_TOKEN: 'short' })).toEqual([
      expect.stringMatching(/^READYZ_TOKEN: use at least 16/),
    ])
  })

  it('tells a key that can be guessed from one that was drawn', () => {
    const isWeak = (SECRET_KEY: string) => readConfig({ SECRET_KEY }).secretKeyWeak
    for (const weak of [
      'changeme-changeme-changeme',
      'aaaaaaaaaaaaaaaaaaaaaaaa',
      '0123456789abcdef0123456789abcdef',
      'P4ssw0rd!P4ssw0rd!',
      'qwertyuiopasdfghjkl',
      'correct horse battery staple',
      'please-change-this-secret-key-in-production',
    ])
      expect(isWeak(weak), weak).toBe(true)
    for (const encoding of ['base64', 'base64url', 'hex'] as const)
      expect(isWeak(randomBytes(32).toString(encoding)), encoding).toBe(false)
    expect(isWeak(`${randomBytes(32).toString('hex')},changeme-changeme`)).toBe(true)
    expect(readConfig({}).secretKeyWeak).toBe(false)
  })

  it('may name several keys, newest first', () => {
    const SECRET_KEY = ' newer-key-newer-key , older-key-older-key ,'
    expect(readConfig({ SECRET_KEY }).secretKeys).toEqual([
      'newer-key-newer-key',
      'older-key-older-key',
    ])
    expect(faultsOf({ SECRET_KEY: 'newer-key-newer-key,short' })).toEqual([
      expect.stringMatching(/^SECRET_KEY: too short/),
    ])
  })

  it('has its data where it says, from wherever it is started', () => {
    expect(readConfig({ DATA_DIR: '/var/lib/dawnpost' }).dataDir).toBe('/var/lib/dawnpost')
    expect(isAbsolute(readConfig({ DATA_DIR: 'elsewhere' }).dataDir)).toBe(true)
  })

  it('says when real mail lacks the address that the law asks for', () => {
    const SMTP_URL = 'smtp://localhost'
    expect(readConfig({ SMTP_URL }).mail.postalAddressMissing).toBe(true)
    expect(readConfig({ SMTP_URL, POSTAL_ADDRESS: '1 Test Lane' }).mail.postalAddressMissing).toBe(
      false,
    )
  })

  it('resends mail of unknown outcome unless it is to be held', () => {
    expect(readConfig({}).mail.unknown).toBe('resend')
    expect(readConfig({ UNKNOWN_DELIVERIES: 'hold' }).mail.unknown).toBe('hold')
    expect(faultsOf({ UNKNOWN_DELIVERIES: 'drop' })).toEqual([
      'UNKNOWN_DELIVERIES: cannot use "drop"; use one of resend, hold',
    ])
  })

  it('tries again by a schedule of one’s own', () => {
    expect(readConfig({}).mail.retryMinutes).toEqual([5, 30, 60, 120, 240])
    expect(readConfig({ RETRY_MINUTES: '30, 60' }).mail.retryMinutes).toEqual([30, 60])
    for (const given of ['0,30', '5,', 'soon', '5,1441']) {
      expect(faultsOf({ RETRY_MINUTES: given })).toEqual([
        `RETRY_MINUTES: cannot use "${given}"; use minutes from 1 to 1440, like 5,30,60,120,240`,
      ])
    }
  })

  it('limits what a provider gets, by name or for all the others', () => {
    expect([...readConfig({ PROVIDER_LIMITS: 'gmail=600, *=1200,' }).mail.providerLimits]).toEqual([
      ['gmail', 600],
      ['*', 1200],
    ])
    expect(faultsOf({ PROVIDER_LIMITS: 'gmail=0, outlook' })).toEqual([
      'PROVIDER_LIMITS: cannot read "gmail=0"; use a list like gmail=600, example.com=60, *=1200',
      'PROVIDER_LIMITS: cannot read "outlook"; use a list like gmail=600, example.com=60, *=1200',
    ])
  })

  it.each([
    ['perSecond=0', 'perSecond must be a whole number from 1'],
    ['warmUp=March', 'warmUp must be a date like 2027-03-20'],
    ['warmUp=2027-02-30', 'warmUp must be a date like 2027-03-20'],
    ['speed=9', 'speed is not a setting'],
  ])('cannot use an SMTP server with %s', (setting, what) => {
    expect(faultsOf({ SMTP_URL: `smtp://localhost:25?${setting}` })).toEqual([
      expect.stringContaining(what),
    ])
  })

  it('may name several SMTP servers', () => {
    const env = {
      ...PRODUCTION,
      SMTP_URL: 'smtp://ada:hush@one.example',
      SMTP_URL_2: 'smtps://two.example',
    }
    const names = readConfig(env).mail.servers?.map(({ name }) => name)
    expect(names).toEqual(['one.example:587', 'two.example:465'])
  })
})

describe('the address of an SMTP server', () => {
  const server = (SMTP_URL: string, env: Env = {}) =>
    readConfig({ ...PRODUCTION, ...env, SMTP_URL }).mail.servers?.[0]

  it.each([
    ['smtp://ada:hush@relay.example', 'hush'],
    ['smtp://ada:a#b@relay.example', 'a#b'],
    ['smtp://ada:a/b@relay.example:2525', 'a/b'],
    ['smtp://ada:12/34@relay.example:2525', '12/34'],
    ['smtp://ada:a?b@relay.example?connections=3', 'a?b'],
    ['smtp://ada:12?34@relay.example', '12?34'],
    ['smtp://ada:a%b@relay.example', 'a%b'],
    ['smtp://ada:100%@relay.example', '100%'],
    ['smtp://ada:a@b@relay.example', 'a@b'],
    ['smtp://ada:#/?%:@@relay.example', '#/?%:@'],
    ['smtp://ada:a%23b%25@relay.example', 'a#b%'],
    ['smtp://ada:h%C3%BCsh@relay.example', 'hüsh'],
  ])('may have any password: %s', (url, pass) => {
    expect(server(url)).toMatchObject({ host: 'relay.example', auth: { user: 'ada', pass } })
  })

  it.each([
    ['smtp://ada@example.com:hu%23sh@relay.example', 'ada@example.com', 'hu#sh'],
    ['smtp://ada%40example.com:hush@relay.example', 'ada@example.com', 'hush'],
  ])('may have an address as its user: %s', (url, user, pass) => {
    expect(server(url)?.auth).toEqual({ user, pass })
  })

  it.each([
    'smtp://ada:a#hush%23@relay.example',
    'smtp://ada:hush%23%zz@relay.example',
    'smtp://ada:%FF@relay.example',
  ])('cannot be half encoded: %s', (SMTP_URL) => {
    expect(faultsOf({ ...PRODUCTION, SMTP_URL })).toEqual([
      expect.stringMatching(/^SMTP_URL: in its user and password, write % as %25, # as %23, /),
    ])
    expect(faultsOf({ ...PRODUCTION, SMTP_URL }).join()).not.toContain('hush')
  })

  it.each([
    ['smtp://bücher.example', 'xn--bcher-kva.example'],
    ['smtp://RELAY.example:25', 'relay.example'],
    ['smtp://[2001:DB8::1]', '2001:db8::1'],
    [
      'smtp://u:p@relay.example?dkimKey=/etc/a@b.pem&dkimDomain=b.example&dkimSelector=s',
      'relay.example',
    ],
  ])('may have any host: %s', (url, host) => {
    expect(server(url)?.host).toBe(host)
  })

  it.each([
    ['', {}, 'courses.example'],
    ['', { PUBLIC_URL: 'https://bücher.example:8443' }, 'xn--bcher-kva.example'],
    ['', { PUBLIC_URL: 'http://localhost:3000' }, null],
    ['', { PUBLIC_URL: 'http://127.0.0.1:3000' }, '[127.0.0.1]'],
    ['?name=Mail.courses.example', {}, 'mail.courses.example'],
    ['?name=bücher.example.', {}, 'xn--bcher-kva.example'],
    ['?name=192.0.2.1', {}, '[192.0.2.1]'],
    ['?name=[192.0.2.1]', {}, '[192.0.2.1]'],
    ['?name=2001:db8::1', {}, '[IPv6:2001:db8::1]'],
    ['?name=[IPv6:2001:db8::1]', {}, '[IPv6:2001:db8::1]'],
  ])('names us in EHLO: "%s" and %j', (settings, env, name) => {
    expect(server(`smtp://localhost${settings}`, env)?.ehloName).toBe(name)
  })

  it.each(['localhost', 'a b', 'a_b.example', 'x.example/y', ''])('cannot name us %j', (name) => {
    expect(faultsOf({ SMTP_URL: `smtp://localhost?name=${name}` })).toEqual([
      'SMTP_URL: name must be a host like courses.example.com, or an IP address',
    ])
  })
})

describe('addresses of what others run', () => {
  it.each([
    ['?sslmode=require', '?sslmode=require&uselibpqcompat=true'],
    ['?sslmode=verify-full', '?sslmode=verify-full'],
    ['?sslmode=verify-ca', '?sslmode=verify-ca'],
    [
      '?sslmode=verify-ca&sslrootcert=/ca.pem',
      '?sslmode=verify-ca&sslrootcert=/ca.pem&uselibpqcompat=true',
    ],
    ['?uselibpqcompat=true&sslmode=require', '?uselibpqcompat=true&sslmode=require'],
    ['', ''],
  ])('mean by %s what libpq means', (given, taken) => {
    const DATABASE_URL = 'postgres://ada:hush@db.example/dawnpost'
    expect(readConfig({ DATABASE_URL: DATABASE_URL + given }).databaseUrl).toBe(
      DATABASE_URL + taken,
    )
  })

  it('say how to write what they cannot hold', () => {
    expect(
      faultsOf({
        DATABASE_URL: 'postgres://ada:hu#sh@db.example/x',
        REDIS_URL: 'rediss://:hu/sh@r.example',
      }),
    ).toEqual([
      expect.stringMatching(/^DATABASE_URL: cannot be read; in its password, write .*# as %23/),
      expect.stringMatching(/^REDIS_URL: cannot be read; in its password, write .*\/ as %2F/),
    ])
  })
})

describe('mail that leaves this machine', () => {
  it('asks for what production asks for, but for the secret key', () => {
    expect(
      faultsOf({ SMTP_URL: 'smtp://relay.example' })
        .map((fault) => fault.split(':')[0])
        .sort(),
    ).toEqual(['MAIL_FROM', 'POSTAL_ADDRESS', 'PUBLIC_URL'])
  })

  it.each(['http://localhost.courses.example', 'http://127.courses.example'])(
    'does not take %s for this machine',
    (PUBLIC_URL) => {
      expect(faultsOf({ ...PRODUCTION, PUBLIC_URL })).toEqual([
        expect.stringMatching(/^PUBLIC_URL: must start/),
      ])
    },
  )

  it('asks for links that mailbox providers follow', () => {
    expect(faultsOf({ ...PRODUCTION, PUBLIC_URL: 'http://courses.example' })).toEqual([
      expect.stringMatching(/^PUBLIC_URL: must start with https/),
    ])
    expect(faultsOf({ PUBLIC_URL: 'https://courses.example/mail' })).toEqual([
      expect.stringMatching(/^PUBLIC_URL: must not contain a path/),
    ])
  })
})

describe('production', () => {
  it.each(['PUBLIC_URL', 'SECRET_KEY', 'POSTAL_ADDRESS', 'MAIL_FROM', 'SMTP_URL'])(
    'does not start without %s',
    (name) => {
      expect(faultsOf({ ...PRODUCTION, [name]: undefined })).toEqual([
        expect.stringMatching(`^${name}: missing; `),
      ])
      expect(faultsOf({ ...PRODUCTION, [name]: '  ' })).toEqual([
        expect.stringMatching(`^${name}: missing; `),
      ])
    },
  )

  it('names everything that is missing', () => {
    expect(faultsOf({ NODE_ENV: 'production' }).map((fault) => fault.split(':')[0])).toEqual([
      'SMTP_URL',
      'SECRET_KEY',
      'PUBLIC_URL',
      'MAIL_FROM',
      'POSTAL_ADDRESS',
    ])
  })

  it('does not start with a list of keys that holds none', () => {
    expect(faultsOf({ ...PRODUCTION, SECRET_KEY: ' , ' })).toEqual([
      expect.stringMatching(/^SECRET_KEY: missing/),
    ])
  })

  it('is asked for nothing of the kind elsewhere', () => {
    expect(faultsOf({ NODE_ENV: 'development' })).toEqual([])
    expect(faultsOf({})).toEqual([])
  })
})
