/**
 * Simulates a course with the real planner, queue, sender and sandbox, on a clock that is moved.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { startWorker } from '../../worker/main.ts'
import type { App } from '../app/app.ts'
import { foldersIn } from '../app/courses.ts'
import { openThrowaway } from '../app/throwaway.ts'
import { consentRecordOf } from '../domain/consent.ts'
import { ownFieldsOf, type Series } from '../domain/course.ts'
import { sampleAnswers } from '../domain/own-fields.ts'
import { Problem } from '../domain/problem.ts'
import { dateIn, isBefore, latest } from '../domain/time.ts'
import { english } from '../locales/locale.ts'
import type { SandboxClock } from '../platform/clock.ts'
import type { Config } from '../platform/config.ts'
import { rhythmIn, seriesNamed, type WantedRhythm } from './options.ts'

export interface Simulation {
  /** By default the first course. */
  readonly course: string | undefined
  readonly rhythm: WantedRhythm
  /** The local date of enrollment, just after midnight. */
  readonly start: Temporal.PlainDate
  readonly days: number
  readonly daily: boolean
}

export interface SimulatedMail {
  readonly series: string
  readonly kind: string
  readonly day: number | null
  /** The daily whose inspiration is in the same mail. */
  readonly companion: string | null
  readonly local: string
  readonly utc: string
  readonly subject: string
  readonly messageId: string
}

export interface Watcher {
  mail(mail: SimulatedMail): void
  progress(daysDone: number): void
}

/** Runs a simulation in a database of its own, which is dropped afterwards. */
export async function simulate(
  config: Config,
  simulation: Simulation,
  watcher: Watcher,
  signal: AbortSignal,
): Promise<void> {
  await using opened = new AsyncDisposableStack()
  const clock = manualClock(simulation.start.toZonedDateTime(simulation.rhythm.zone).toInstant())
  const series = await simulatedSlugs(simulation, config, clock.now())
  const { app } = opened.adopt(await openThrowaway(config, clock, series), (app) => app.close())
  if (seriesNamed(app, simulation.course)?.kind === 'letter') {
    await app.author.articles.begin()
    clock.onDate = app.author.articles.follow
  }
  const worker = opened.adopt(await startWorker(app), (worker) => worker.close())
  const settle = async () => {
    await worker.tick()
    while (!signal.aborted && !(await app.sender.idle())) await pause(2)
  }
  await runDays(app, simulation, settle, watcher, signal)
}

async function runDays(
  app: App,
  simulation: Simulation,
  settle: () => Promise<void>,
  watcher: Watcher,
  signal: AbortSignal,
) {
  const { rhythm, start, days } = simulation
  const report = reporter(app, rhythm.zone, watcher)
  const begins = await begin(app, simulation, settle)
  const end = latest(start, begins).add({ days }).toZonedDateTime(rhythm.zone).toInstant()
  await report()
  for (;;) {
    if (signal.aborted) throw new Problem('unavailable', 'operator.simulation.interrupted')
    const next = await app.author.sandbox?.skipToNextMorning()
    if (!next || !isBefore(next, end)) break
    await settle()
    await report()
    watcher.progress(start.until(dateIn(rhythm.zone, next)).days + 1)
  }
  watcher.progress(days)
}

/**
 * Enrolls and confirms; returns the date on which the course begins, from which its days are
 * counted.
 */
async function begin(app: App, simulation: Simulation, settle: () => Promise<void>) {
  const series = seriesOf(app, simulation)
  const rhythm = rhythmIn(series[0], simulation.rhythm)
  const address = { spec: 'reader@dawnpost.example', key: 'reader@dawnpost.example' }
  const consent = {
    ...consentRecordOf(english, 'a simulation'),
    source: 'dawnpost simulate',
    network: 'none',
  }
  const person = { address, firstName: 'Reader', fields: sampleAnswers(ownFieldsOf(series[0])) }
  await app.operator.enroll({ ...person, rhythm, series, consent })
  await settle()
  const reader = await app.operator.subscriberByKey(address.key)
  if (!reader) throw new RangeError('the simulated reader was not stored')
  const [first] = await app.reader.confirm(reader.id, consent)
  await settle()
  return first?.starts_on ?? simulation.start
}

/**
 * Returns the slugs of the named course and of the dailies with it; undefined if no course is
 * named. Throws a Problem for an unknown course, before a database is created.
 */
async function simulatedSlugs(
  { course: slug, daily }: Simulation,
  { site: { folder, settings } }: Config,
  now: Temporal.Instant,
): Promise<ReadonlySet<string> | undefined> {
  if (slug === undefined) return undefined
  const folders = await foldersIn({ folder: folder.courses, settings }, now)
  if (!folders.some((folder) => folder.slug === slug)) {
    const known = folders.filter(({ series, draft }) => series !== null && draft === null)
    throw unknownCourse(slug, known.map((folder) => folder.slug).sort())
  }
  const dailies = folders.filter(({ series }) => daily && series?.kind === 'daily')
  return new Set([slug, ...dailies.map((daily) => daily.slug)])
}

const unknownCourse = (course: string, known: readonly string[]) =>
  new Problem('invalid', 'operator.courses.unknown-among', {
    params: { course, known: known.join(', ') },
  })

/** Returns the course and the dailies with it. */
function seriesOf(app: App, { course: slug, daily }: Simulation): [Series, ...Series[]] {
  const course = seriesNamed(app, slug)
  if (!course) throw unknownCourse(slug ?? '', [...app.series.keys()])
  const dailies = [...app.series.values()].filter(
    (candidate) => candidate.kind === 'daily' && candidate !== course,
  )
  return daily && course.kind === 'course' ? [course, ...dailies] : [course]
}

/** Reports to the watcher every mail caught since the last call. */
function reporter({ author: { sandbox } }: App, zone: string, watcher: Watcher) {
  let seen = '0'
  return async () => {
    for (const mail of (await sandbox?.since(seen)) ?? []) {
      seen = mail.id
      watcher.mail({
        series: mail.series,
        kind: mail.kind,
        day: mail.day,
        companion: mail.companion,
        local: mail.caught_at
          .toZonedDateTimeISO(zone)
          .toPlainDateTime()
          .toString({ smallestUnit: 'minute' }),
        utc: mail.caught_at.toString({ smallestUnit: 'second' }),
        subject: mail.subject,
        messageId: mail.message_id,
      })
    }
  }
}

/**
 * A clock that stands still until it is moved. It moves day by day, in UTC, so that what is
 * published on a date is there in time.
 */
function manualClock(start: Temporal.Instant) {
  let now = start
  const clock: SandboxClock & { onDate: (() => Promise<void>) | null } = {
    now: () => now,
    refresh: async () => {},
    onDate: null,
    moveTo: async (instant) => {
      const midnight = () => dateIn('UTC', now).add({ days: 1 }).toZonedDateTime('UTC').toInstant()
      while (clock.onDate && !isBefore(instant, midnight())) {
        now = midnight()
        await clock.onDate()
      }
      now = instant
    },
  }
  return clock
}
