/**
 * A backup from before a morning is restored after it: what the database no longer knows of was
 * sent nevertheless.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest'
import { backUp, restore } from '../../../src/app/backups.ts'
import { openLog } from '../../../src/platform/log.ts'
import type { Scratch } from '../../../src/store/postgres/scratch.ts'
import {
  type BackendName,
  type EnrollOptions,
  enrolled,
  type TestApp,
  testApp,
} from '../../support/app.ts'
import { ledger } from '../../support/ledger.ts'
import { type Mailbox, openMailbox } from '../../support/mailbox.ts'
import { scratchOf } from '../../support/scratch.ts'

const READERS: readonly EnrollOptions[] = [
  { email: 'ada@example.com' },
  { email: 'bob@example.com', series: ['inner-wisdom'] },
  { email: 'eve@example.com', series: ['daily-inspiration'] },
]
const EVENING = '2027-03-19T18:00:00Z'
const morning = (day: number) => `2027-03-${19 + day}T06:10:00Z`
/** What is due on a morning; Ada's lesson and inspiration are one mail. */
const DUE = [
  { date: '2027-03-20', series: 'daily-inspiration', mails: 2 },
  { date: '2027-03-20', series: 'inner-wisdom', mails: 2 },
]

let folder: string
let mailbox: Mailbox
let first: Scratch
let config: TestApp['app']['config']
let file: string
/** The Message-IDs of what was sent on the three mornings after the backup was made. */
let sent: string[]
const opened: AsyncDisposable[] = []

interface Where {
  readonly backend?: BackendName
  readonly dataDir?: string
}

const open = (
  url: string,
  start: string,
  { backend = 'postgres', dataDir = join(folder, 'none') }: Where = {},
) =>
  testApp({
    start,
    backend,
    through: async () => url,
    env: { SMTP_URL: mailbox.url, DATA_DIR: dataDir },
    // A worker logs errors when its database is replaced beneath it.
    log: openLog('silent'),
  })

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dawnpost-restored-'))
  file = join(folder, 'backup')
  mailbox = await openMailbox()
  first = await scratchOf(inject('templates').live)
  await using test = await open(first.url, EVENING, { backend: 'redis', dataDir: folder })
  config = test.app.config
  for (const reader of READERS) await enrolled(test, reader)
  await test.settle()
  await backUp(config, { file, now: test.clock.now(), log: test.app.log })
  mailbox.received.length = 0
  for (const day of [1, 2, 3]) {
    test.clock.set(morning(day))
    await test.settle()
  }
  sent = names()
  expect([sent.length, new Set(sent).size]).toEqual([9, 9])
})
afterAll(async () => {
  await mailbox?.[Symbol.asyncDispose]()
  await first?.drop()
  await rm(folder, { recursive: true })
})
beforeEach(() => {
  mailbox.received.length = 0
})
afterEach(async () => {
  for (const one of opened.splice(0)) await one[Symbol.asyncDispose]()
})

/**
 * Restores the backup as other tools do, without a note that it was restored; into the same
 * database or a new one.
 */
async function putBack(into: 'the same' | 'another'): Promise<string> {
  const url = into === 'the same' ? first.url : await another('template0')
  await replace(url, file)
  return url
}

async function replace(url: string, file: string): Promise<void> {
  const client = new pg.Client(url)
  await client.connect()
  // The program does not own the schema itself.
  await client.query('drop owned by current_user')
  const terms = { file, now: Temporal.Instant.from(EVENING), log: openLog('silent') }
  await restore({ ...config, databaseUrl: url }, terms)
  await client.query('update lineage set held_since = null, held_from = null')
  await client.end()
}

async function another(template = inject('templates').live): Promise<string> {
  const { url, drop } = await scratchOf(template)
  opened.push({ [Symbol.asyncDispose]: drop })
  return url
}

/** What a worker does, once: it would never finish while nothing may be sent. */
async function work(test: TestApp) {
  const worker = await test.work()
  await worker.tick()
  const rows = await ledger(test)
  await test.app.sender.deliver(rows.map(({ id }) => id))
}

const names = () => mailbox.received.map(({ mail }) => mail.messageId ?? '').sort()

