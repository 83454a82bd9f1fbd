/**
 * Fills a database with years of history, by SQL, from rows that the program itself has written. So
 * columns can be added freely; only those that differ in each copy are in shape.ts.
 */
import pg from 'pg'
import { fillDue } from '../../src/store/postgres/due-filling.ts'
import { openDatabase } from '../../src/store/postgres/sql.ts'
import { allSent, migrated, stop } from '../dawnpost.ts'
import type { Machines } from '../machines.ts'
import { addItems, seed } from '../seed.ts'
import type { Observer } from './database.ts'
import { start } from './drain.ts'
import {
  COHORTS,
  type Copied,
  daysAgo,
  HAD,
  HISTORY,
  lessons,
  makeRoom,
  PEOPLE,
  READERS,
  WRITTEN,
} from './shape.ts'

/** Mails really sent, to be copied. */
const MODELS = 400

/** The number of readers for a number of deliveries. */
export const readersOf = (rows: number) => Math.ceil(rows / HAD)

/**
 * Fills an empty database with a number of deliveries. Indexes grow along with them and so have the
 * free space that they have in production.
 */
export async function fill(
  machines: Machines,
  databaseUrl: string,
  observer: Observer,
  rows: number,
): Promise<void> {
  await migrated(databaseUrl, makeRoom)
  await sendModels(machines, databaseUrl)
  await using stack = new AsyncDisposableStack()
  const database = stack.adopt(await openDatabase(databaseUrl, () => {}), (database) =>
    database.close(),
  )
  const { client } = observer
  // The copies are known to be valid; checking foreign keys for each row would take long.
  await client.query(`set session_replication_role = replica; set synchronous_commit = off;
    set timezone = 'UTC'; set jit = off; set maintenance_work_mem = '512MB'; create schema if not exists bench`)
  for (const copied of [...PEOPLE, ...HISTORY]) await keepTemplate(client, copied)
  const readers = readersOf(rows)
  for (const copied of PEOPLE) await copy(client, copied, READERS, [readers])
  // Needed because no trigger runs for copied rows.
  await fillDue(database.db)
  await addItems(client, { series: 'inner-wisdom', kind: 'lesson', items: await lessons() })
  for (let cohort = COHORTS - 1; cohort >= 0; cohort--) {
    for (const [index, item] of (await lessons()).entries())
      for (const copied of HISTORY)
        await copy(client, copied, COHORT, [
          readers,
          cohort,
          item,
          index + 1,
          -daysAgo(cohort, index + 1),
        ])
  }
  await client.query('drop schema bench cascade; reset session_replication_role')
  await settle(observer)
}

/** Vacuums and checkpoints, as if the rows had been there for long. */
export async function settle({ client }: Observer): Promise<void> {
  for (const table of WRITTEN) await client.query(`vacuum (analyze) ${table}`)
  await client.query('checkpoint')
}

const COHORT = `
  select n, $2::int as cohort, $3::text as item, $4::int as day, $5::int as days
  from generate_series(1, $1::int) n where n % ${COHORTS} = $2::int`

/** Has the real worker send some mails, as models for all others. */
async function sendModels(machines: Machines, databaseUrl: string): Promise<void> {
  const dueAt = Temporal.Now.instant()
  await seed(databaseUrl, { active: MODELS, due: MODELS, dueAt })
  const worker = await start(machines, databaseUrl, { backend: 'redis' })
  const client = new pg.Client(databaseUrl)
  await client.connect()
  try {
    await allSent(client, MODELS, dueAt, [])
  } finally {
    await client.end()
    await stop(worker)
  }
}

/** Keeps the real row that a table's copies are made from. */
async function keepTemplate(client: pg.Client, { table, template }: Copied): Promise<void> {
  const { rowCount } = await client.query(
    `create table bench.${table} as select * from public.${table} where ${template} limit 1`,
  )
  if (rowCount !== 1) throw new Error(`${table} has no row of which ${template}`)
}

/** Adds a copy of the template for each row `g` of a query. */
async function copy(
  client: pg.Client,
  { table, own }: Copied,
  of: string,
  values: readonly unknown[],
): Promise<void> {
  const { rows: columns } = await client.query<{ name: string; type: string }>(
    `select column_name as name, data_type as type from information_schema.columns
     where table_schema = 'public' and table_name = $1 and is_generated = 'NEVER'
       and is_identity = 'NO'
     order by ordinal_position`,
    [table],
  )
  const value = ({ name, type }: { name: string; type: string }) => {
    if (own[name] !== undefined) return own[name]
    if (type.startsWith('timestamp')) return `t."${name}" + g.days * interval '1 day'`
    return type === 'date' ? `t."${name}" + g.days` : `t."${name}"`
  }
  await client.query(
    `insert into public.${table} (${columns.map(({ name }) => `"${name}"`).join(', ')})
     select ${columns.map(value).join(', ')} from (${of}) as g, bench.${table} t`,
    [...values],
  )
}
