import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { sql } from 'kysely'
import type pg from 'pg'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { type Embedded, openEmbedded } from '../../src/store/postgres/embedded.ts'
import { type Database, openDatabase } from '../../src/store/postgres/sql.ts'
import { DAILY, folder } from '../content/folder.ts'
import { article } from '../support/articles.ts'
import { letters } from '../support/letters.ts'
import {
  command,
  type Folder,
  isPlain,
  launch,
  openFolder,
  openSiteFolder,
  run,
  type Said,
} from '../support/program.ts'
import { until } from '../support/wait.ts'

interface Line {
  readonly series: string
  readonly kind: string
  readonly day: number | null
  readonly companion: string | null
  readonly local: string
  readonly utc: string
  readonly subject: string
  readonly messageId: string
}

/** A daily that loads, although neither of its texts can be rendered as a mail. */
const UNMAILABLE = {
  ...DAILY,
  'd/01-january.md': '## First\n{{#if firstName}}Some text.\n\n## Second\nMore text.{{/if}}\n',
}

const ASKED = [
  'simulate',
  '--course',
  'inner-wisdom',
  '--zone',
  'Europe/Berlin',
  '--start',
  '2027-03-20',
]

describe('a simulation of forty days', () => {
  let own: Folder
  let postgres: Embedded
  let server: Database
  let site: pg.PoolClient
  let ended: Said
  let lines: Line[]

  beforeAll(async () => {
    own = await openSiteFolder()
    postgres = await openEmbedded(own.path, {
      settings: ['fsync=off', 'synchronous_commit=off'],
    })
    server = await openDatabase(postgres.url, () => {})
    // A client that stays connected, as a site does and an idle pool does not: the simulation
    // leaves the server running for it.
    site = await server.pool.connect()
    ended = await command([...ASKED, '--days', '40', '--json'], { DATA_DIR: own.path })
    lines = ended.stdout
      .split('\n')
      .filter(Boolean)
      .map((line): Line => JSON.parse(line))
  })
  afterAll(async () => {
    site?.release()
    await server?.close()
    await postgres?.close()
    await own?.[Symbol.asyncDispose]()
  })

  const of = (kind: string) => lines.filter((line) => line.kind === kind)

  it('succeeds, with only JSON lines on stdout and nothing on stderr', () => {
    expect([ended.code, ended.stderr]).toEqual([0, ''])
    expect(ended.stdout.endsWith('}\n')).toBe(true)
    for (const line of lines) {
      expect(Object.keys(line)).toEqual([
        'series',
        'kind',
        'day',
        'companion',
        'local',
        'utc',
        'subject',
        'messageId',
      ])
    }
  })

  it('sends thirty lessons, one per local date, at seven across the change to summer time', () => {
    const first = Temporal.PlainDate.from('2027-03-20')
    expect(of('lesson').map(({ day, local }) => `${day} ${local}`)).toEqual(
      Array.from({ length: 30 }, (_, index) => `${index + 1} ${first.add({ days: index })}T07:00`),
    )
    const utc = (date: string) => of('lesson').find(({ local }) => local.startsWith(date))?.utc
    expect(utc('2027-03-27')).toBe('2027-03-27T06:00:00Z')
    expect(utc('2027-03-28')).toBe('2027-03-28T05:00:00Z')
  })

  it('sends forty inspirations, a welcome, a completion and a confirmation request', () => {
    const merged = of('lesson').filter(({ companion }) => companion === 'daily-inspiration')
    expect([merged.length, of('inspiration').length]).toEqual([30, 10])
    const dates = [...merged, ...of('inspiration')].map(({ local }) => local.slice(0, 10))
    expect(new Set(dates).size).toBe(40)
    expect(new Set(of('inspiration').map(({ subject }) => subject)).size).toBe(10)
    expect(['welcome', 'completion', 'confirm'].map((kind) => of(kind).length)).toEqual([1, 1, 1])
    expect(of('completion')[0]?.local).toBe('2027-04-19T07:00')
    expect(lines).toHaveLength(43)
  })

  it('lists mails in the order they are sent, each with its own Message-ID', () => {
    expect(lines.map(({ utc }) => utc)).toEqual(lines.map(({ utc }) => utc).sort())
    expect(new Set(lines.map(({ messageId }) => messageId)).size).toBe(lines.length)
  })

  it('leaves no database behind, and no subscriber in the existing one', async () => {
    const { rows } = await sql<{ datname: string }>`select datname from pg_database`.execute(
      server.db,
    )
    expect(rows.filter(({ datname }) => datname.includes('scratch'))).toEqual([])
    const people = await sql<{ id: string }>`select id from subscribers`.execute(server.db)
    expect(people.rows).toEqual([])
  })
})

