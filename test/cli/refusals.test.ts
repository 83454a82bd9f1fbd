import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { createScratch } from '../../src/store/postgres/scratch.ts'
import { freePort } from '../support/free-port.ts'
import { command, type Folder, isPlain, openFolder, run, type Said } from '../support/program.ts'

describe('a start that fails', () => {
  let folder: Folder
  beforeAll(async () => {
    folder = await openFolder()
  })
  afterAll(() => folder[Symbol.asyncDispose]())

  const all = async (settings: Record<string, string>) => ({
    DATA_DIR: folder.path,
    PORT: String(await freePort()),
    ...settings,
  })
  const start = async (settings: Record<string, string>, ...args: string[]) =>
    command(args.length > 0 ? args : ['start'], await all(settings))

  /** Exit code 1, one line with all of these parts, no stack trace, and nothing left running. */
  async function isRefused(settings: Record<string, string>, ...parts: string[]) {
    isTold(await start(settings), ...parts)
    await folder.empty()
  }
  function isTold({ code, stdout, stderr }: Said, ...parts: string[]) {
    expect([code, stdout]).toEqual([1, ''])
    expect(isPlain(stderr), stderr).toBe(true)
    expect(stderr.trim().split('\n'), stderr).toHaveLength(1)
    for (const part of parts) expect(stderr).toContain(part)
    expect(stderr.trim(), 'the cause is missing').not.toMatch(/: \.$/)
  }

  it('for a DATA_DIR that cannot be written says which and why', async () => {
    const file = join(folder.path, 'a-file')
    await writeFile(file, '')
    await isRefused({ DATA_DIR: file }, `DATA_DIR ${file} cannot be written`)
    await isRefused({ DATA_DIR: join(file, 'below') }, 'cannot be written')
  })

  it('in a process of its own exits with one sentence and leaves nothing running', async () => {
    const settings = await all({ REDIS_URL: `redis://127.0.0.1:${await freePort()}` })
    isTold(await run(['start'], settings), 'cannot be reached')
    await folder.empty()
  })

  it('for a DATA_DIR that is a file says so even with a DATABASE_URL', async () => {
    const file = join(folder.path, 'another-file')
    await writeFile(file, '')
    await isRefused({ DATA_DIR: file, DATABASE_URL: inject('databaseUrl') }, 'cannot be written')
  })

  it.each(['127.0.0.1', 'localhost'])(
    'for a database at %s that refuses connections says where and why',
    async (host) => {
      const port = await freePort()
      await isRefused(
        { DATABASE_URL: `postgres://ada:secret@${host}:${port}/dawnpost` },
        `The database at ${host}:${port}/dawnpost cannot be reached`,
        'ECONNREFUSED',
      )
    },
  )

  it('for a wrong password says so and does not show it', async () => {
    const url = new URL(inject('databaseUrl'))
    url.password = 'not-the-password'
    const { code, stderr } = await start({ DATABASE_URL: url.href })
    expect(code).toBe(1)
    expect(stderr).toContain('password authentication failed')
    expect(stderr).not.toContain('not-the-password')
    expect(isPlain(stderr)).toBe(true)
  })

  it.each(['127.0.0.1', 'localhost'])(
    'for a Redis at %s that refuses connections says where and why',
    async (host) => {
      const port = await freePort()
      await isRefused(
        { REDIS_URL: `redis://:secret@${host}:${port}` },
        `Redis at ${host}:${port} cannot be reached`,
        'ECONNREFUSED',
      )
    },
  )

  it('for a database whose links are signed with another key says what to set', async () => {
    const scratch = await createScratch(inject('databaseUrl'))
    try {
      const shared = { DATABASE_URL: scratch.url }
      const at = (name: string) => ({ ...shared, DATA_DIR: join(folder.path, name) })
      const migrated = await start(at('one'), 'migrate')
      expect(migrated.code, migrated.stderr).toBe(0)
      await isRefused(
        at('two'),
        'signed with another key',
        'the same SECRET_KEY, or the same DATA_DIR',
      )
      expect((await start(at('one'), 'status')).code).toBe(0)
    } finally {
      await scratch.drop()
    }
  })

  it('for invalid settings names every fault at once', async () => {
    const { code, stdout, stderr } = await start({
      PORT: '70000',
      DATABASE_URL: 'mysql://localhost/x',
      REDIS_URL: 'localhost:6379',
      SMTP_URL: 'http://localhost',
      PUBLIC_URL: 'courses.example',
      MAIL_FROM: 'nobody',
      SECRET_KEY: 'short',
      LOG_LEVEL: 'loud',
      TRUST_PROXY: 'yes',
    })
    expect([code, stdout]).toEqual([1, ''])
    const [head, ...faults] = stderr.trim().split('\n')
    expect(head).toBe('Dawnpost cannot start with these settings:')
    const names = faults.map((line) => /^ {2}([A-Z_]+): \S/.exec(line)?.[1])
    expect(names.sort()).toEqual(
      [
        'PORT',
        'DATABASE_URL',
        'REDIS_URL',
        'SMTP_URL',
        'PUBLIC_URL',
        'MAIL_FROM',
        'SECRET_KEY',
        'LOG_LEVEL',
        'TRUST_PROXY',
      ].sort(),
    )
    expect(stderr).not.toContain('short\n')
    await folder.empty()
  })

  it('in production asks for the settings that the law and the links require', async () => {
    const { code, stderr } = await start({ NODE_ENV: 'production' })
    expect(code).toBe(1)
    for (const name of ['SECRET_KEY', 'POSTAL_ADDRESS', 'PUBLIC_URL'])
      expect(stderr).toMatch(new RegExp(`^ {2}${name}: missing; `, 'm'))
  })

  it.each([['status'], ['migrate'], ['web'], ['worker']])(
    'of %s is refused in the same way',
    async (name) => {
      const port = await freePort()
      const { code, stderr } = await start(
        { DATABASE_URL: `postgres://127.0.0.1:${port}/dawnpost` },
        name,
      )
      expect(code).toBe(1)
      expect(stderr.trim().split('\n')).toHaveLength(1)
      expect(stderr).toContain('cannot be reached')
    },
  )
})
