/** Fills a database with people in the sample course, by SQL, since only later steps count. */
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { loadCourses } from '../src/content/courses.ts'
import { DAY } from './lesson.ts'

export interface Seed {
  readonly active: number
  /** How many of them fall due at `dueAt`; the others much later. */
  readonly due: number
  readonly dueAt: Temporal.Instant
  /** The day of the course that they have reached; by default that of lesson.ts. */
  readonly day?: number
}

/** SQLSTATE: insufficient privilege. */
const FORBIDDEN = '42501'

/** A zone where it is forenoon, so that the window stays open during a run of any length. */
export function forenoonZone(now: Temporal.Instant): string {
  const zones = [
    'UTC',
    'America/New_York',
    'America/Los_Angeles',
    'Asia/Tokyo',
    'Asia/Kolkata',
    'Pacific/Auckland',
  ]
  const forenoon = zones.find((zone) => {
    const { hour } = now.toZonedDateTimeISO(zone)
    return hour >= 3 && hour < 13
  })
  return forenoon ?? 'UTC'
}

/** An id like the program's (RFC 9562, 5.7), from a moment and a text; both are SQL. */
export const idAt = (at: string, text: string) =>
  `(lpad(to_hex((extract(epoch from ${at}) * 1000)::bigint), 12, '0') || '7' || substr(md5(${text}), 1, 3) || '8' || substr(md5(${text}), 4, 15))::uuid`
/** One after the other. */
const ENROLLED = "$2::timestamptz + n * interval '1 ms'"

/**
 * Adds `active` confirmed enrollments of as many people, all at the same day of the course. The
 * past lessons of those who are due are in the ledger.
 */
export async function seed(
  databaseUrl: string,
  { active, due, dueAt, day = DAY }: Seed,
): Promise<void> {
  const client = new pg.Client(databaseUrl)
  await client.connect()
  const zone = forenoonZone(dueAt)
  const local = dueAt.toZonedDateTimeISO(zone)
  const time = local.toPlainTime().toString({ smallestUnit: 'minute', roundingMode: 'floor' })
  const since = String(dueAt.subtract({ hours: 24 * day }))
  // In one transaction, since workers may already be running.
  await client.query('begin')
  await client.query(
    `insert into subscribers (id, address, address_key, address_hash, first_name, created_at)
     select ${idAt(ENROLLED, "'s' || n")}, 'reader' || n || '@example.com',
       'reader' || n || '@example.com',
       decode(md5('h' || n), 'hex'), 'Reader ' || n, now()
     from generate_series(1, $1::int) n`,
    [active, since],
  )
  await client.query(
    `insert into enrollments (id, subscriber_id, series, status, time_of_day, zone, weekdays,
      due_on, due_at,
       created_at, confirmed_at)
     select ${idAt(ENROLLED, "'e' || n")}, ${idAt(ENROLLED, "'s' || n")}, 'inner-wisdom', 'active',
       $3, $4, '{1,2,3,4,5,6,7}',
       $5::date + case when n <= $6::int then 0 else 1 end,
       $7::timestamptz + case when n <= $6::int then interval '0' else interval '1 day' end, now(),
       now()
     from generate_series(1, $1::int) n`,
    [active, since, time, zone, String(local.toPlainDate()), due, String(dueAt)],
  )
  const had = await lessonsOf(day - 1)
  // Tests of migrations also fill older schemas.
  const { rows: ledger } = await client.query(`select to_regclass('ledger') is not null as known`)
  const [table, column, item] = ledger[0].known
    ? ['ledger', ', item_id', `, ${lessonId('had.item')}`]
    : ['deliveries', '', '']
  if (ledger[0].known)
    await addItems(client, { series: 'inner-wisdom', kind: 'lesson', items: had })
  await client.query(
    `insert into ${table} (id, enrollment_id, series, kind, item, day, local_date, due_at, until,
      status,
       try_at, sent_at, created_at${column})
     select ${idAt("$2::timestamptz + had.day * interval '1 day' + n * interval '1 ms'", "'d' || n || '-' || had.day")},
       ${idAt(ENROLLED, "'e' || n")}, 'inner-wisdom', 'lesson',
       had.item, had.day, $4::date - ($6::int - had.day::int), $5, $5, 'sent', $5, $5, $5${item}
     from generate_series(1, $1::int) n, unnest($3::text[]) with ordinality as had (item, day)`,
    [due, since, had, String(local.toPlainDate()), String(dueAt), day],
  )
  await client.query('commit')
  // As in an installation that has run for a while: the aftermath of seeding must not count.
  await client.query(`vacuum (analyze) subscribers, enrollments, due, ${table}`)
  await client.query('checkpoint').catch((error: { code?: string }) => {
    // Before PostgreSQL 15, only a superuser may.
    if (error.code !== FORBIDDEN) throw error
  })
  await client.end()
}

/** Stores what many are sent for the ledger to refer to. */
export const addItems = (
  client: pg.Client,
  { series, kind, items }: { series: string; kind: string; items: readonly string[] },
) =>
  client.query(
    `insert into ledger_items (series, kind, item)
     select $1, $2, item from unnest($3::text[]) item on conflict do nothing`,
    [series, kind, items],
  )

/** The number of what is stored, given a series and an item in SQL. */
export const itemId = (series: string, kind: string, item: string) =>
  `(select i.id from ledger_items i
    where i.series = ${series} and i.kind = '${kind}' and i.item = ${item})`

/** The number of a lesson of the sample course. */
export const lessonId = (item: string) => itemId(`'inner-wisdom'`, 'lesson', item)

/** Ids of the first lessons of the sample course. */
export async function lessonsOf(days: number): Promise<string[]> {
  const all = await loadCourses(fileURLToPath(new URL('../courses', import.meta.url)))
  const course = all.find(({ slug }) => slug === 'inner-wisdom')
  if (course?.kind !== 'course') throw new Error('the sample course is not there')
  return course.lessons.slice(0, days).map(({ id }) => id)
}
