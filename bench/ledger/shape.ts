/**
 * All that the bench knows about the tables, so that a ledger of another shape needs only another
 * shape.ts. (The readers who are due in an empty database are those of ../seed.ts.)
 */
import { ledgerParts } from '../../src/store/index.ts'
import type { Db } from '../../src/store/postgres/sql.ts'
import { idAt, lessonId, lessonsOf } from '../seed.ts'

/** Tables with a row, or part of one, for each delivery; their partitions are included. */
export const LEDGER: readonly string[] = ['ledger']

/** The one among them that has a row for each sent delivery. */
export const ROWS = 'ledger'

/** Recognizes the step of a statement by its text, with white space collapsed. */
export const STEPS: Readonly<Record<'planning' | 'claiming' | 'finishing', RegExp>> = {
  planning:
    /^select e\.id, e\.subscriber_id, e\.series, e\.time_of_day|^insert into (?:"deliveries|ledger_items)|^with repeated as \(|^update enrollments e set due_on = a\.due_on/,
  claiming: /^with alone as \(/,
  finishing: /^with done as \( ?update ledger d set status = r\.status/,
}

/** Lessons that each reader of the history has had; the next one is due whenever they are. */
export const HAD = 20

/** Cohorts of readers, a month apart, and thus the length of the history in months. */
export const COHORTS = 12
const COHORT_DAYS = 30

/** A table that history is written to, and the source of its rows. */
export interface Copied {
  readonly table: string
  /** Selects the real row to copy. */
  readonly template: string
  /** The values that differ in each copy, by column; columns that do not exist are skipped. */
  readonly own: Readonly<Record<string, string>>
}

/**
 * When reader n has enrolled: each cohort within a day, one after another, so that ids are in the
 * order in which rows were written, as in production.
 */
const enrolled = (n: string) =>
  `(date_trunc('day', now()) - (${n} % ${COHORTS} + 1) * interval '${COHORT_DAYS} days' + ${n} * interval '30 milliseconds')`
/** All readers, in that order. */
export const READERS = `select n, 0 as days from generate_series(1, $1::int) n
  order by n % ${COHORTS} desc, n`
const subscriberOf = (n: string) => idAt(enrolled(n), `'s' || ${n}`)

/** The id of the enrollment of reader n. */
export const enrollmentOf = (n: string) => idAt(enrolled(n), `'e' || ${n}`)

/**
 * Written in this order for the readers `g.n`, from real rows `t`. Their next lesson is a month
 * away. Times and dates of the template are moved by `g.days` unless overridden.
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
 * Written lesson by lesson, oldest first, for the readers `g.n` of cohort `g.cohort` and their
 * lesson `g.item` of day `g.day`.
 */
export const HISTORY: readonly Copied[] = [
  {
    table: 'ledger',
    template: `status = 'sent' and sending is not null and item is null`,
    own: {
      id: idAt(`t.due_at + g.days * interval '1 day'`, `'d' || g.n || '-' || g.day`),
      enrollment_id: enrollmentOf('g.n'),
      item_id: lessonId('g.item'),
      day: 'g.day',
      // Differs for each mail, as a server's replies do.
      reply: `upper(substr(md5('d' || g.n || '-' || g.day), 1, 11))`,
    },
  },
]

/** How many days ago a cohort had its lesson of a day. */
export const daysAgo = (cohort: number, day: number) => (cohort + 1) * COHORT_DAYS - day

/** Ids of the lessons in the history, in order. */
export const lessons = () => lessonsOf(HAD)

/** Creates the partitions for the months of the history, which the program creates ahead. */
export async function makeRoom(db: Db): Promise<void> {
  const today = Temporal.Now.zonedDateTimeISO('UTC').toPlainDate().toPlainYearMonth()
  for (let ago = 0; ago <= COHORTS + 1; ago++)
    await ledgerParts.make(db, { of: 'kept', month: today.subtract({ months: ago }) })
}

/**
 * The number of readers from whom those who are due are drawn, at every size and evenly over all
 * cohorts, so that equally many rows of a page change. If drawn from all readers, mails would share
 * pages in a small ledger but not in a large one, whatever the ledger does.
 */
export const CIRCLE = 50_000

/**
 * Makes `$3` of the first `$1` readers due at `$2`, beginning with the `$4`th in a fixed order, so
 * that samples can be disjoint.
 */
export const MAKE_DUE = `
  update enrollments e set due_on = ($2::timestamptz at time zone e.zone)::date, due_at = $2
  where e.id in (
    select ${enrollmentOf('n')} from (
      select n from generate_series(1, $1::int) n order by md5(n::text) offset $4::int limit $3::int
    ) as readers
  )`

/** Tables to vacuum before measuring. */
export const WRITTEN: readonly string[] = ['subscribers', 'enrollments', 'due', ...LEDGER]
