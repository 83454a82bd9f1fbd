/**
 * What the database reports about itself, for the doctor. Every query is cheap, whatever its size.
 */
import { sql } from 'kysely'
import {
  type DatabaseFacts,
  PROBE_ZONES,
  wallTime,
  type ZoneFact,
} from '../domain/doctor/judge-database.ts'
import { namesOfMigrations, newerThan } from './postgres/migrate.ts'
import type { Db } from './postgres/sql.ts'

/** Its name before migration 0064 was deliveries. */
const LEDGER = sql`coalesce(to_regclass(quote_ident(current_schema()) || '.ledger'),
  to_regclass(quote_ident(current_schema()) || '.deliveries'))`

type QueriedFacts = Omit<DatabaseFacts, 'where' | 'aheadMs' | 'zones' | 'migration'>

/** `now` is read twice: before and after the database's clock. */
export async function facts(
  db: Db,
  now: () => Temporal.Instant,
): Promise<Omit<DatabaseFacts, 'where'>> {
  return {
    ...(await server(db)),
    ...(await upkeep(db)),
    aheadMs: await clockOffsetMs(db, now),
    migration: await migration(db),
    zones: await zones(db),
  }
}

type Server = Pick<
  QueriedFacts,
  | 'version'
  | 'versionName'
  | 'encoding'
  | 'dateStyle'
  | 'intervalStyle'
  | 'collation'
  | 'missingRights'
>

async function server(db: Db): Promise<Server> {
  const { rows } = await sql<
    Omit<Server, 'missingRights'> & { creates: boolean; owns: boolean; schema: string }
  >`
    select current_setting('server_version_num')::int as version,
      split_part(current_setting('server_version'), ' ', 1) as "versionName",
      current_setting('server_encoding') as encoding, current_setting('DateStyle') as "dateStyle",
      current_setting('IntervalStyle') as "intervalStyle",
      (select datcollate from pg_database where datname = current_database()) as collation,
      current_schema() as schema,
      has_schema_privilege(current_schema(), 'create') as creates,
      coalesce((select pg_has_role(relowner, 'usage') from pg_class
        where oid = ${LEDGER}),
          true) as owns`.execute(db)
  const [row] = rows
  if (!row) throw new Error('the database gave no answer')
  const { creates, owns, schema, ...rest } = row
  const missingRights = [
    ...(creates ? [] : [`create tables in the schema ${schema}`]),
    ...(owns ? [] : ['change the existing tables']),
  ]
  return { ...rest, missingRights }
}

type Upkeep = Omit<QueriedFacts, keyof Server>

async function upkeep(db: Db): Promise<Upkeep> {
  const { rows } = await sql<Upkeep>`
    select coalesce(t.n_live_tup, 0)::float8 as live, coalesce(t.n_dead_tup, 0)::float8 as dead,
      t.last_autovacuum as "autovacuumAt", current_setting('autovacuum') = 'on' as autovacuum,
      coalesce(a.oldest, 0)::float8 as "oldestTransaction",
      coalesce(a.idle, 0)::float8 as "oldestIdle",
      case when pg_is_in_recovery() then 0 else coalesce((
        select max(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)) from pg_replication_slots
        where database is null or database = current_database()), 0) end::float8 as "slotBytes"
    from (
      select extract(epoch from max(clock_timestamp() - xact_start) filter (where state <>
        'idle in transaction')) as oldest,
        extract(epoch from max(clock_timestamp() - xact_start) filter (where state =
        'idle in transaction')) as idle
      from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid()
        and backend_type = 'client backend'
    ) as a
    left join (
      select sum(n_live_tup) as n_live_tup, sum(n_dead_tup) as n_dead_tup,
        max(last_autovacuum) as last_autovacuum
      from pg_partition_tree(${LEDGER}) p join pg_stat_user_tables s on s.relid = p.relid
        where p.isleaf
    ) as t on true`.execute(db)
  const [row] = rows
  if (!row) throw new Error('the database gave no answer')
  return row
}

async function clockOffsetMs(db: Db, now: () => Temporal.Instant): Promise<number> {
  const before = now().epochMilliseconds
  const { rows } = await sql<{ at: Temporal.Instant }>`select clock_timestamp() as at`.execute(db)
  const after = now().epochMilliseconds
  return (rows[0]?.at.epochMilliseconds ?? before) - (before + after) / 2
}

async function migration(db: Db) {
  const known = await namesOfMigrations()
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from kysely_migration
      where name = any (${known}::text[])`.execute(db)
  return { pending: known.length - (rows[0]?.count ?? 0), newer: await newerThan(known, db) }
}

const zones = (db: Db): Promise<ZoneFact[]> =>
  Promise.all(
    PROBE_ZONES.map(async ([zone, at]) => ({
      zone,
      at,
      here: wallTime(zone, at),
      there: await wallTimeThere(db, zone, at),
    })),
  )

const UNKNOWN_ZONE = '22023'

async function wallTimeThere(db: Db, zone: string, at: string): Promise<string | null> {
  try {
    const { rows } = await sql<{ wall: string }>`
      select to_char(${at}::timestamptz at time zone ${zone}::text,
        'YYYY-MM-DD HH24:MI') as wall`.execute(db)
    return rows[0]?.wall ?? null
  } catch (error) {
    if ((error as { code?: string }).code === UNKNOWN_ZONE) return null
    throw error
  }
}
