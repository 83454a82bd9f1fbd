/**
 * Fills a database as an installation of some years is filled, by SQL: the subject is what is asked
 * of it afterwards.
 */
import pg from 'pg'
import { forenoonZone } from '../seed.ts'

export interface Size {
  readonly subscribers: number
  readonly deliveries: number
}

export interface Filled {
  readonly subscribers: number
  readonly enrollments: number
  readonly deliveries: number
  /** Deliveries of this morning that have not left: each queued, or in the mail of one that is. */
  readonly planned: number
  readonly bytes: number
}

/**
 * Of ten subscribers six have finished the course, three are in it and have a lesson that is
 * planned and queued, and one has left or not confirmed; every second one has the daily as well.
 * The lessons of a day lie beside each other, as they do in a ledger that is written morning by
 * morning.
 */
export async function fill(
  databaseUrl: string,
  { subscribers, deliveries }: Size,
  lessons: readonly string[],
): Promise<Filled> {
  const client = new pg.Client(databaseUrl)
  await client.connect()
  try {
    await client.query(`set synchronous_commit = off; set timezone = 'UTC'; set jit = off`)
    await client.query(PEOPLE, [subscribers])
    const zone = forenoonZone(Temporal.Now.instant())
    await client.query(ENROLLMENTS, [subscribers, zone])
    const rebuild = await dropIndexes(client)
    for (const [index, lesson] of lessons.entries())
      await client.query(LESSONS, [subscribers, lesson, index + 1])
    const { rows } = await client.query('select count(*)::int as lessons from deliveries')
    const dates = Math.max(0, Math.round((deliveries - rows[0].lessons) / (subscribers / 2)))
    for (let ago = dates; ago > 0; ago--) await client.query(INSPIRATIONS, [subscribers, ago])
    await client.query(PLANNED, [subscribers, lessons])
    await client.query(PASSENGERS, [subscribers])
    await client.query(rebuild)
    await client.query('vacuum (analyze) subscribers, enrollments, due, deliveries')
    await client.query('checkpoint')
    const counted =
      await client.query(`select (select count(*) from subscribers)::int as subscribers,
      (select count(*) from enrollments)::int as enrollments, (select count(*) from deliveries)::int as deliveries,
      (select count(*) from deliveries where status = 'planned')::int as planned,
      pg_database_size(current_database())::float8 as bytes`)
    return counted.rows[0]
  } finally {
    await client.end()
  }
}

const PEOPLE = `
  insert into subscribers (id, address, address_key, address_hash, first_name, created_at)
  select md5('s' || n)::uuid, 'reader' || n || '@example.com', 'reader' || n || '@example.com',
    decode(md5('h' || n), 'hex'), 'Reader ' || n, now() - interval '2 years'
  from generate_series(1, $1::int) n`

/**
 * What stands in for the course of a subscriber n: how it ended, and how many lessons they have
 * had.
 */
const STATUS = `case when n % 10 < 6 then 'completed' when n % 10 < 9 then 'active' when n % 20 = 9 then 'left' else 'pending' end`
const HAD = `case when n % 10 < 6 then 30 when n % 10 < 9 then 1 + n / 10 % 28 when n % 20 = 9 then 12 else 0 end`

const ENROLLMENTS = `
  insert into enrollments (id, subscriber_id, series, status, time_of_day, zone, weekdays, due_on, due_at, created_at,
    confirmed_at, ended_at)
  select md5(series || n)::uuid, md5('s' || n)::uuid, series, status, '07:00', $2, '{1,2,3,4,5,6,7}',
    case when status = 'active' then current_date + 1 end, case when status = 'active' then now() + interval '1 day' end,
    now() - interval '1 day', case when status <> 'pending' then now() - interval '1 day' end,
    case when status in ('completed', 'left') then now() end
  from (
    select n, 'inner-wisdom' as series, ${STATUS} as status from generate_series(1, $1::int) n
    union all
    select n, 'daily-inspiration', 'active' from generate_series(2, $1::int, 2) n
  ) as all_of_them`

