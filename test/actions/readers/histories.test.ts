/**
 * Random lives of readers, on the real planner, sender and database: they change their rhythm,
 * pause, skip, ask and start again, while planner and sender work, lag, or are down; in the second
 * of two worlds the course is changed under them as well. At the end all invariants are checked.
 * HISTORIES sets how many readers there are (a thousand take some minutes); SEED repeats a run.
 */
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, expect, it } from 'vitest'
import { readCourses } from '../../../src/content/courses.ts'
import { TAKEN_OUT } from '../../../src/domain/delivery.ts'
import { DAILY, type Folder, folder, lesson, letter, settings } from '../../content/folder.ts'
import { enrolled, type TestApp, testApp } from '../../support/app.ts'
import { type Author, authorOf, edits } from '../../support/author.ts'
import { lives, type Reader, turns, use } from '../../support/lives.ts'

const HISTORIES = Number(process.env.HISTORIES ?? 16)
const SEED = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31))
const LESSONS = 6
/** Two weeks over the night on which Berlin and New York have changed their clocks. */
const START = Temporal.Instant.from('2027-03-20T12:00:00Z')

const NAMES = Array.from({ length: LESSONS }, (_, index) => `l${index + 1}`)

let courses: Folder
let test: TestApp
/** Who changes the course in between; null where nobody does. */
let author: Author | null
async function open() {
  const lessons = NAMES.map((name, index) => [
    `c/0${index + 1}-${name}.md`,
    lesson({ subject: `Lesson ${name}` }),
  ])
  courses = await folder({
    'c/course.yaml': settings(),
    'c/welcome.md': letter,
    'c/completion.md': letter,
    ...Object.fromEntries(lessons),
    ...DAILY,
  })
  test = await testApp({ start: String(START), coursesDir: courses.path })
  left.clear()
  seen = '0'
}
afterEach(async () => {
  await test?.[Symbol.asyncDispose]()
  await courses?.[Symbol.asyncDispose]()
})

/** Lets time pass: a second between what is done, so that before and after can be told apart. */
const tick = (seconds = 1) => test.clock.set(test.app.now().add({ seconds }))

const ready = async () => {
  const rows = await test.db
    .selectFrom('deliveries')
    .select('id')
    .where('status', 'in', ['planned', 'retry'])
    .orderBy('id')
    .execute()
  return rows.map(({ id }) => id)
}

async function work(works: 'all' | 'plan' | 'half' | 'nothing') {
  if (works === 'nothing') return
  await test.app.sender.plan()
  tick()
  const ids = works === 'plan' ? [] : await ready()
  const wanted = works === 'half' ? ids.filter((_, index) => index % 2 === 0) : ids
  // The outbox keeps two thousand mails: what a thousand readers get at once is looked at in
  // portions.
  for (let from = 0; from < wanted.length; from += 1_000) {
    await test.app.sender.deliver(wanted.slice(from, from + 1_000))
    await lookOut()
  }
  await test.app.sender.sweep()
  await lookOut()
  tick()
}

/**
 * How often each mail has left, by Message-ID. The outbox keeps the newest only, so it is read as
 * it fills.
 */
const left = new Map<string, number>()
let seen = '0'
async function lookOut() {
  for (const { id, message_id } of (await test.app.author.sandbox?.since(seen)) ?? []) {
    left.set(message_id, (left.get(message_id) ?? 0) + 1)
    seen = id
  }
}

const rowsOf = ({ subscriber, series }: Reader) =>
  test.db
    .selectFrom('deliveries as d')
    .innerJoin('enrollments as e', 'e.id', 'd.enrollment_id')
    .selectAll('d')
    .select(['e.status as enrollment', 'e.created_at as begun'])
    .where('e.subscriber_id', '=', subscriber)
    .where('d.series', '=', series)
    .orderBy('d.sent_at')
    .execute()
type Row = Awaited<ReturnType<typeof rowsOf>>[number]