describe('a simulation', () => {
  it('of an unknown course lists the available ones before it needs a database', async () => {
    const { code, stdout, stderr } = await command(['simulate', '--course', 'nothing', '--json'], {
      DATABASE_URL: 'postgres://127.0.0.1:1/none',
    })
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toBe(
      'There is no course "nothing". Choose one of: daily-inspiration, genau-hinsehen, inner-wisdom, looking-closely, reading-letter.\n',
    )
  })

  it('of a course for weekdays sends only on them, and completes on the next one', async () => {
    // 20 March 2027 is a Saturday.
    const args = [
      'simulate',
      '--course',
      'looking-closely',
      '--start',
      '2027-03-20',
      '--no-daily',
      '--json',
    ]
    const { code, stdout } = await command(args, { DATABASE_URL: inject('databaseUrl') })
    expect(code).toBe(0)
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map((line): Line => JSON.parse(line))
    expect(lines.map(({ kind, day, local }) => `${kind} ${day ?? ''} ${local}`)).toEqual([
      'confirm  2027-03-20T00:00',
      'welcome  2027-03-20T00:00',
      ...[1, 2, 3, 4, 5].map((day) => `lesson ${day} 2027-03-${21 + day}T07:00`),
      'completion  2027-03-29T07:00',
    ])
  })

  it('of a letter lists the articles published meanwhile, even if a daily cannot be rendered', async () => {
    await using site = await folder({
      'dawnpost.yaml': 'name: Mornings\n',
      ...Object.fromEntries(
        Object.entries(letters()).map(([name, text]) => [`courses/${name}`, text]),
      ),
      ...Object.fromEntries(
        Object.entries(UNMAILABLE).map(([name, text]) => [`courses/${name}`, text]),
      ),
      'articles/old.md': article({ title: 'Long there' }),
      'articles/one.md': article({ title: 'On the day', publish: '2027-03-22' }),
      'articles/two.md': article({ title: 'And another', publish: '2027-03-22' }),
      'articles/far.md': article({ title: 'Too late', publish: '2027-05-01' }),
    })
    const args = ['simulate', '--course', 'l', '--start', '2027-03-20', '--days', '10', '--json']
    const settings = { DATABASE_URL: inject('databaseUrl') }
    const { code, stdout } = await command([...args, '--no-daily', '--site', site.path], settings)
    expect(code).toBe(0)
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map((line): Line => JSON.parse(line))
    const [letter, ...more] = lines.filter(({ kind }) => kind === 'letter')
    expect(more).toEqual([])
    expect([letter?.local, letter?.subject]).toEqual([
      '2027-03-22T07:00',
      expect.stringMatching(/^(On the day|And another), and one more$/),
    ])
  })

  it('without a database prints a readable calendar, and leaves no process and no file', async () => {
    await using folder = await openFolder()
    const args = [...ASKED, '--days', '3', '--no-daily', '--weekdays', '1,2,3,4,5']
    const settings = {
      DATA_DIR: join(folder.path, 'none'),
      TMPDIR: folder.path,
      // Otherwise it would cache the compiled program in TMPDIR.
      NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? '',
    }
    const { code, stdout, stderr } = await run(args, settings)
    expect(code).toBe(0)
    expect(isPlain(stderr)).toBe(true)
    const [head, ...rows] = stdout.trimEnd().split('\n')
    expect(head).toMatch(/^ +day {2}kind +local time +UTC +subject +Message-ID$/)
    // 20 March 2027 is a Saturday: of the first three days only Monday has a lesson.
    expect(
      rows.map((row) =>
        row
          .trim()
          .split(/\s{2,}/)
          .slice(0, 3)
          .join(' '),
      ),
    ).toEqual([
      'confirm 2027-03-20T00:00 2027-03-19T23:00:00Z',
      'welcome 2027-03-20T00:00 2027-03-19T23:00:00Z',
      '1 lesson 2027-03-22T07:00',
    ])
    await folder.empty()
    expect(await readdir(folder.path)).toEqual([])
  })

  it('that is interrupted leaves no process either, and only JSON lines on stdout', async () => {
    await using folder = await openSiteFolder()
    await using program = launch(['simulate', '--days', '3000', '--json'], {
      DATA_DIR: folder.path,
    })
    await until('its first mails', () => program.stdout().includes('\n'), 50)
    program.kill('SIGINT')
    const { code, stdout, stderr } = await program.ended
    expect([code, stderr]).toEqual([1, 'Interrupted. The temporary database has been removed.\n'])
    for (const line of stdout.trimEnd().split('\n')) expect(JSON.parse(line)).toHaveProperty('utc')
    await folder.empty()
  })
})
