/**
 * Random histories of readers, with the real planner, sender and database: they change their
 * rhythm, pause, skip, ask for lessons and start again, while planner and sender work, lag or are
 * down. In the second of three cases the course and its schedule change meanwhile; in the third
 * the schedule is random. At the end all invariants are checked. HISTORIES sets the number of
 * readers (a thousand take some minutes); SEED repeats a run.
 */
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, expect, it } from 'vitest'
import { readCourses } from '../../../src/content/courses.ts'
import { Problem } from '../../../src/domain/problem.ts'
import { isBefore } from '../../../src/domain/time.ts'
import { DAILY, type Folder, folder, letter, settings } from '../../content/folder.ts'
import { enrolled, type TestApp, testApp } from '../../support/app.ts'
import {
  type Author,
  authorOf,
  edits,
  PLAIN,
  type Schedule,
  schedules,
} from '../../support/author.ts'
import { faultsOfDue } from '../../support/due.ts'
import { lives, type Reader, turns, use } from '../../support/lives.ts'
import { canJoin, faultsOf, faultsOfMerged, type Gaps, rowsOf, story } from './promises.ts'

const HISTORIES = Number(process.env.HISTORIES ?? 5)
const SEED = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31))
const LESSONS = 6
/** The two weeks after this include the night on which Berlin changes its clocks. */
const START = Temporal.Instant.from('2027-03-20T12:00:00Z')

const NAMES = Array.from({ length: LESSONS }, (_, index) => `l${index + 1}`)

let courses: Folder
let test: TestApp
let author: Author
/** The gaps of the course after each change. */
const gaps: Gaps[] = []
async function open(schedule: Schedule) {
  courses = await folder({
    'c/course.yaml': settings(),
    'c/welcome.md': letter,
    'c/completion.md': letter,
    ...DAILY,
  })
  author = authorOf(join(courses.path, 'c'), NAMES, schedule)
  await author.edit({ do: 'schedule', schedule })
  test = await testApp({ start: String(START), coursesDir: courses.path })
  gaps.splice(0, gaps.length, { since: START, before: author.gaps() })
  left.clear()
  windows.clear()
  seen = '0'
}

/** Saves an edit and has it published. */
async function change(what: Parameters<Author['edit']>[0]) {
  await author.edit(what)
  await test.app.author.courses.accept((await readCourses(courses.path)).folders)
  gaps.push({ since: test.app.now(), before: author.gaps() })
  tick()
}
afterEach(async () => {
  await test?.[Symbol.asyncDispose]()
  await courses?.[Symbol.asyncDispose]()
})

/** Lets a second pass between actions, so that before and after can be told apart. */
const tick = (seconds = 1) => test.clock.set(test.app.now().add({ seconds }))

const ready = async () => {
  const rows = await test.db
    .selectFrom('deliveries')
    .select(['id', 'until'])
    .where('status', 'in', ['planned', 'retry'])
    .orderBy('id')
    .execute()
  for (const { id, until } of rows) windows.set(id, until)
  return rows.map(({ id }) => id)
}

async function work(works: 'all' | 'plan' | 'half' | 'nothing') {
  if (works === 'nothing') return
  await test.app.sender.plan()
  tick()
  const ids = works === 'plan' ? [] : await ready()
  const wanted = works === 'half' ? ids.filter((_, index) => index % 2 === 0) : ids
  // The outbox keeps only two thousand mails, so it has to be read after every thousand.
  for (let from = 0; from < wanted.length; from += 1_000) {
    await test.app.sender.deliver(wanted.slice(from, from + 1_000))
    await lookOut()
  }
  await test.app.sender.sweep()
  await lookOut()
  tick()
}

/**
 * How often each mail was sent, by Message-ID. The outbox keeps only the newest, so it is read as
 * it fills.
 */
const left = new Map<string, number>()
/** See World. */
const windows = new Map<string, Temporal.Instant>()
let seen = '0'
async function lookOut() {
  for (const { id, message_id } of (await test.app.author.sandbox?.since(seen)) ?? []) {
    left.set(message_id, (left.get(message_id) ?? 0) + 1)
    seen = id
  }
}

/** Whether anybody is still due a mail of a series. */
const goesOn = async (series: string) =>
  (await test.db
    .selectFrom('enrollments')
    .select('id')
    .where('series', '=', series)
    .where('status', '=', 'active')
    .where('due_at', 'is not', null)
    .limit(1)
    .executeTakeFirst()) !== undefined

/** Resumes everybody and runs until no mail is due; returns what the pages had foreseen. */
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
    const next = await test.app.author.sandbox?.skipToNextMorning()
    if (!next) return foreseen
    tick()
    await work('all')
    if (await goesOn('c')) {
      // More lessons are to come.
    } else if (author.schedule().open)
      await change({ do: 'schedule', schedule: { ...author.schedule(), open: false } })
    else
      for (const one of readers) if (one.series === 'd') await use(test.app, one, { use: 'leave' })
    if (!isBefore(before, test.app.now())) throw new Error('time stands still')
  }
  throw new Error('the mornings do not end')
}