const at = ({ sent_at }: Row) => sent_at as Temporal.Instant
const isBefore = (a: Temporal.Instant, b: Temporal.Instant) => Temporal.Instant.compare(a, b) < 0

/** What is wrong with a life, in words; empty when nothing is. */
async function faultsOf(reader: Reader): Promise<string[]> {
  const faults: string[] = []
  const rows = await rowsOf(reader)
  const sent = rows.filter(({ status }) => status === 'sent' || status === 'merged')
  const lessons = sent.filter(({ kind }) => kind === 'lesson')

  const keys = rows.map(({ enrollment_id, kind, item }) => `${enrollment_id} ${kind} ${item}`)
  if (new Set(keys).size < keys.length) faults.push('I1: a mail has two rows')

  for (const [index, { at: from, what, done, zone }] of reader.log.entries()) {
    if (!done || (what.use !== 'pause' && what.use !== 'leave')) continue
    const over = reader.log
      .slice(index + 1)
      .find((later) => later.done && ENDS_PAUSE.has(later.what.use))
    const byDate =
      what.use === 'pause' && what.days !== null
        ? from
            .toZonedDateTimeISO(zone)
            .toPlainDate()
            .add({ days: what.days })
            .toZonedDateTime(zone)
            .toInstant()
        : null
    const moved = reader.log
      .slice(index + 1)
      .find((later) => later.done && later.what.use === 'rhythm')
    const ends = [over?.at, byDate, moved && what.use === 'pause' && byDate ? moved.at : undefined]
    const end = ends
      .filter((one) => one instanceof Temporal.Instant)
      .sort(Temporal.Instant.compare)[0]
    const inside = sent.filter((row) => isBefore(from, at(row)) && (!end || isBefore(at(row), end)))
    for (const row of inside) faults.push(`I2: ${row.kind} ${row.day} left during a ${what.use}`)
  }

  for (const [name, dates] of [
    ['local date', lessons.filter(({ asked }) => !asked).map((row) => String(row.local_date))],
    ['date it left on', lessons.filter(({ asked }) => !asked).map((row) => leftOn(row, reader))],
    [
      'date it was asked for',
      lessons.filter(({ asked }) => asked).map((row) => String(row.local_date)),
    ],
  ] as const) {
    const twice = dates.filter((one, index) => dates.indexOf(one) !== index)
    for (const one of twice) faults.push(`I3: two lessons with one ${name}, ${one}`)
  }
  for (const asked of lessons.filter(({ asked }) => asked)) {
    const after = lessons.find(
      (row) =>
        !row.asked && row.local_date.equals(asked.local_date) && isBefore(at(asked), at(row)),
    )
    if (after)
      faults.push(
        `I3: day ${after.day} came after day ${asked.day}, asked for on ${asked.local_date}`,
      )
  }

  for (const { status, kind, local_date } of rows)
    if (kind === 'inspiration' && !ENDS.has(status))
      faults.push(`I4: the inspiration of ${local_date} is ${status}`)

  for (const [id, own] of Map.groupBy(rows, ({ enrollment_id }) => enrollment_id)) {
    const all = own
      .filter(({ kind }) => kind === 'lesson')
      .toSorted((a, b) => (a.day ?? 0) - (b.day ?? 0))
    const [first] = own
    const isCompleted = first?.enrollment === 'completed'
    const open = all.filter(
      ({ status, reason }) => !['sent', 'skipped'].includes(status) && reason !== TAKEN_OUT,
    )
    if (isCompleted && open.length > 0)
      faults.push(`I4: ${open.map(({ day, status }) => `day ${day} is ${status}`)}`)
    if (author) {
      faults.push(...faultsOfChanged(own, author))
      continue
    }
    const days = all.map(({ day }) => day)
    if (String(days) !== String(days.map((_, index) => index + 1)))
      faults.push(`I4: days ${days} of ${id}`)
    if (isCompleted && days.length < LESSONS) faults.push('I4: completed too early')
    const inOrder = all
      .filter(({ status }) => status === 'sent')
      .toSorted((a, b) => Temporal.Instant.compare(at(a), at(b)))
    if (inOrder.some(({ day }, index) => (inOrder[index - 1]?.day ?? 0) > (day ?? 0)))
      faults.push('I4: out of order')
  }

  for (const { message_id, kind, day, status } of sent)
    if (status === 'sent' && left.get(message_id ?? '') !== 1)
      faults.push(`I5: ${kind} ${day} left ${left.get(message_id ?? '')} times`)
  for (const { message_id, kind, status } of rows)
    if (status !== 'sent' && left.has(message_id ?? ''))
      faults.push(`I5: a ${kind} left and is ${status}`)

  for (const row of sent)
    if (isBefore(at(row), row.due_at) || !isBefore(at(row), row.until))
      faults.push(`I7: ${row.kind} ${row.day}`)
  return faults
}

