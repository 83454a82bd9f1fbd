/** The doctor on a broken setup: it says so in plain words, within its time limit. */
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import type { DoctorFinding } from '../../src/domain/doctor/finding.ts'
import { openDns } from '../support/dns.ts'
import { command, isPlain } from '../support/program.ts'
import { scratchOf } from '../support/scratch.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dawnpost-doctor-'))
})
afterAll(() => rm(folder, { recursive: true }))

const SECRET = 'hunter2-and-more-of-it'

async function doctor(env: Record<string, string>, ...args: string[]) {
  const said = await command(['doctor', ...args], { DATA_DIR: join(folder, 'data'), ...env })
  expect(said.stderr).toBe('')
  expect(isPlain(said.stdout)).toBe(true)
  expect(said.stdout).not.toContain(SECRET)
  return said
}

async function findings(env: Record<string, string>, ...args: string[]) {
  const { code, stdout } = await doctor(env, '--json', ...args)
  const all: readonly DoctorFinding[] = JSON.parse(stdout).findings
  const of = (id: string) => all.find((one) => one.id === id)
  return { code, all, of, ids: all.map(({ id, severity }) => `${severity} ${id}`) }
}

/** Accepts connections and never answers. */
async function openMute() {
  const server = createServer((socket) => socket.on('error', () => {}).resume())
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => void server.close(),
  }
}

it('a site without settings has no errors or warnings, and nothing is created', async () => {
  const { code, ids } = await findings({})
  expect(code).toBe(0)
  expect(ids).toContain('info configuration.sandbox')
  expect(ids).toContain('info database.none')
  expect(ids.filter((one) => /^(warning|error)/.test(one))).toEqual([])
  await expect(rm(join(folder, 'data'))).rejects.toThrow(/ENOENT/)
})

it('each unreachable service is reported, without any secret', async () => {
  await using dns = await openDns()
  const { code, of } = await findings(
    {
      SMTP_URL: `smtp://ada:${SECRET}@127.0.0.1:1`,
      DATABASE_URL: `postgres://ada:${SECRET}@127.0.0.1:1/dawnpost`,
      REDIS_URL: `redis://:${SECRET}@127.0.0.1:1`,
      PUBLIC_URL: 'https://courses.example.org',
      MAIL_FROM: 'morning@example.org',
      SECRET_KEY: SECRET,
    },
    '--resolver',
    dns.address,
  )
  expect(code).toBe(1)
  expect(of('database.unavailable')?.what).toMatch(/127\.0\.0\.1:1\/dawnpost cannot be reached/)
  expect(of('queue.unreachable')?.what).toMatch(/ECONNREFUSED/)
  expect(of('smtp.connection.failed')?.what).toMatch(/127\.0\.0\.1:1 cannot be used/)
  expect(of('web.name.missing')?.records).toMatchObject([{ name: 'courses.example.org.' }])
  expect(of('dns.spf.missing')?.records).toMatchObject([
    { name: 'example.org.', value: 'v=spf1 a:courses.example.org ~all' },
  ])
})

it('services that never answer are reported as unavailable or unchecked', async () => {
  await using mute = await openMute()
  await using dns = await openDns()
  for (const name of ['example.org', '_dmarc.example.org', 'courses.example.org'])
    dns.fail(name, 'silent')
  const { code, ids, all } = await findings(
    {
      SMTP_URL: `smtp://${mute.host}`,
      DATABASE_URL: `postgres://ada@${mute.host}/dawnpost`,
      REDIS_URL: `redis://${mute.host}`,
      PUBLIC_URL: 'https://courses.example.org',
      MAIL_FROM: 'morning@example.org',
      POSTAL_ADDRESS: '1 Test Lane, Testville',
    },
    '--resolver',
    dns.address,
  )
  expect(code).toBe(1)
  expect(ids).toEqual(
    expect.arrayContaining([
      'error database.unavailable',
      'error queue.unreachable',
      'error smtp.connection.failed',
      'warning dns.unchecked',
      'warning web.unchecked',
    ]),
  )
  expect(all.find(({ id }) => id === 'dns.unchecked')?.what).toMatch(
    /could not be checked: no DNS server answers in time/,
  )
})

it('faulty settings are findings, and the valid ones are still used', async () => {
  const keyFile = join(folder, 'no-key.pem')
  await writeFile(keyFile, 'no key')
  await using dns = await openDns({ name: 'example.org', type: 'TXT', value: 'v=spf1 -all' })
  const { code, all, of, ids } = await findings(
    {
      NODE_ENV: 'production',
      PORT: 'x',
      SECRET_KEY: 'short',
      SMTP_URL: `smtp://127.0.0.1:1?dkimDomain=example.org&dkimSelector=a&dkimKey=${keyFile}`,
      MAIL_FROM: 'no-reply@example.org',
      BOUNCE: 'x',
    },
    '--resolver',
    dns.address,
    '--only',
    'configuration,dns',
  )
  expect(code).toBe(1)
  const faulty = all.filter(({ id }) => id === 'configuration.fault').map(({ subject }) => subject)
  expect(faulty.toSorted()).toEqual(['PORT', 'POSTAL_ADDRESS', 'PUBLIC_URL', 'SECRET_KEY'])
  expect(of('configuration.dkim-key')?.subject).toBe(keyFile)
  expect(ids).toContain('warning configuration.no-reply')
  expect(ids).toContain('ok dns.spf.ok')
  expect(ids.every((one) => /^\w+ (configuration|dns)\./.test(one))).toBe(true)
})

describe('on a database', () => {
  it('checks the clock, the time zones, the queue and the due mail', async () => {
    const scratch = await scratchOf(inject('templates').live)
    try {
      const env = { DATABASE_URL: scratch.url, REDIS_URL: inject('redisUrl') }
      const { code, ids } = await findings(env, '--only', 'database,mail,queue')
      expect(code).toBe(0)
      expect(ids).toEqual([
        'ok database.connection.ok',
        'ok database.clock.ok',
        'ok database.zones.ok',
        // The suite's server has autovacuum off, to be fast.
        'warning database.bloat',
        'ok queue.connection.ok',
        'info queue.aof',
        'ok mail.ok',
      ])
    } finally {
      await scratch.drop()
    }
  })

  it('reports only that it is empty', async () => {
    const scratch = await scratchOf('template0')
    try {
      const env = { DATABASE_URL: scratch.url }
      const { code, ids } = await findings(env, '--only', 'database,mail')
      expect([code, ids]).toEqual([0, ['info database.none']])
    } finally {
      await scratch.drop()
    }
  })
})

it.each([
  ['--only', 'dns,weather', /weather cannot be used/],
  ['--sending-ip', 'example.org', /use an address like/],
  ['--resolver', 'dns.example', /dns\.example cannot be used/],
  ['--resolver', '127.0.0.1:99999', /99999 cannot be used/],
])('%s %s is refused', async (option, value, words) => {
  const { code, stdout, stderr } = await command(['doctor', option, value])
  expect([code, stdout]).toEqual([2, ''])
  expect(stderr).toMatch(words)
})