/** An id that sorts by time, as those of the program do, with its random part from a text. */
const idAt = (at: string, text: string) =>
  `(lpad(to_hex((extract(epoch from ${at}) * 1000)::bigint), 12, '0') || '7' || substr(md5(${text}), 1, 3) || '8' || substr(md5(${text}), 4, 15))::uuid`

const COLUMNS = `id, enrollment_id, series, kind, item, day, local_date, due_at, until, try_at, status, attempts, queued_at,
  first_tried_at, message_id, edition, first_name, sent_at, server, reply, merged_into, created_at`

const sent = (kind: string, item: string) => `
  ${idAt('due', `'${kind}' || n || ${item}`)}, md5(series || n)::uuid, series, '${kind}', ${item}, day, due::date, due,
  due + interval '12 hours', due, 'sent', 1, due, due, '<' || md5('${kind}' || n || ${item}) || '@courses.example>',
  md5(${item}), 'Reader ' || n, due + interval '10 seconds', 'relay.example:587', '250 2.0.0 Ok: queued as ' || md5(n::text), null::uuid, due`

const LESSONS = `
  insert into deliveries (${COLUMNS})
  select ${sent('lesson', '$2::text')} from (
    select n, 'inner-wisdom' as series, $3::int as day, date_trunc('day', now()) - (40 - $3::int) * interval '1 day' + n % 300 * interval '1 minute' as due
    from generate_series(1, $1::int) n where ${HAD} >= $3::int
  ) as one`

const INSPIRATIONS = `
  insert into deliveries (${COLUMNS})
  select ${sent('inspiration', 'due::date::text')} from (
    select n, 'daily-inspiration' as series, null::int as day,
      date_trunc('day', now()) - $2::int * interval '1 day' + n % 300 * interval '1 minute' as due
    from generate_series(2, $1::int, 2) n
  ) as one`

/** Due since a moment, with a day's window. */
const planned = (kind: string, item: string, merged: string) => `
  ${idAt('due', `'planned ${kind}' || n`)}, md5(series || n)::uuid, series, '${kind}', ${item}, day, current_date, due,
  due + interval '20 hours', due, 'planned', 0, case when '${kind}' = 'lesson' then now() end, null::timestamptz, null,
  null, null, null::timestamptz, null, null, ${merged}, due`

const DUE = `date_trunc('minute', now()) - interval '5 minutes' as due`

const PLANNED = `
  insert into deliveries (${COLUMNS})
  select ${planned('lesson', '($2::text[])[day]', 'null::uuid')} from (
    select n, 'inner-wisdom' as series, ${HAD} + 1 as day, ${DUE} from generate_series(1, $1::int) n where ${STATUS} = 'active'
  ) as one`

const PASSENGERS = `
  insert into deliveries (${COLUMNS})
  select ${planned('inspiration', 'current_date::text', idAt('due', `'planned lesson' || n`))} from (
    select n, 'daily-inspiration' as series, null::int as day, ${DUE} from generate_series(2, $1::int, 2) n where ${STATUS} = 'active'
  ) as one`

/** Takes the indexes and keys of the ledger away; returns the statements that bring them back. */
async function dropIndexes(client: pg.Client): Promise<string> {
  const { rows: keys } = await client.query<{ name: string; definition: string }>(
    `select conname as name, pg_get_constraintdef(oid) as definition from pg_constraint
     where conrelid = 'deliveries'::regclass and contype in ('p', 'u', 'f')`,
  )
  const { rows: indexes } = await client.query<{ name: string; definition: string }>(
    `select indexrelid::regclass::text as name, pg_get_indexdef(indexrelid) as definition from pg_index i
     where indrelid = 'deliveries'::regclass and not exists (select from pg_constraint c where c.conindid = i.indexrelid)`,
  )
  for (const { name } of keys) await client.query(`alter table deliveries drop constraint ${name}`)
  for (const { name } of indexes) await client.query(`drop index ${name}`)
  const again = keys.map(({ name, definition }) => {
    // What was made is known to fit.
    const known = definition.startsWith('FOREIGN') ? ' not valid' : ''
    return `alter table deliveries add constraint ${name} ${definition}${known}`
  })
  return [
    `set maintenance_work_mem = '512MB'`,
    ...again,
    ...indexes.map(({ definition }) => definition),
  ].join('; ')
}
