/**
 * Fills a database like that of an installation some years old, by SQL, since only later queries
 * count.
 */
import pg from 'pg'
import { monthsAhead, passingSince, RETENTION_DAYS } from '../../src/domain/retention.ts'
import { ledgerParts } from '../../src/store/index.ts'
import { RETENTION } from '../../src/store/new-deliveries.ts'
import { openDatabase } from '../../src/store/postgres/sql.ts'
import { addItems, forenoonZone, idAt, itemId } from '../seed.ts'

export interface Size {
  readonly subscribers: number
  readonly deliveries: number
}

export interface Filled {
  readonly subscribers: number
  readonly enrollments: number
  readonly deliveries: number
  /** Deliveries of this morning not yet sent: queued, or merged into the mail of a queued one. */
  readonly planned: number
  readonly bytes: number
}

/** Where finished deliveries are kept, by month. */
const PARTS = ['deliveries_kept', 'deliveries_passing']

/** Days since the latest readers began the course. */
const BEGAN_AGO = 40
/** Earlier cohorts, a month apart, and thus the length of the ledger in months. */
const COHORTS = 24
/** When subscriber `n` enrolled: finished courses are spread over the months before. */
const ENROLLED = `(date_trunc('day', now()) - (${BEGAN_AGO} + case when n % 10 < 6 then n / 10 % ${COHORTS} else 0 end * 30) * interval '1 day' + n % 1440 * interval '1 minute')`

/** The ids of subscriber `n` and of their enrollment in `series`, in SQL. */
export const subscriberId = idAt(ENROLLED, `'s' || n`)
export const enrollmentId = idAt(ENROLLED, `series || n`)

/**
 * Of ten subscribers six have finished the course, three are in it with a lesson planned and
 * queued, and one has left or has not confirmed; every second one has the daily as well. The
 * lessons of a day are stored together, as in a ledger that is written morning by morning.
 */
export async function fill(
  databaseUrl: string,
  { subscribers, deliveries }: Size,
  lessons: readonly string[],
): Promise<Filled> {
  await makeMonths(databaseUrl)
  const client = new pg.Client(databaseUrl)
  await client.connect()
  try {
    await client.query(`set synchronous_commit = off; set timezone = 'UTC'; set jit = off`)
    await client.query(PEOPLE, [subscribers])
    const zone = forenoonZone(Temporal.Now.instant())
    await client.query(ENROLLMENTS, [subscribers, zone])
    const rebuild = await dropIndexes(client, PARTS)
    await addItems(client, { series: 'inner-wisdom', kind: 'lesson', items: lessons })
    for (const [index, lesson] of lessons.entries())
      await client.query(LESSONS, [subscribers, lesson, index + 1])
    const { rows } = await client.query('select count(*)::int as lessons from deliveries')
    const dates = Math.max(0, Math.round((deliveries - rows[0].lessons) / (subscribers / 2)))
    const today = Temporal.Now.plainDateISO('UTC')
    const items = Array.from({ length: dates + 2 }, (_, ago) =>
      String(today.add({ days: 1 - ago })),
    )
    await addItems(client, { series: 'daily-inspiration', kind: 'inspiration', items })
    for (let ago = dates; ago > 0; ago--) await client.query(INSPIRATIONS, [subscribers, ago])
    await client.query(PLANNED, [subscribers, lessons])
    await client.query(PASSENGERS, [subscribers])
    await client.query([`set maintenance_work_mem = '512MB'`, ...rebuild].join('; '))
    await client.query('vacuum (analyze) subscribers, enrollments, due, ledger')
    await client.query('checkpoint')
    const counted =
      await client.query(`select (select count(*) from subscribers)::int as subscribers,
      (select count(*) from enrollments)::int as enrollments,
      (select count(*) from deliveries)::int as deliveries,
      (select count(*) from deliveries where status = 'planned')::int as planned,
      pg_database_size(current_database())::float8 as bytes`)
    return counted.rows[0]
  } finally {
    await client.end()
  }
}

/**
 * Creates the partitions that the program would have created and not yet dropped: of the passing
 * ones, only the last few months.
 */
async function makeMonths(databaseUrl: string): Promise<void> {
  const { db, close } = await openDatabase(databaseUrl, () => {})
  const now = Temporal.Now.instant()
  const passing = passingSince(now, RETENTION_DAYS).toPlainYearMonth()
  const last = monthsAhead(now).at(-1) ?? passing
  for (let ago = 0; ago <= COHORTS + 4; ago++) {
    const month = last.subtract({ months: ago })
    await ledgerParts.make(db, { of: 'kept', month })
    if (Temporal.PlainYearMonth.compare(month, passing) >= 0)
      await ledgerParts.make(db, { of: 'passing', month })
  }
  await close()
}

const PEOPLE = `
  insert into subscribers (id, address, address_key, address_hash, first_name, created_at)
  select ${subscriberId}, 'reader' || n || '@example.com', 'reader' || n || '@example.com',
    decode(md5('h' || n), 'hex'), 'Reader ' || n, now() - interval '2 years'
  from generate_series(1, $1::int) n`

/** The status of subscriber n in the course. */
const STATUS = `case when n % 10 < 6 then 'completed' when n % 10 < 9 then 'active' when n % 20 = 9
  then 'left' else 'pending' end`
