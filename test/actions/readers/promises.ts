/** The invariants that must hold for every reader's history (docs/architecture.md, I1 to I7). */

import { LESSON_REMOVED_REASON } from '../../../src/domain/delivery.ts'
import { isBefore } from '../../../src/domain/time.ts'
import { messageIdOf } from '../../../src/store/message-id.ts'
import type { Db } from '../../../src/store/postgres/sql.ts'
import type { Author, Schedule } from '../../support/author.ts'
import type { Reader } from '../../support/lives.ts'

/** The circumstances of the readers. */
export interface World {
  readonly db: Db
  /** How often each mail was sent, by Message-ID. */
  readonly left: ReadonlyMap<string, number>
  /** When the window of each mail closes, by its id, as of before it was sent. */
  readonly windows: ReadonlyMap<string, Temporal.Instant>
  /** How many lessons the course has if nobody changes it. */
  readonly lessons: number
  /** Who changes the course; null where nobody does. */
  readonly author: Author | null
  /** When the course was last changed. */
  readonly changedAt: Temporal.Instant
  /** The days its author sets before each lesson, by lesson id, and since when; oldest first. */
  readonly gaps: readonly Gaps[]
  /** The schedule of the course if nobody changes it. */
  readonly schedule: Schedule
}

export interface Gaps {
  readonly since: Temporal.Instant
  readonly before: ReadonlyMap<string, number>
}

export const rowsOf = (db: Db, { subscriber, series }: Reader) =>
  db
    .selectFrom('deliveries as d')
    .innerJoin('enrollments as e', 'e.id', 'd.enrollment_id')
    .selectAll('d')
    .select(messageIdOf.as('message_id'))
    .select(['e.status as enrollment', 'e.created_at as begun'])
    .where('e.subscriber_id', '=', subscriber)
    .where('d.series', '=', series)
    .orderBy('d.sent_at')
    .execute()
type Row = Awaited<ReturnType<typeof rowsOf>>[number]

const at = ({ sent_at }: Row) => sent_at as Temporal.Instant

/** What is wrong with a history, in words; empty if nothing is. */
export function faultsOf(reader: Reader, rows: readonly Row[], world: World): string[] {
  const { left, windows, author } = world
  const faults: string[] = []
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
      ({ status, reason }) =>
        !['sent', 'skipped'].includes(status) && reason !== LESSON_REMOVED_REASON,
    )
    if (isCompleted && open.length > 0)
      faults.push(`I4: ${open.map(({ day, status }) => `day ${day} is ${status}`)}`)
    if (author) {
      faults.push(...faultsOfChanged(own, author, world.changedAt))
      continue
    }
    const days = all.map(({ day }) => day)
    if (String(days) !== String(days.map((_, index) => index + 1)))
      faults.push(`I4: days ${days} of ${id}`)
    if (isCompleted && days.length < world.lessons) faults.push('I4: completed too early')
    const inOrder = all
      .filter(({ status }) => status === 'sent')
      .toSorted((a, b) => Temporal.Instant.compare(at(a), at(b)))
    if (inOrder.some(({ day }, index) => (inOrder[index - 1]?.day ?? 0) > (day ?? 0)))
      faults.push('I4: out of order')
  }

  faults.push(...faultsOfGaps(lessons, reader, world), ...faultsOfBeginning(lessons, reader, world))
  for (const { message_id, kind, day, status } of sent)
    if (status === 'sent' && left.get(message_id ?? '') !== 1)
      faults.push(`I5: ${kind} ${day} left ${left.get(message_id ?? '')} times`)
  for (const { message_id, kind, status } of rows)
    if (status !== 'sent' && left.has(message_id ?? ''))
      faults.push(`I5: a ${kind} left and is ${status}`)

  for (const row of sent)
    if (isBefore(at(row), row.due_at) || !isBefore(at(row), windows.get(row.id) ?? row.due_at))
      faults.push(`I7: ${row.kind} ${row.day}`)
  return faults
}

