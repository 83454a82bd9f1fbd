import { randomBytes } from 'node:crypto'
import { isAbsolute } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readConfig } from '../../src/platform/config.ts'
import { faultsOf, PRODUCTION } from './environment.ts'

describe('an environment', () => {
  it('can be complete for production', () => {
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
  ])('can name its sender %s', (MAIL_FROM, name, address) => {
    expect(readConfig({ MAIL_FROM }).mail.from).toEqual({ name, address })
  })

  it('can name the sites that embed our forms', () => {
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
  ])('cannot let %s embed its forms', (EMBED_ORIGINS) => {
    expect(faultsOf({ EMBED_ORIGINS })).toEqual([
      expect.stringMatching(/^EMBED_ORIGINS: .* is not a site like https:\/\/www\.example\.com$/),
    ])
  })

  it('has its public URL without a trailing slash', () => {
    expect(readConfig({ PUBLIC_URL: 'https://courses.example/' }).http.publicUrl).toBe(
      'https://courses.example',
    )
  })

  it('has its public host in ASCII, since headers contain it', () => {
    expect(readConfig({ PUBLIC_URL: 'https://Bücher.example' }).http.publicUrl).toBe(
      'https://xn--bcher-kva.example',
    )
  })

  it('can name the hosts to which its sandbox answers', () => {
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

  it('can set security contacts and the token for readiness details', () => {
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

  it('can set the complaint and bounce rates at which a series is paused', () => {
    const limitsOf = (env: Parameters<typeof readConfig>[0]) => readConfig(env).mail.guardLimits
    const DEFAULT = { complaints: { warn: 0.001, pause: 0.003 }, bounces: 0.05 }
    expect(limitsOf({})).toEqual(DEFAULT)
    expect(limitsOf({ COMPLAINT_RATE: '0.1%, 0.3 %', BOUNCE_RATE: '5%' })).toEqual(DEFAULT)
    expect(limitsOf({ COMPLAINT_RATE: 'off', BOUNCE_RATE: 'OFF' })).toEqual({
      complaints: null,
      bounces: null,
    })
    for (const given of ['0.3', '0.3, 0.1', '0, 1', '1, 2, 3', '-1, 2', '200, 300', '1 2'])
      expect(faultsOf({ COMPLAINT_RATE: given }), given).toEqual([
        expect.stringMatching(/^COMPLAINT_RATE: cannot use ".*"; use percent at which/),
      ])
    for (const given of ['0', '100.5', 'many', '5, 6'])
      expect(faultsOf({ BOUNCE_RATE: given }), given).toEqual([
        expect.stringMatching(/^BOUNCE_RATE: cannot use ".*"; use percent above which/),
      ])
    expect(readConfig({ OPERATOR_EMAIL: 'Me@Example.com' }).mail.operatorEmail).toMatch(/@/)
    expect(faultsOf({ OPERATOR_EMAIL: 'nobody' })).toEqual([
      expect.stringMatching(/^OPERATOR_EMAIL: must be an address/),
    ])
  })

  it('has guessable secret keys told apart from random ones', () => {
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

  it('can have several secret keys, newest first', () => {
    const SECRET_KEY = ' newer-key-newer-key , older-key-older-key ,'
    expect(readConfig({ SECRET_KEY }).secretKeys).toEqual([
      'newer-key-newer-key',
      'older-key-older-key',
    ])
    expect(faultsOf({ SECRET_KEY: 'newer-key-newer-key,short' })).toEqual([
      expect.stringMatching(/^SECRET_KEY: too short/),
    ])
  })

  it('has an absolute data directory', () => {
    expect(readConfig({ DATA_DIR: '/var/lib/dawnpost' }).dataDir).toBe('/var/lib/dawnpost')
    expect(isAbsolute(readConfig({ DATA_DIR: 'elsewhere' }).dataDir)).toBe(true)
  })

  it('is marked when it sends real mail without the legally required postal address', () => {
    const SMTP_URL = 'smtp://localhost'
    expect(readConfig({ SMTP_URL }).mail.postalAddressMissing).toBe(true)
    expect(readConfig({ SMTP_URL, POSTAL_ADDRESS: '1 Test Lane' }).mail.postalAddressMissing).toBe(
      false,
    )
  })

  it('has mail with outcome unknown sent again unless it is to be held', () => {
    expect(readConfig({}).mail.unknown).toBe('resend')
    expect(readConfig({ UNKNOWN_DELIVERIES: 'hold' }).mail.unknown).toBe('hold')
    expect(faultsOf({ UNKNOWN_DELIVERIES: 'drop' })).toEqual([
      'UNKNOWN_DELIVERIES: cannot use "drop"; use one of resend, hold',
    ])
  })

  it('can set its own retry schedule', () => {
    expect(readConfig({}).mail.retryMinutes).toEqual([5, 30, 60, 120, 240])
    expect(readConfig({ RETRY_MINUTES: '30, 60' }).mail.retryMinutes).toEqual([30, 60])
    for (const given of ['0,30', '5,', 'soon', '5,1441']) {
      expect(faultsOf({ RETRY_MINUTES: given })).toEqual([
        `RETRY_MINUTES: cannot use "${given}"; use minutes from 1 to 1440, like 5,30,60,120,240`,
      ])
    }
  })

  it('can limit the mail to a provider, by name or for all others', () => {
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

  it('can name several SMTP servers', () => {
    const env = {
      ...PRODUCTION,
      SMTP_URL: 'smtp://ada:hush@one.example',
      SMTP_URL_2: 'smtps://two.example',
    }
    const names = readConfig(env).mail.servers?.map(({ name }) => name)
    expect(names).toEqual(['one.example:587', 'two.example:465'])
  })
})