const HAD = `case when n % 10 < 6 then 30 when n % 10 < 9 then 1 + n / 10 % 28 when n % 20 = 9
  then 12 else 0 end`

const ENROLLMENTS = `
  insert into enrollments (id, subscriber_id, series, status, time_of_day, zone, weekdays, due_on,
    due_at, created_at,
    confirmed_at, ended_at)
  select ${enrollmentId}, ${subscriberId}, series, status, '07:00', $2, '{1,2,3,4,5,6,7}',
    case when status = 'active' then current_date + 1 end, case when status = 'active'
      then now() + interval '1 day' end,
    now() - interval '1 day', case when status <> 'pending' then now() - interval '1 day' end,
    case when status in ('completed', 'left') then now() end
  from (
    select n, 'inner-wisdom' as series, ${STATUS} as status from generate_series(1, $1::int) n
    union all
    select n, 'daily-inspiration', 'active' from generate_series(2, $1::int, 2) n
  ) as all_of_them`

const COLUMNS = `id, enrollment_id, series, kind, item, day, local_date, due_at, until, try_at, status, attempts, queued_at,
  first_tried_at, message_id, edition, first_name, sent_at, server, reply, merged_into, created_at, retention, item_id`

/** Its retention, and the number of what is in it. */
const stored = (kind: string, item: string) =>
  `${RETENTION[kind === 'inspiration' ? 'passing' : 'kept']}, ${itemId('one.series', kind, item)}`

const sent = (kind: string, item: string) => `
  ${idAt('due', `'${kind}' || n || ${item}`)}, ${enrollmentId}, series, '${kind}', ${item}, day, due::date, due,
  due + interval '12 hours', due, 'sent', 1, due, due, '@courses.example',
  md5(${item}), 'Reader ' || n, due + interval '10 seconds', 'relay.example:587', '250 2.0.0 Ok: queued as ' || upper(substr(md5(n::text), 1, 11)), null::uuid, due,
  ${stored(kind, item)}`

const LESSONS = `
  insert into ledger (${COLUMNS})
  select ${sent('lesson', '$2::text')} from (
    select n, 'inner-wisdom' as series, $3::int as day,
      ${ENROLLED} + $3::int * interval '1 day' as due
    from generate_series(1, $1::int) n where ${HAD} >= $3::int
  ) as one`

const INSPIRATIONS = `
  insert into ledger (${COLUMNS})
  select ${sent('inspiration', 'due::date::text')} from (
    select n, 'daily-inspiration' as series, null::int as day,
      date_trunc('day', now()) - $2::int * interval '1 day' + n % 300 * interval '1 minute' as due
    from generate_series(2, $1::int, 2) n
  ) as one`

/** Due a moment ago, with a window of a day. */
const planned = (kind: string, item: string, merged: string) => `
  ${idAt('due', `'planned ${kind}' || n`)}, ${enrollmentId}, series, '${kind}', ${item}, day, current_date, due,
  due + interval '20 hours', due, 'planned', 0, case when '${kind}' = 'lesson' then now() end, null::timestamptz, null,
  null, null, null::timestamptz, null, null, ${merged}, due, ${stored(kind, item)}`

const DUE = `date_trunc('minute', now()) - interval '5 minutes' as due`

const PLANNED = `
  insert into ledger (${COLUMNS})
  select ${planned('lesson', '($2::text[])[day]', 'null::uuid')} from (
    select n, 'inner-wisdom' as series, ${HAD} + 1 as day, ${DUE} from generate_series(1, $1::int) n
      where ${STATUS} = 'active'
  ) as one`

const PASSENGERS = `
  insert into ledger (${COLUMNS})
  select ${planned('inspiration', 'current_date::text', idAt('due', `'planned lesson' || n`))}
    from (
    select n, 'daily-inspiration' as series, null::int as day, ${DUE}
      from generate_series(2, $1::int, 2) n where ${STATUS} = 'active'
  ) as one`

/**
 * Drops the indexes of these tables that no foreign key depends on, except primary keys, which grow
 * at their end. Returns the statements that recreate them, on all partitions of a partitioned
 * table.
 */
async function dropIndexes(client: pg.Client, tables: readonly string[]): Promise<string[]> {
  const { rows } = await client.query<{ drop: string; again: string }>(
    `select case when c.oid is null then format('drop index %s', i.indexrelid::regclass)
         else format('alter table %s drop constraint %I', i.indrelid::regclass,
         c.conname) end as drop,
       case when c.oid is null then replace(pg_get_indexdef(i.indexrelid), ' ON ONLY ', ' ON ')
         else format('alter table %s add constraint %I %s', i.indrelid::regclass, c.conname,
         pg_get_constraintdef(c.oid)) end as again
     from pg_index i left join pg_constraint c on c.conindid = i.indexrelid
       and c.conrelid = i.indrelid and c.contype in ('u', 'x')
     where i.indrelid in (select to_regclass(name) from unnest($1::text[]) name)
       and not i.indisprimary
       and not exists (select from pg_constraint f where f.conindid = i.indexrelid
       and f.contype = 'f')`,
    [[...tables]],
  )
  for (const { drop } of rows) await client.query(drop)
  return rows.map(({ again }) => again)
}