/**
 * Lessons that came sooner after the previous one than their author allows. Those a reader asked
 * for are exempt, also if they could not be sent then and came the next morning.
 */
function faultsOfGaps(lessons: readonly Row[], { log }: Reader, { gaps }: World): string[] {
  const wasAsked = ({ created_at }: Row) =>
    log.some(({ what, done, at }) => done && what.use === 'now' && at.equals(created_at))
  const own = [...Map.groupBy(lessons, ({ enrollment_id }) => enrollment_id).values()]
  return own.flatMap((rows) =>
    rows.flatMap((row, index) => {
      const before = rows[index - 1]
      const since = gaps.findLast(({ since }) => !isBefore(row.created_at, since))
      const gap = since?.before.get(row.item) ?? 0
      const isTooSoon =
        before && !row.asked && !wasAsked(row) && before.local_date.until(row.local_date).days < gap
      return isTooSoon
        ? [`gap: day ${row.day} on ${row.local_date}, after ${before.local_date}`]
        : []
    }),
  )
}

/**
 * Lessons of a first enrollment that came before the start it joined without being asked for; and
 * a first lesson that should have come at once and did not.
 */
function faultsOfBeginning(
  lessons: readonly Row[],
  { joined, life, series }: Reader,
  { schedule: { starts, joining, first }, author }: World,
): string[] {
  if (author || series !== 'c') return []
  const rows = lessons.filter(({ begun }) => !isBefore(joined, begun))
  if (first === 'at once') {
    const [one] = rows.filter(({ day }) => day === 1)
    const isLate = !one || isBefore(joined.add({ hours: 1 }), at(one))
    return isLate ? [`at once: day 1 came at ${one?.sent_at}, joined at ${joined}`] : []
  }
  const start = startJoined({ starts, joining }, life.rhythm.zone, joined)
  return rows
    .filter(({ asked, local_date }) => !asked && start && String(local_date) < start)
    .map(({ day, local_date }) => `start: day ${day} on ${local_date}, before ${start}`)
}

type Starts = Pick<Schedule, 'starts' | 'joining'>

/** The first start that can still be joined on the current date in a time zone. */
function startJoined({ starts, joining }: Starts, zone: string, joined: Temporal.Instant) {
  const today = joined.toZonedDateTimeISO(zone).toPlainDate()
  const lastToJoin = (on: string) => String(Temporal.PlainDate.from(on).add({ days: joining }))
  return starts.toSorted().find((on) => lastToJoin(on) >= String(today))
}

export const canJoin = (schedule: Starts, zone: string, now: Temporal.Instant): boolean =>
  schedule.starts.length === 0 || startJoined(schedule, zone, now) !== undefined

/**
 * Lessons missing for readers who completed the final version of the course. They must have had
 * all of them, except those that skip readers who are already past them.
 */
function faultsOfChanged(
  own: readonly Row[],
  author: Author,
  changedAt: Temporal.Instant,
): string[] {
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

/** The local date on which it was sent, in the time zone its reader had then. */
function leftOn(row: Row, { log, life }: Reader): string {
  const changes = log.filter(
    ({ what, at: when, done }) => done && what.use === 'rhythm' && isBefore(when, at(row)),
  )
  const zone = changes.at(-1)?.zone ?? life.rhythm.zone
  return String(at(row).toZonedDateTimeISO(zone).toPlainDate())
}

/**
 * Inspirations merged into a lesson's mail that do not have its date and time, or that were also
 * sent on their own.
 */
export async function faultsOfMerged(
  { db, left }: Pick<World, 'db' | 'left'>,
  rows: readonly Pick<Row, 'merged_into' | 'local_date' | 'sent_at' | 'message_id'>[],
) {
  const lessons = await db
    .selectFrom('deliveries')
    .selectAll()
    .where('kind', '=', 'lesson')
    .orderBy('id')
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

export const story = ({ life, log }: Reader) =>
  [
    JSON.stringify(life.rhythm),
    ...log.map(({ at, what, done }) => `${at} ${JSON.stringify(what)}${done ? '' : ' (refused)'}`),
  ].join('\n')
