/**
 * What the bench knows of the tables: all of it stands here, so that a ledger of another shape
 * needs another shape.ts and nothing else. (The readers who are due in an empty database are those
 * of ../seed.ts.)
 */
import { ledgerParts } from '../../src/store/index.ts'
import type { Db } from '../../src/store/postgres/sql.ts'
import { idAt, lessonsOf } from '../seed.ts'

/** Tables with a row, or part of one, for each delivery; their partitions count with them. */
export const LEDGER: readonly string[] = ['deliveries']

/** The one of them that has a row for each delivery that has left. */
export const ROWS = 'deliveries'

/** Which step a statement belongs to, by its text, in which all white space is one blank. */
export const STEPS: Readonly<Record<'planning' | 'claiming' | 'finishing', RegExp>> = {
  planning:
    /^select e\.id, e\.subscriber_id, e\.series, e\.time_of_day|^insert into "deliveries|^with repeated as \(|^update enrollments e set due_on = a\.due_on/,
  claiming: /^with alone as \(/,
  finishing: /^with done as \( ?update deliveries d set status = r\.status/,
}

/** Lessons that each reader of the history has had; the next one is due whenever they are. */
export const HAD = 20

/** Cohorts of readers, a month apart: the history is so many months long. */
export const COHORTS = 12
const COHORT_DAYS = 30

/** A table that history is written to, and where the rows come from that it is written by. */
export interface Copied {
  readonly table: string
  /** Which of the real rows its rows are copies of. */
  readonly template: string
  /** What each copy has of its own, by column; a column that is not there is passed over. */
  readonly own: Readonly<Record<string, string>>
}

/**
 * When a reader n has enrolled: each cohort within a day, one after the other, so that their ids
 * are in the order in which their rows were written, as they are in life.
 */
const enrolled = (n: string) =>
  `(date_trunc('day', now()) - (${n} % ${COHORTS} + 1) * interval '${COHORT_DAYS} days' + ${n} * interval '30 milliseconds')`
/** All of them, in that order. */
export const READERS = `select n, 0 as days from generate_series(1, $1::int) n
  order by n % ${COHORTS} desc, n`
const subscriberOf = (n: string) => idAt(enrolled(n), `'s' || ${n}`)

/** The id of the enrollment of a reader n of the history. */
export const enrollmentOf = (n: string) => idAt(enrolled(n), `'e' || ${n}`)

/**
 * Written in this order for the readers `g.n`, from real rows `t`. Their next lesson is a month
 * away. Moments and dates of the template are moved by `g.days` where nothing else is said.
 */
export const PEOPLE: readonly Copied[] = [
  {
    table: 'subscribers',
    template: `address = 'reader1@example.com'`,
    own: {
      id: subscriberOf('g.n'),
      address: `'history' || g.n || '@example.com'`,
      address_key: `'history' || g.n || '@example.com'`,
      address_hash: `decode(md5('history' || g.n), 'hex')`,
      first_name: `'Reader ' || g.n`,
    },
  },
  {
    table: 'enrollments',
    template: `status = 'active'`,
    own: {
      id: enrollmentOf('g.n'),
      subscriber_id: subscriberOf('g.n'),
      due_on: 'current_date + 30',
      due_at: `now() + interval '30 days' + g.n % 86400 * interval '1 second'`,
    },
  },
]

/**
 * Written lesson by lesson, the oldest first, for the readers `g.n` of a cohort `g.cohort` and
 * their lesson `g.item` of the day `g.day`.
 */
export const HISTORY: readonly Copied[] = [
  {
    table: 'deliveries',
    template: `status = 'sent' and kind = 'lesson' and sending is not null`,
    own: {
      id: idAt(`t.due_at + g.days * interval '1 day'`, `'d' || g.n || '-' || g.day`),
      enrollment_id: enrollmentOf('g.n'),
      item: 'g.item',
      day: 'g.day',
      // What its sending does not say of it.
      reply: `upper(substr(md5('d' || g.n || '-' || g.day), 1, 11))`,
    },
  },
]

/** So many days ago a cohort had its lesson of a day. */
export const daysAgo = (cohort: number, day: number) => (cohort + 1) * COHORT_DAYS - day

/** Ids of the lessons that history tells of, in their order. */
export const lessons = () => lessonsOf(HAD)

/** Makes the months of the history, as the program has them made ahead. */
export async function makeRoom(db: Db): Promise<void> {
  const today = Temporal.Now.zonedDateTimeISO('UTC').toPlainDate().toPlainYearMonth()
  for (let ago = 0; ago <= COHORTS + 1; ago++)
    await ledgerParts.make(db, { of: 'kept', month: today.subtract({ months: ago }) })
}

/**
 * Those who are due are of so many readers, at every size, and of all cohorts alike: as many rows
 * of a page change wherever they stand. Of all there are, a mail would have pages of its own where
 * there are many, and share them where there are few, whatever the ledger does.
 */
export const CIRCLE = 50_000

/**
 * Makes `$3` readers of the first `$1` due at `$2`, a sample that begins at the `$4`th: with one
 * and the same order samples that begin elsewhere have other readers.
 */
export const MAKE_DUE = `
  update enrollments e set due_on = ($2::timestamptz at time zone e.zone)::date, due_at = $2
  where e.id in (
    select ${enrollmentOf('n')} from (
      select n from generate_series(1, $1::int) n order by md5(n::text) offset $4::int limit $3::int
    ) as readers
  )`

/** To be vacuumed before anything is measured. */
export const WRITTEN: readonly string[] = ['subscribers', 'enrollments', 'due', ...LEDGER]