/** When the course was changed for the last time. */
let changedAt = START

/**
 * Whoever completed the course as it is in the end has had all of it, save what spares those who
 * are past it.
 */
function faultsOfChanged(own: readonly Row[], author: Author): string[] {
  const completion = own.find(({ kind }) => kind === 'completion')
  if (!completion || isBefore(completion.created_at, changedAt)) return []
  const had = own.filter(({ kind }) => kind === 'lesson').map(({ item }) => item)
  return author
    .lessons()
    .forAll.filter((id) => !had.includes(id))
    .map((id) => `I4: completed without ${id}`)
}

const ENDS: ReadonlySet<string> = new Set(['sent', 'merged', 'skipped', 'expired'])
const ENDS_PAUSE: ReadonlySet<string> = new Set(['resume', 'restart', 'pause'])

/** The local date on which it left, in the zone its reader had then. */
function leftOn(row: Row, { log, life }: Reader): string {
  const changes = log.filter(
    ({ what, at: when, done }) => done && what.use === 'rhythm' && isBefore(when, at(row)),
  )
  const zone = changes.at(-1)?.zone ?? life.rhythm.zone
  return String(at(row).toZonedDateTimeISO(zone).toPlainDate())
}

/** Whether anybody is still in a series. */
const goesOn = async (series: string) =>
  (await test.db
    .selectFrom('enrollments')
    .select('id')
    .where('series', '=', series)
    .where('status', '=', 'active')
    .limit(1)
    .executeTakeFirst()) !== undefined

/** Resumes everybody, and lets the mornings come until no more are due. */
async function runOut(readers: readonly Reader[]) {
  for (const reader of readers) await use(test.app, reader, { use: 'resume' })
  const foreseen = new Map<Reader, string[]>()
  tick()
  await work('all')
  for (const reader of readers) {
    const ahead = (await test.app.reader.upcoming(reader.current))?.days ?? []
    const mails = ahead.flatMap(({ on, mails }) => mails.map((mail) => ({ on, ...mail })))
    foreseen.set(
      reader,
      mails.flatMap(({ on, day, state }) =>
        state === 'ahead' && day ? [`day ${day} on ${on}`] : [],
      ),
    )
  }
  for (let mornings = 0; mornings < 2_000; mornings++) {
    const before = test.app.now()
    const next = await test.app.author.sandbox?.nextMorning()
    if (!next) return foreseen
    tick()
    await work('all')
    if (!(await goesOn('c')))
      for (const one of readers) if (one.series === 'd') await use(test.app, one, { use: 'leave' })
    if (!isBefore(before, test.app.now())) throw new Error('time stands still')
  }
  throw new Error('the mornings do not end')
}

