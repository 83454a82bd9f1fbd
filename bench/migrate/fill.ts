/**
 * Fills a database with an older schema, by SQL, like an installation of that time: mails of a
 * course, morning by morning, nearly all of them in a final state.
 */
import pg from 'pg'
import { idAt } from '../seed.ts'

/** Mails of each reader. */
const MORNINGS = 20
/** For each rare state, one in this many readers has a last mail in it. */
const RARE = 200

const ENROLLED = `(date_trunc('day', now()) - interval '40 days' + n * interval '1 ms')`
const SUBSCRIBER = idAt(ENROLLED, "'s' || n")
const ENROLLMENT = idAt(ENROLLED, "'e' || n")
const DUE = `(${ENROLLED} + $2::int * interval '1 day')`

/** States on the last morning, by number of the reader; all earlier mails were sent. */
const STATES = [
  'planned',
  'retry',
  'unknown',
  'sending',
  'bounced',
  'refused',
  'expired',
  'skipped',
]

const STATUS = `case when $2::int < ${MORNINGS} then 'sent' else case n % $3::int
  ${STATES.map((status, index) => `when ${index} then '${status}'`).join(' ')} else 'sent' end end`

/** The columns of a delivery, as SQL over n and `status`. */
const VALUES: Readonly<Record<string, string>> = {
  id: idAt(DUE, "'d' || n || '-' || $2::int"),
  enrollment_id: ENROLLMENT,
  subscriber_id: SUBSCRIBER,
  series: `'inner-wisdom'`,
  kind: `'lesson'`,
  item: `'lesson-' || $2::int`,
  day: '$2::int',
  local_date: `${DUE}::date`,
  due_at: DUE,
  until: `${DUE} + interval '12 hours'`,
  // Every second waiting mail has no attempt left within its window.
  try_at: `${DUE} + case when status = 'planned' and n % 2 = 0 then interval '12 hours' else interval '0' end`,
  status: 'status',
  attempts: `case when status = 'planned' then 0 else 1 end`,
  queued_at: DUE,
  first_tried_at: `case when status <> 'planned' then ${DUE} end`,
  message_id: `case when status <> 'planned' then '<' || md5('m' || n || '-' || $2::int) ||
    '@courses.example>' end`,
  edition: `case when status <> 'planned' then md5('lesson-' || $2::int) end`,
  sent_at: `case when status = 'sent' then ${DUE} + interval '10 seconds' end`,
  server: `case when status = 'sent' then 'relay.example:587' end`,
  reply: `case when status = 'sent' then '250 2.0.0 Ok: queued as ' ||
    upper(substr(md5(n::text), 1, 11)) end`,
  first_name: `'Reader ' || n`,
  worker: `case when status = 'sending' then 'one that has ended' end`,
  lease_until: `case when status = 'sending' then now() - interval '1 hour' end`,
  created_at: DUE,
}

/** Fills it with about `rows` deliveries; `rare`: see RARE. */
export async function fillOld(databaseUrl: string, rows: number, rare = RARE): Promise<void> {
  const client = new pg.Client(databaseUrl)
  await client.connect()
  const readers = Math.max(1, Math.round(rows / MORNINGS))
  try {
    await client.query(`set synchronous_commit = off; set timezone = 'UTC'; set jit = off`)
    await client.query(PEOPLE, [readers])
    await client.query(ENROLLMENTS, [readers])
    const columns = await columnsOf(client)
    const insert = `insert into deliveries (${columns.join(', ')})
      select ${columns.map((column) => VALUES[column]).join(', ')} from (
        select n, ${STATUS} as status from generate_series(1, $1::int) n) as one`
    const rebuild = await dropKeys(client)
    for (let morning = 1; morning <= MORNINGS; morning++)
      await client.query(insert, [readers, morning, rare])
    await client.query(`set maintenance_work_mem = '512MB'`)
    for (const statement of rebuild) await client.query(statement)
    await client.query('vacuum (analyze)')
    await client.query('checkpoint').catch(() => {})
  } finally {
    await client.end()
  }
}

/**
 * Drops keys and indexes of the ledger, except the primary key, to which others refer. Returns the
 * statements that recreate them.
 */
async function dropKeys(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ drop: string; make: string }>(`
    select format('alter table deliveries drop constraint %I', conname) as drop,
      format('alter table deliveries add constraint %I %s', conname,
        pg_get_constraintdef(oid)) as make
    from pg_constraint where conrelid = 'deliveries'::regclass and contype in ('u', 'f')
    union all
    select format('drop index %s', indexrelid::regclass), pg_get_indexdef(indexrelid)
    from pg_index where indrelid = 'deliveries'::regclass and not exists (
      select from pg_constraint where conindid = indexrelid and contype in ('p', 'u'))`)
  for (const { drop } of rows) await client.query(drop)
  return rows.map(({ make }) => make)
}

/** The columns of the ledger in this schema. */
async function columnsOf(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `select column_name as name from information_schema.columns
     where table_schema = current_schema() and table_name = 'deliveries'
       and column_name = any ($1)`,
    [Object.keys(VALUES)],
  )
  return rows.map(({ name }) => name)
}

const PEOPLE = `
  insert into subscribers (id, address, address_key, address_hash, first_name, created_at)
  select ${SUBSCRIBER}, 'reader' || n || '@example.com', 'reader' || n || '@example.com',
    decode(md5('h' || n), 'hex'), 'Reader ' || n, now()
  from generate_series(1, $1::int) n`

const ENROLLMENTS = `
  insert into enrollments (id, subscriber_id, series, status, time_of_day, zone, weekdays, due_on,
    due_at, created_at, confirmed_at)
  select ${ENROLLMENT}, ${SUBSCRIBER}, 'inner-wisdom', 'active', '07:00', 'UTC', '{1,2,3,4,5,6,7}',
    current_date + 1, now() + interval '1 day' + n * interval '1 ms', now(), now()
  from generate_series(1, $1::int) n`
