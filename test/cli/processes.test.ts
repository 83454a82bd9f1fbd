import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { messageIdOf } from '../../src/store/message-id.ts'
import { createScratch, type Scratch } from '../../src/store/postgres/scratch.ts'
import { type Database, openDatabase } from '../../src/store/postgres/sql.ts'
import { freePort } from '../support/free-port.ts'
import { linksOf, type Mailbox, openMailbox } from '../support/mailbox.ts'
import { hiddenOf } from '../support/page.ts'
import { type Folder, isPlain, openFolder, type Program, started } from '../support/program.ts'
import { until } from '../support/wait.ts'
import { encoded, FORM } from '../support/web.ts'

const PEOPLE = Array.from({ length: 8 }, (_, n) => `p${n}@example.com`)

describe('one web and two workers, in processes of their own', () => {
  let folder: Folder
  let scratch: Scratch
  let database: Database
  let mailbox: Mailbox
  let programs: Program[] = []
  let url: string

  beforeAll(async () => {
    folder = await openFolder()
    scratch = await createScratch(inject('databaseUrl'))
    database = await openDatabase(scratch.url, () => {})
    mailbox = await openMailbox()
    const port = await freePort()
    url = `http://127.0.0.1:${port}`
    const settings = {
      DATA_DIR: folder.path,
      DATABASE_URL: scratch.url,
      REDIS_URL: inject('redisUrl'),
      SMTP_URL: mailbox.url,
      PUBLIC_URL: url,
      PORT: String(port),
      HOST: '127.0.0.1',
      SECRET_KEY: 'one key that all of them share',
    }
    programs = await Promise.all([
      started(['web'], settings),
      started(['worker'], settings),
      started(['worker'], settings),
    ])
  })
  afterAll(async () => {
    for (const program of programs) await program[Symbol.asyncDispose]()
    await mailbox?.[Symbol.asyncDispose]()
    await database?.close()
    await scratch?.drop()
    await folder?.[Symbol.asyncDispose]()
  })

  const arrived = (count: number) =>
    until(`${count} mails for each`, () =>
      PEOPLE.every((person) => mailbox.to(person).length >= count),
    )

  it('say what they are, where the mail goes, and that a postal address is missing', () => {
    const [web, worker] = programs.map((program) => program.stdout())
    expect(web).toContain('Dawnpost web is up.')
    expect(worker).toContain('Dawnpost worker is up.')
    expect(worker).toContain(`Mail      ${new URL(mailbox.url).host}`)
    expect(worker).toContain('Queue     BullMQ on Redis')
    expect(worker).toContain('POSTAL_ADDRESS is not set')
    expect(web).not.toContain('utbox')
  })

  it('deliver what was enrolled over HTTP, each mail once', async () => {
    for (const email of PEOPLE) {
      const post = (fields: object) =>
        fetch(`${url}/courses/inner-wisdom`, {
          method: 'POST',
          body: encoded({ ...FORM, email, ...fields }),
          redirect: 'manual',
        })
      // A form without its hidden fields is shown again, to be sent once more.
      const back = await fetch(new URL((await post({})).headers.get('location') ?? '', url))
      expect(back.status).toBe(422)
      expect((await post(hiddenOf(await back.text()))).status).toBe(303)
    }
    await arrived(1)
    for (const email of PEOPLE) {
      const [question] = mailbox.to(email)
      const link = question && linksOf(question).find((one) => one.startsWith(`${url}/confirm/`))
      expect((await fetch(link ?? '', { method: 'POST' })).status).toBe(200)
    }
    await arrived(2)
    // Moves their first morning from tomorrow to an hour ago: the clock of real processes cannot be
    // moved.
    const now = Temporal.Now.instant()
    await database.db
      .updateTable('enrollments')
      .set({ zone: zoneWhereItIsDay(now), time_of_day: '00:00' })
      .execute()
    await database.db
      .updateTable('enrollments')
      .set({ due_on: String(now.toZonedDateTimeISO(zoneWhereItIsDay(now)).toPlainDate()) })
      .set({ due_at: String(now.subtract({ hours: 1 })) })
      .where('status', '=', 'active')
      .execute()
    await arrived(3) // the lesson with its inspiration
    await until('nothing more to be under way', async () => {
      const rows = await database.db.selectFrom('deliveries').select('status').distinct().execute()
      return rows.every(({ status }) => status === 'sent' || status === 'merged')
    })
    const rows = await database.db
      .selectFrom('deliveries as d')
      .select(['kind', 'status', messageIdOf.as('message_id')])
      .orderBy('id')
      .execute()
    const received = mailbox.received.map(({ mail }) => mail.messageId)
    const mails = rows.filter(({ status }) => status === 'sent')
    expect(received.sort()).toEqual(mails.map(({ message_id }) => message_id).sort())
    for (const kind of ['confirm', 'welcome', 'lesson', 'inspiration']) {
      expect(rows.filter((row) => row.kind === kind).length, kind).toBe(PEOPLE.length)
    }
  })

  it('log no address and no token', () => {
    for (const program of programs) {
      expect(program.stderr()).not.toMatch(/@example\.com|\/confirm\/|unsubscribe\/1\./)
      expect(isPlain(program.stderr())).toBe(true)
    }
  })

  it('stop with 0, each by itself', async () => {
    for (const program of programs) {
      program.kill('SIGTERM')
      expect((await program.ended).code).toBe(0)
    }
    await folder.empty()
  })
})

/** A zone in which it is between 05:00 and 20:00 now, so that mail may leave. */
function zoneWhereItIsDay(now: Temporal.Instant): string {
  const zones = ['UTC', 'Asia/Tokyo', 'America/Los_Angeles']
  const hour = (zone: string) => now.toZonedDateTimeISO(zone).hour
  return zones.find((zone) => hour(zone) >= 5 && hour(zone) < 20) ?? 'UTC'
}
