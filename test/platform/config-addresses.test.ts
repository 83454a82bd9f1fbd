import { describe, expect, it } from 'vitest'
import { type Env, readConfig } from '../../src/platform/config.ts'
import { faultsOf, PRODUCTION } from './environment.ts'

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
  ])('may contain any password: %s', (url, pass) => {
    expect(server(url)).toMatchObject({ host: 'relay.example', auth: { user: 'ada', pass } })
  })

  it.each([
    ['smtp://ada@example.com:hu%23sh@relay.example', 'ada@example.com', 'hu#sh'],
    ['smtp://ada%40example.com:hush@relay.example', 'ada@example.com', 'hush'],
  ])('may have an email address as its user: %s', (url, user, pass) => {
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

describe('a database or Redis address', () => {
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
  ])('means by %s what libpq means', (given, taken) => {
    const DATABASE_URL = 'postgres://ada:hush@db.example/dawnpost'
    expect(readConfig({ DATABASE_URL: DATABASE_URL + given }).databaseUrl).toBe(
      DATABASE_URL + taken,
    )
  })

  it('that cannot be read is reported with how to encode its password', () => {
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
