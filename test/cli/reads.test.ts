/** Commands that need an existing database never create one. */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, inject, it } from 'vitest'
import { createScratch } from '../../src/store/postgres/scratch.ts'
import { openDatabase } from '../../src/store/postgres/sql.ts'
import { command, openFolder, run } from '../support/program.ts'

const ADDRESS = 'ada@example.com'

const READS = [
  ['status'],
  ['clicks', 'inner-wisdom'],
  ['export', ADDRESS],
  ['erase', ADDRESS],
  ['unsubscribe', ADDRESS],
  ['mails', ADDRESS],
  ['comments', 'list'],
  ['comments', 'block', ADDRESS],
  ['unknown'],
  ['unknown', '--resend'],
  ['servers'],
  ['diff'],
  ['backup', 'site.backup'],
  ['resume-from-backup'],
  ['send-test', 'inner-wisdom', '1', '--to', ADDRESS],
]
const nothingIn = (folder: string) =>
  `There is no database in DATA_DIR ${folder}. Set the DATA_DIR or the DATABASE_URL of your site, or run "npm start" once to create one.`

describe('where there is no database', () => {
  it.each(READS)(
    '%s %s says where it looked and what to do, and creates nothing',
    async (...args) => {
      await using folder = await openFolder()
      const DATA_DIR = join(folder.path, 'none')
      const ended = await command(args, { DATA_DIR })
      expect(ended).toEqual({ code: 1, stdout: '', stderr: `${nothingIn(DATA_DIR)}\n` })
      expect(await readdir(folder.path)).toEqual([])
    },
  )

  it('a process exits with 1 and prints only that sentence', async () => {
    await using folder = await openFolder()
    const ended = await run(['status'], { DATA_DIR: folder.path })
    expect(ended).toMatchObject({ code: 1, stdout: '', stderr: `${nothingIn(folder.path)}\n` })
    expect(await readdir(folder.path)).toEqual([])
  })
})

describe('where the database of DATABASE_URL is empty', () => {
  const key = { SECRET_KEY: 'a key for tests and for nothing else' }

  it('status says so, and leaves it empty', async () => {
    await using folder = await openFolder()
    const scratch = await createScratch(inject('databaseUrl'))
    try {
      const settings = { DATABASE_URL: scratch.url, DATA_DIR: join(folder.path, 'none'), ...key }
      const asked = await command(['status'], settings)
      expect(asked).toMatchObject({ code: 1, stdout: '' })
      expect(asked.stderr).toMatch(
        /^The database at 127\.0\.0\.1:\d+\/dawnpost_scratch_\w+ is empty. Set /,
      )
      const database = await openDatabase(scratch.url, () => {})
      const { rows } = await database.pool.query(
        `select from pg_tables where schemaname = 'public'`,
      )
      await database.close()
      expect(rows).toEqual([])
      expect(await readdir(folder.path)).toEqual([])
    } finally {
      await scratch.drop()
    }
  })

  it('status asks for the secret key of the site and creates none', async () => {
    await using folder = await openFolder()
    const scratch = await createScratch(inject('databaseUrl'), {
      template: inject('templates').bare,
    })
    try {
      const DATA_DIR = join(folder.path, 'none')
      const asked = await command(['status'], { DATABASE_URL: scratch.url, DATA_DIR })
      expect(asked.code).toBe(1)
      expect(asked.stderr).toContain(
        `There is no secret.key in DATA_DIR ${DATA_DIR}. Set the DATA_DIR or the SECRET_KEY of your site.`,
      )
      expect(await readdir(folder.path)).toEqual([])
    } finally {
      await scratch.drop()
    }
  })
})