it.each([
  ['in a course that stays as it is', false],
  ['in a course that is changed under them', true],
])(
  `keeps all promises through ${HISTORIES} random lives %s`,
  { timeout: 3_600_000 },
  async (_, isChanged) => {
    await open()
    author = isChanged ? authorOf(join(courses.path, 'c'), NAMES) : null
    const [script = []] = fc.sample(turns, { seed: SEED, numRuns: 1 })
    const changes = fc.sample(edits, { seed: SEED, numRuns: script.length })
    const readers: Reader[] = []
    for (const [index, [course, daily]] of fc
      .sample(fc.tuple(lives, lives), { seed: SEED, numRuns: HISTORIES })
      .entries()) {
      const email = `reader${index}@example.com`
      // Half of them want both at one time.
      const beside = index % 2 ? daily : { ...daily, rhythm: course.rhythm }
      for (const [series, life] of [
        ['c', course],
        ['d', beside],
      ] as const) {
        const { enrollments, subscriber } = await enrolled(test, {
          email,
          series: [series],
          rhythm: life.rhythm,
        })
        const current = enrollments.find((one) => one.series === series)?.id ?? ''
        readers.push({
          series,
          life,
          subscriber: subscriber.id,
          current,
          log: [],
          zone: life.rhythm.zone,
        })
      }
    }
    for (const [turn, { minutes, works }] of script.entries()) {
      test.clock.set(test.app.now().add({ minutes }))
      for (const reader of readers)
        for (const one of reader.life.uses.filter((one) => one.turn === turn))
          await use(test.app, reader, one.what)
      tick()
      const change = changes[turn]
      if (author && change) {
        await author.edit(change)
        await test.app.author.courses.accept((await readCourses(courses.path)).folders)
        changedAt = test.app.now()
        tick()
      }
      await work(works)
    }
    const foreseen = await runOut(readers)

    const merged = await test.db
      .selectFrom('deliveries')
      .selectAll()
      .where('status', '=', 'merged')
      .execute()
    expect(merged.length).toBeGreaterThan(HISTORIES / 4)
    const told = await faultsOfMerged(merged)
    for (const [index, reader] of readers.entries()) {
      const faults = await faultsOf(reader)
      const rows = (await rowsOf(reader)).filter(
        ({ enrollment_id }) => enrollment_id === reader.current,
      )
      const came = rows.map(({ day, local_date }) => `day ${day} on ${local_date}`)
      for (const one of foreseen.get(reader) ?? [])
        if (!came.includes(one))
          faults.push(
            `the page foresaw ${one}; it was ${came.filter((it) => it.startsWith(one.slice(0, 6)))}`,
          )
      if (faults.length > 0)
        told.push(`reader ${index} (SEED=${SEED}): ${faults.join('; ')}\n${story(reader)}`)
    }
    expect(told.join('\n\n')).toBe('')
  },
)

/**
 * An inspiration in a lesson's mail came when that came, on its date, and by no mail of its own.
 */
async function faultsOfMerged(
  rows: readonly Pick<Row, 'merged_into' | 'local_date' | 'sent_at' | 'message_id'>[],
) {
  const lessons = await test.db
    .selectFrom('deliveries')
    .selectAll()
    .where('kind', '=', 'lesson')
    .execute()
  const byId = new Map(lessons.map((lesson) => [lesson.id, lesson]))
  return rows.flatMap(({ merged_into, local_date, sent_at, message_id }) => {
    const lesson = byId.get(merged_into ?? '')
    const isRight =
      lesson?.status === 'sent' &&
      lesson.local_date.equals(local_date) &&
      String(lesson.sent_at) === String(sent_at) &&
      !left.has(message_id ?? '')
    return isRight
      ? []
      : [
          `an inspiration of ${local_date} is merged into ${lesson?.status} of ${lesson?.local_date}`,
        ]
  })
}

const story = ({ life, log }: Reader) =>
  [
    JSON.stringify(life.rhythm),
    ...log.map(({ at, what, done }) => `${at} ${JSON.stringify(what)}${done ? '' : ' (refused)'}`),
  ].join('\n')