describe.each<[string, 'the same' | 'another', BackendName, boolean]>([
  ['into the same database, as Redis tells', 'the same', 'redis', false],
  ['into the same database, as DATA_DIR tells', 'the same', 'postgres', true],
  ['into another database', 'another', 'postgres', false],
])('a backup that was restored %s', (_, into, backend, kept) => {
  it('is noticed: nothing is sent before an operator has decided', async () => {
    const where = { backend, ...(kept && { dataDir: folder }) }
    await using test = await open(await putBack(into), morning(1), where)
    await work(test)
    expect(names()).toEqual([])
    expect((await test.app.operator.status()).heldSince).toBe(morning(1))
    expect(await test.app.operator.readiness()).toMatchObject({ ready: false, restored: true })
    expect(await test.app.operator.restored.ask(test.app.now())).toMatchObject({
      held: true,
      from: EVENING,
      due: DUE,
    })
  })
})

describe('after a restore', () => {
  it('what is sent a second time has the same Message-IDs as before', async () => {
    await using test = await open(await putBack('another'), morning(1))
    await test.app.operator.restored.send()
    await test.settle()
    expect(names()).toHaveLength(3)
    expect(sent).toEqual(expect.arrayContaining(names()))
    expect(await test.app.operator.readiness()).toMatchObject({ restored: false })
  })

  it('what is counted as sent is never sent, and the next morning’s mail comes as usual', async () => {
    await using test = await open(await putBack('another'), '2027-03-22T12:00:00Z')
    // Ada's three mails are two deliveries each, Bob's and Eve's are one.
    expect(await test.app.operator.restored.countAsSent(test.app.now())).toBe(12)
    const lessons = (await ledger(test)).filter(({ kind }) => kind === 'lesson')
    const told = lessons.map(({ day, local_date, status }) => `${day} ${local_date} ${status}`)
    expect(told.sort()).toEqual(
      [1, 2, 3].flatMap((day) => Array(2).fill(`${day} 2027-03-${19 + day} sent`)),
    )
    expect(sent).toEqual(expect.arrayContaining(lessons.map(({ message_id }) => message_id)))
    await test.settle()
    expect(names()).toEqual([])
    test.clock.set(morning(4))
    await test.settle()
    expect(names()).toHaveLength(3)
    expect(sent).not.toEqual(expect.arrayContaining(names()))
  })

  it('what was due up to a given time is counted as sent, and what was due later is sent', async () => {
    await using test = await open(await putBack('another'), morning(2))
    expect(await test.app.operator.restored.countAsSent(Temporal.Instant.from(morning(1)))).toBe(4)
    await test.settle()
    expect(names()).toHaveLength(3)
    expect(sent).toEqual(expect.arrayContaining(names()))
  })

  it('a mail that was being sent when the backup was made is also up for decision', async () => {
    await using test = await open(await another(), EVENING)
    await enrolled(test, { series: ['inner-wisdom'] })
    await sql`delete from ledger`.execute(test.db)
    await test.app.sender.lineage.advance()
    test.clock.set(morning(1))
    await test.app.sender.plan()
    await sql`update ledger set status = 'sending'`.execute(test.db)
    expect((await test.app.operator.restored.ask(test.app.now())).due).toMatchObject([
      { date: '2027-03-20', mails: 1 },
    ])
    expect(await test.app.operator.restored.countAsSent(test.app.now())).toBe(1)
    expect(await ledger(test)).toMatchObject([{ status: 'sent' }])
  })

  it('a worker that was running all along sends nothing', async () => {
    const url = await another()
    await using test = await open(url, EVENING, { backend: 'redis' })
    await enrolled(test, { series: ['inner-wisdom'] })
    await test.settle()
    const before = join(folder, 'before')
    await backUp(
      { ...config, databaseUrl: url },
      { file: before, now: test.clock.now(), log: test.app.log },
    )
    test.clock.set(morning(1))
    await test.settle()
    const had = names()
    await replace(url, before)
    expect(await test.app.sender.plan()).toBe(0)
    await test.app.sender.sweep()
    await test.app.sender.deliver((await ledger(test)).map(({ id }) => id))
    await test.app.sender.lineage.advance()
    expect((await test.app.operator.status()).heldSince).toBe(morning(1))
    expect(await test.app.operator.readiness()).toMatchObject({ ready: false, restored: true })
    expect(names()).toEqual(had)
    await test.app.operator.restored.send()
    await test.settle()
    expect(names().filter((name) => !had.includes(name))).toEqual([])
  })

  it('there is nothing to decide if nothing has been due since', async () => {
    await using test = await open(await putBack('another'), EVENING)
    expect((await test.app.operator.status()).heldSince).toBeNull()
    expect(await test.app.operator.restored.ask(test.app.now())).toMatchObject({
      held: false,
      due: [],
    })
  })
})
