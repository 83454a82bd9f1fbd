/** The processes of the installation and their heartbeats, by the database's own clock. */
import { sql } from 'kysely'
import { type Db, prepared } from './postgres/sql.ts'

/** State of a process; times are milliseconds since the last sign, null if there was none. */
export interface HeartbeatState {
  readonly name: string
  /** Whether it plans and sends, or only serves pages. */
  readonly plans: boolean
  readonly plannedAgoMs: number | null
  readonly sendingAgoMs: number | null
  readonly acceptedAgoMs: number | null
  /** Whether each SMTP server is up as this process sees it, by name. */
  readonly servers: Readonly<Record<string, boolean>>
  /** Its metrics, as prom-client writes them. */
  readonly metrics: readonly object[]
}

/** A process that has been silent for this long is gone or stuck. */
const HEARTBEAT_TIMEOUT_SECONDS = 30

/** Records a process's heartbeat and state. */
export async function beat(db: Db, sign: HeartbeatState): Promise<void> {
  const ago = (ms: number | null) => sql`now() - ${ms}::float8 * interval '1 millisecond'`
  await sql`
    ${prepared('beat')} insert into processes as p (name, plans, planned_at, sending_at,
    accepted_at, servers, metrics)
    values (${sign.name}, ${sign.plans}, ${ago(sign.plannedAgoMs)}, ${ago(sign.sendingAgoMs)},
      ${ago(sign.acceptedAgoMs)},
      ${JSON.stringify(sign.servers)}::jsonb, ${JSON.stringify(sign.metrics)}::jsonb)
    on conflict (name) do update set plans = excluded.plans, seen_at = now(),
      planned_at = excluded.planned_at,
      sending_at = excluded.sending_at, accepted_at = excluded.accepted_at,
      servers = excluded.servers,
      metrics = excluded.metrics`.execute(db)
}

export interface AliveProcess {
  readonly name: string
  readonly plans: boolean
  /** Whether its planner and its senders have given a sign of life lately. */
  readonly planner: boolean
  readonly senders: boolean
  /** Milliseconds since an SMTP server last took a mail from it; null if none has. */
  readonly acceptedAgoMs: number | null
  readonly servers: Readonly<Record<string, boolean>>
}

/** Returns the processes that have given a sign of life lately. */
export async function alive(db: Db): Promise<AliveProcess[]> {
  const lately = sql`now() - ${HEARTBEAT_TIMEOUT_SECONDS} * interval '1 second'`
  const { rows } = await sql<AliveProcess>`
    select name, plans, coalesce(planned_at > ${lately}, false) as planner,
      coalesce(sending_at > ${lately}, false) as senders,
      (extract(epoch from now() - accepted_at) * 1000)::float8 as "acceptedAgoMs", servers
    from processes where seen_at > ${lately} order by name`.execute(db)
  return rows
}

/** Returns the metrics of the processes that are alive. */
export async function metrics(db: Db): Promise<object[][]> {
  const { rows } = await sql<{ metrics: object[] }>`
    select metrics from processes where seen_at > now() - ${HEARTBEAT_TIMEOUT_SECONDS} * interval '1 second'
      order by name`.execute(db)
  return rows.map((row) => row.metrics)
}

/** Removes a process that has stopped cleanly. */
export const remove = (db: Db, name: string) =>
  db.deleteFrom('processes').where('name', '=', name).execute()

/** Removes processes that were killed long ago. */
export const removeStale = (db: Db) =>
  db
    .deleteFrom('processes')
    .where('seen_at', '<', sql<Temporal.Instant>`now() - interval '1 day'`)
    .execute()

/** As much as fits on a page (8 kB) together with PostgreSQL's own overhead. */
const PAGE = 'x'.repeat(7_900)

/**
 * Checks that the database takes writes and that its disk has room for one more page. Rejects if
 * not.
 */
export async function checkWritable(db: Db): Promise<void> {
  await sql`with before as (delete from write_checks) insert into write_checks (page)
    values (${PAGE})`.execute(db)
}
