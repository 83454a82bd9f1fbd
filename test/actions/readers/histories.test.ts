/**
 * Random lives of readers, on the real planner, sender and database: they change their rhythm,
 * pause, skip, ask and start again, while planner and sender work, lag, or are down; in the second
 * of three worlds the course is changed under them as well, in the third its author leaves gaps. At the end all invariants are checked.
 * HISTORIES sets how many readers there are (a thousand take some minutes); SEED repeats a run.
 */
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, expect, it } from 'vitest'
import { readCourses } from '../../../src/content/courses.ts'
import { isBefore } from '../../../src/domain/time.ts'
import { DAILY, type Folder, folder, lesson, letter, settings } from '../../content/folder.ts'
import { enrolled, type TestApp, testApp } from '../../support/app.ts'
import { type Author, authorOf, edits } from '../../support/author.ts'
import { lives, type Reader, turns, use } from '../../support/lives.ts'
import { faultsOf, faultsOfMerged, rowsOf, story } from './promises.ts'

const HISTORIES = Number(process.env.HISTORIES ?? 5)
const SEED = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31))
const LESSONS = 6
/** Two weeks over the night on which Berlin and New York have changed their clocks. */
const START = Temporal.Instant.from('2027-03-20T12:00:00Z')

/** The days that the third world leaves before each of its lessons. */
const GAPS = [0, 1, 3, 3, 7, 3]

const NAMES = Array.from({ length: LESSONS }, (_, index) => `l${index + 1}`)

let courses: Folder
let test: TestApp
/** Who changes the course in between; null where nobody does. */
let author: Author | null
/** When the course was changed for the last time. */
let changedAt = START
async function open({ every = null, after = [] }: Gaps) {
  const lessons = NAMES.map((name, index) => [
    `c/0${index + 1}-${name}.md`,
    lesson({ subject: `Lesson ${name}`, after: after[index] ?? null }),
  ])
  courses = await folder({
    'c/course.yaml': settings({ every }),
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

/** What the author of the course leaves between its lessons, as the keys say it. */
interface Gaps {
  readonly every?: string | null
  readonly after?: readonly (string | null)[]
}

it.each<[string, { isChanged?: true } & Gaps]>([
  ['in a course that stays as it is', {}],
  ['in a course that is changed under them', { isChanged: true }],
  [
    'in a course with gaps of its author’s',
    { every: '3 days', after: [null, '1 day', null, null, '1 week'] },
  ],
])(
  `keeps all promises through ${HISTORIES} random lives %s`,
  { timeout: 3_600_000 },
  async (_, { isChanged, ...gaps }) => {
    await open(gaps)
    author = isChanged ? authorOf(join(courses.path, 'c'), NAMES) : null
    const [script = []] = fc.sample(turns, { seed: SEED, numRuns: 1 })
    const changes = fc.sample(edits, { seed: SEED, numRuns: script.length })
    const readers: Reader[] = []
    for (const [index, [course, daily]] of fc
      .sample(fc.tuple(lives, lives), { seed: SEED, numRuns: HISTORIES })
      .entries()) {
      const email = `reader${index}@example.com`
      // Half of them want both at one time, and the first of those leaves it so: mails have both.
      const beside = index % 2 ? daily : { ...daily, rhythm: course.rhythm }
      const uses = index === 0 ? { uses: [] } : {}
      for (const [series, life] of [
        ['c', { ...course, ...uses }],
        ['d', { ...beside, ...uses }],
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
    expect(merged.length).toBeGreaterThan(0)
    const told = await faultsOfMerged({ db: test.db, left }, merged)
    for (const [index, reader] of readers.entries()) {
      const all = await rowsOf(test.db, reader)
      const faults = faultsOf(reader, all, {
        db: test.db,
        left,
        lessons: LESSONS,
        author,
        changedAt,
        gaps: gaps.every ? GAPS : [],
      })
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
    expect(told.join('\n\n')).toBe('')
  },
)
