import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readConfig } from '../../src/platform/config.ts'
import { faultsOf, PRODUCTION } from './environment.ts'

describe('the limits of forms', () => {
  it('can be set, and the refusal of a network cannot come before its proof of work', () => {
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

  it('uses the built-in database and queue, beside the program', () => {
    expect([config.databaseUrl, config.redisUrl]).toEqual([null, null])
    expect(config.dataDir).toBe(resolve('./data'))
    expect(config.secretKeys).toEqual([])
  })

  it('has a default sender and log level', () => {
    expect(config.mail.from).toEqual({ name: 'Dawnpost', address: 'morning@dawnpost.example' })
    expect(config.log.level).toBe('info')
  })

  it('is the same as one with empty values', () => {
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

  it('must be one address', () => {
    expect(faultsOf({ REPLY_TO: 'the teacher' })).toEqual([
      expect.stringMatching(/^REPLY_TO: must be an address/),
    ])
  })
})

describe('a wrong environment', () => {
  it('has all its faults reported at once', () => {
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

  it('has only the fault of a variable reported, not also what is then missing', () => {
    const broken = { SMTP_URL: 'relay', SECRET_KEY: 'short', PUBLIC_URL: 'x', MAIL_FROM: 'nobody' }
    const names = Object.keys(broken)
    const told = faultsOf({ ...PRODUCTION, ...broken, FORMS_PER_NETWORK: 'x' })
    expect(told.map((fault) => fault.split(':')[0])).toEqual(
      names.toSpliced(3, 0, 'FORMS_PER_NETWORK'),
    )
    const forms = { FORMS_PER_NETWORK: 'x', FORMS_PER_NETWORK_AT_MOST: '0' }
    expect(faultsOf(forms)).toEqual([expect.stringMatching(/^FORMS_PER_NETWORK: cannot use "x"/)])
  })

  it('has the same list in the error message', () => {
    expect(() => readConfig({ PORT: 'x', LOG_LEVEL: 'loud' })).toThrow(/^PORT: .*\nLOG_LEVEL: /)
  })

  it('is reported without its secrets', () => {
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

describe('mail that leaves this machine', () => {
  it('requires what production requires, except the secret key', () => {
    expect(
      faultsOf({ SMTP_URL: 'smtp://relay.example' })
        .map((fault) => fault.split(':')[0])
        .sort(),
    ).toEqual(['MAIL_FROM', 'POSTAL_ADDRESS', 'PUBLIC_URL'])
  })

  it.each(['http://localhost.courses.example', 'http://127.courses.example'])(
    'does not mistake %s for this machine',
    (PUBLIC_URL) => {
      expect(faultsOf({ ...PRODUCTION, PUBLIC_URL })).toEqual([
        expect.stringMatching(/^PUBLIC_URL: must start/),
      ])
    },
  )

  it('requires an https public URL without a query', () => {
    expect(faultsOf({ ...PRODUCTION, PUBLIC_URL: 'http://courses.example' })).toEqual([
      expect.stringMatching(/^PUBLIC_URL: must start with https/),
    ])
    expect(faultsOf({ PUBLIC_URL: 'https://courses.example/mail?a=b' })).toEqual([
      expect.stringMatching(/^PUBLIC_URL: must be a host, with a path at most/),
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

  it('does not start with an empty list of keys', () => {
    expect(faultsOf({ ...PRODUCTION, SECRET_KEY: ' , ' })).toEqual([
      expect.stringMatching(/^SECRET_KEY: missing/),
    ])
  })

  it('requires what development does not', () => {
    expect(faultsOf({ NODE_ENV: 'development' })).toEqual([])
    expect(faultsOf({})).toEqual([])
  })
})
