import { readdir } from 'node:fs/promises'
import { networkInterfaces } from 'node:os'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isAlive } from '../../src/platform/is-alive.ts'
import { freePort } from '../support/free-port.ts'
import {
  command as commandHere,
  type Folder,
  isPlain,
  openFolder,
  openSiteFolder,
  type Program,
  run,
  started,
} from '../support/program.ts'
import { until } from '../support/wait.ts'

describe('dawnpost start', () => {
  let folder: Folder
  let program: Program
  let settings: { DATA_DIR: string; PORT: string }
  let url: string

  beforeAll(async () => {
    folder = await openSiteFolder()
    settings = { DATA_DIR: folder.path, PORT: String(await freePort()) }
    url = `http://127.0.0.1:${settings.PORT}`
    program = await started(['start'], settings)
  })
  afterAll(async () => {
    await program?.[Symbol.asyncDispose]()
    await folder?.[Symbol.asyncDispose]()
  })

  const command = (...args: string[]) => commandHere(args, settings)
  const page = async (path: string) => (await fetch(url + path)).text()

  it('shows in its banner where everything is', () => {
    const banner = program.stdout()
    expect(banner).toContain('Dawnpost is up.')
    expect(banner).toContain(`Site      http://localhost:${settings.PORT}\n`)
    expect(banner).toContain(`Outbox    http://localhost:${settings.PORT}/outbox\n`)
    expect(banner).toContain(`Database  embedded PostgreSQL in ${folder.path}`)
    expect(banner).toContain('Queue     BullMQ on the same PostgreSQL')
    expect(banner).toContain('Mail      caught in the outbox')
  })

  it('answers as healthy and ready, and shows its pages', async () => {
    expect(await page('/healthz')).toBe('ok')
    expect(await (await fetch(`${url}/readyz`)).json()).toMatchObject({ ready: true, unknown: 0 })
    expect(await page('/')).toContain('Unlocking Your Inner Wisdom')
  })

  it('listens on this machine only, since the sandbox shows all mail', async () => {
    const others = Object.values(networkInterfaces())
      .flatMap((found) => found ?? [])
      .filter(({ family, internal }) => family === 'IPv4' && !internal)
    for (const { address } of others)
      await expect(fetch(`http://${address}:${settings.PORT}/healthz`), address).rejects.toThrow()
  })

  it('logs to stderr, one JSON object per line', () => {
    const lines = program.stderr().trim().split('\n')
    for (const line of lines) expect(JSON.parse(line)).toMatchObject({ level: expect.anything() })
    expect(program.stdout()).not.toContain('{"level"')
  })

  it('leaves the database up to date for migrate', async () => {
    const { code, stdout } = await command('migrate')
    expect([code, stdout]).toEqual([0, 'The database is up to date.\n'])
  })

  it('sends the mails that enroll causes, with and without a confirmation', async () => {
    const asked = await command(
      'enroll',
      'ada@example.com',
      '--time',
      '06:45',
      '--zone',
      'Europe/Berlin',
    )
    expect([asked.code, asked.stdout]).toEqual([
      0,
      'A confirmation email is on its way, if there is anything to confirm.\n',
    ])
    const confirmed = await command(
      'enroll',
      'bob@example.com',
      '--name',
      'Bob',
      '--confirmed',
      'a list on paper',
    )
    expect([confirmed.code, confirmed.stdout]).toEqual([
      0,
      'Unlocking Your Inner Wisdom is confirmed for this address.\n',
    ])
    await until('both mails in the outbox', async () => {
      const outbox = await page('/outbox')
      return outbox.includes('ada@example.com') && outbox.includes('welcome')
    })
    expect(await page('/outbox')).toContain('Please confirm your address')
  })

  it('has its counts shown by status', async () => {
    const { code, stdout } = await command('status', '--json')
    expect(code).toBe(0)
    expect(stdout.trim().split('\n')).toHaveLength(1)
    expect(JSON.parse(stdout)).toMatchObject({
      now: expect.stringMatching(/^\d{4}-.*Z$/),
      enrollments: { pending: 1, active: 1 },
      ready: 0,
      nextDueAt: expect.stringMatching(/T07:00:00Z$/),
      queued: 0,
    })
    const words = await command('status')
    expect(words.stdout).toMatch(/^Enrollments {2}.*1 active/m)
  })

  it('stops the mail of a course that unsubscribe ends', async () => {
    const { code, stdout } = await command(
      'unsubscribe',
      'bob@example.com',
      '--course',
      'inner-wisdom',
    )
    expect([code, stdout]).toEqual([0, 'Unsubscribed from inner-wisdom.\n'])
    const status = JSON.parse((await command('status', '--json')).stdout)
    expect(status).toMatchObject({ enrollments: { pending: 1, left: 1 }, nextDueAt: null })
    const nobody = await command('unsubscribe', 'nobody@example.com')
    expect([nobody.code, nobody.stdout]).toEqual([1, ''])
    expect(nobody.stderr).toBe('This address is not enrolled, or not in that series.\n')
  })

  it('exports and erases the data of a person', async () => {
    const { code, stdout } = await command('export', 'bob@example.com')
    expect([code, JSON.parse(stdout)]).toMatchObject([
      0,
      { person: { address: 'bob@example.com' } },
    ])
    expect((await command('erase', 'bob@example.com')).code).toBe(0)
    const gone = await command('export', 'bob@example.com')
    expect([gone.code, gone.stderr]).toEqual([1, 'There is no subscriber with this address.\n'])
    const back = await command('enroll', 'bob@example.com', '--confirmed', 'a list')
    expect([back.code, back.stderr]).toEqual([
      1,
      expect.stringContaining('This address is on the suppression list'),
    ])
  })

  it('enrolls for the weekdays of the course, unless others are given', async () => {
    const course = ['--course', 'looking-closely', '--confirmed', 'a list']
    const weekdaysOf = async (address: string, ...options: string[]) => {
      await command('enroll', address, ...course, ...options)
      const { stdout } = await command('export', address)
      return JSON.parse(stdout).enrollments[0].rhythm.weekdays
    }
    expect(await weekdaysOf('week@example.com')).toEqual([1, 2, 3, 4, 5])
    expect(await weekdaysOf('sunday@example.com', '--weekdays', '7')).toEqual([7])
  })

  it('refuses an unknown course', async () => {
    const { code, stderr } = await command('enroll', 'ada@example.com', '--course', 'nothing')
    expect([code, stderr]).toEqual([2, 'There is no course "nothing".\n'])
  })

  it('keeps its database when another program on the same folder comes and goes', async () => {
    const postmaster = await folder.postmaster()
    await using other = await started(['web'], { ...settings, PORT: String(await freePort()) })
    other.kill('SIGTERM')
    expect((await other.ended).code).toBe(0)
    expect(await folder.postmaster()).toBe(postmaster)
    expect(await page('/healthz')).toBe('ok')
    expect((await fetch(`${url}/readyz`)).status).toBe(200)
  })

  it('keeps its port: another start says so in one line, and leaves nothing behind', async () => {
    await using elsewhere = await openFolder()
    const { code, stdout, stderr } = await run(['start'], { ...settings, DATA_DIR: elsewhere.path })
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toBe(
      `Port ${settings.PORT} is in use. Stop the program that uses it, or choose another: PORT=3001 npm start\n`,
    )
    await elsewhere.empty()
    expect(await readdir(elsewhere.path), 'a database was begun').toEqual([])
    expect(await page('/healthz')).toBe('ok')
  })

  // Must come last: it stops the program that the tests above use.
  it('exits with 0 on SIGTERM, even with a browser at the outbox, and leaves nothing running', async () => {
    const postmaster = (await folder.postmaster()) ?? 0
    expect(isAlive(postmaster)).toBe(true)
    const events = await fetch(`${url}/outbox/events`)
    const reading = events.text().catch(() => 'cut off')
    program.kill('SIGTERM')
    const { code, signal, stderr } = await program.ended
    await reading
    expect([code, signal]).toEqual([0, null])
    expect(isPlain(stderr)).toBe(true)
    await folder.empty()
    await until('PostgreSQL to be gone', () => !isAlive(postmaster))
    await expect(fetch(`${url}/healthz`)).rejects.toThrow()
  })
})