const [ANY = PLAIN] = fc.sample(schedules, { seed: SEED, numRuns: 1 })
/** At this turn a third of the readers join, when the course is already under way. */
const LATE = 20

const LIVES = fc.sample(fc.tuple(lives, lives), { seed: SEED, numRuns: HISTORIES })

/** Enrolls the reader with this number in the course and the daily, with a history in each. */
async function enrollReader(index: number): Promise<Reader[]> {
  const [course, daily] = LIVES[index] as (typeof LIVES)[number]
  // Half of them get both at the same time, and reader 0 never changes that: some mails have both.
  const beside = index % 2 ? daily : { ...daily, rhythm: course.rhythm }
  const uses = index === 0 ? { uses: [] } : {}
  const both = [
    ['c', { ...course, ...uses }],
    ['d', { ...beside, ...uses }],
  ] as const
  const readers: Reader[] = []
  for (const [series, life] of both) {
    const joined = test.app.now()
    const email = `reader${index}@example.com`
    const asked = { email, series: [series], rhythm: life.rhythm }
    const isClosed = series === 'c' && !canJoin(author.schedule(), life.rhythm.zone, joined)
    if (isClosed) {
      await expect(enrolled(test, asked)).rejects.toThrow(Problem)
      continue
    }
    const { enrollments, subscriber } = await enrolled(test, asked)
    const current = enrollments.find((one) => one.series === series)?.id ?? ''
    const zone = life.rhythm.zone
    readers.push({ series, life, subscriber: subscriber.id, joined, current, log: [], zone })
  }
  return readers
}

/** Lets all readers join and take their turns, and returns them. */
async function live({ isLate, isChanged }: { isLate: boolean; isChanged: boolean }) {
  const [script = []] = fc.sample(turns, { seed: SEED, numRuns: 1 })
  const changes = fc.sample(edits, { seed: SEED, numRuns: script.length })
  const numbers = LIVES.keys().toArray()
  const late = isLate ? numbers.filter((index) => index % 3 === 2) : []
  const readers: Reader[] = []
  const joinAll = async (all: readonly number[]) => {
    for (const index of all) readers.push(...(await enrollReader(index)))
    await work('all')
  }
  await joinAll(numbers.filter((index) => !late.includes(index)))
  for (const [turn, { minutes, works }] of script.entries()) {
    test.clock.set(test.app.now().add({ minutes }))
    for (const reader of readers)
      for (const one of reader.life.uses.filter((one) => one.turn === turn))
        await use(test.app, reader, one.what)
    tick()
    const edit = changes[turn]
    if (isChanged && edit) await change(edit)
    if (turn === LATE) await joinAll(late)
    else await work(works)
  }
  return readers
}

it.each<[string, Schedule, { isChanged: boolean }]>([
  ['in a course that stays as it is', PLAIN, { isChanged: false }],
  ['in a course that is changed under them', PLAIN, { isChanged: true }],
  ['in a course with a schedule of its author’s', ANY, { isChanged: false }],
])(
  `keeps all promises through ${HISTORIES} random lives %s`,
  { timeout: 3_600_000 },
  async (_, schedule, { isChanged }) => {
    await open(schedule)
    const readers = await live({ isLate: schedule !== PLAIN, isChanged })
    const changedAt = gaps.at(-1)?.since ?? START
    const foreseen = await runOut(readers)
    const merged = await test.db
      .selectFrom('deliveries')
      .selectAll()
      .where('status', '=', 'merged')
      .orderBy('id')
      .execute()
    expect(merged.length).toBeGreaterThan(0)
    const told = await faultsOfMerged({ db: test.db, left }, merged)
    expect(await faultsOfDue(test.db)).toEqual([])
    const world = { db: test.db, left, windows, lessons: LESSONS, changedAt, gaps, schedule }
    for (const [index, reader] of readers.entries()) {
      const all = await rowsOf(test.db, reader)
      const faults = faultsOf(reader, all, { ...world, author: isChanged ? author : null })
      const rows = all.filter(({ enrollment_id }) => enrollment_id === reader.current)
      const came = rows.map(({ day, local_date }) => `day ${day} on ${local_date}`)
      for (const one of foreseen.get(reader) ?? [])
        if (!came.includes(one))
          faults.push(
            `the page foresaw ${one}; it was ${came.filter((it) => it.startsWith(one.slice(0, 6)))}`,
          )
      if (faults.length > 0)
        told.push(`reader ${index} (SEED=${SEED}): ${faults.join('; ')}\n${story(reader)}`)
    }
    if (told.length > 0) told.unshift(JSON.stringify(schedule))
    expect(told.join('\n\n')).toBe('')
  },
)
