/** Identifies the past that a database has: see migration 0028. */
import { sql } from 'kysely'
import { type Db, prepared } from './postgres/sql.ts'

export interface Lineage {
  /** Null until the program first starts on this database. */
  readonly id: string | null
  readonly place: string | null
  readonly mark: number
  /** When a worker last gave a sign of life in this past, by the program's clock. */
  readonly markedAt: Temporal.Instant | null
  /** Since when nothing leaves, and from when on an operator must decide about what was due. */
  readonly heldSince: Temporal.Instant | null
  readonly heldFrom: Temporal.Instant | null
}

/** How far this process has seen its mark advance. */
export type KnownLineage = Readonly<{ id: string; mark: number }>

export async function read(db: Db): Promise<Lineage> {
  const { rows } = await sql<Lineage>`
    ${prepared('lineage')} select id, place, mark::float8 as mark, marked_at as "markedAt",
    held_since as "heldSince", held_from as "heldFrom"
    from lineage`.execute(db)
  return (
    rows[0] ?? { id: null, place: null, mark: 0, markedAt: null, heldSince: null, heldFrom: null }
  )
}

/** Gives a database that has no past one of its own, which no copy of it shares. */
export async function begin(db: Db, place: string): Promise<void> {
  await sql`
    insert into lineage (id, place) values (gen_random_uuid(), ${place})
    on conflict (one) do update set id = excluded.id, place = excluded.place
      where lineage.id is null`.execute(db)
}

/** Advances the mark. Returns the new one; null if this past has ended or is in question. */
export async function advance(
  db: Db,
  { id, mark }: KnownLineage,
  now: Temporal.Instant,
): Promise<number | null> {
  const { rows } = await sql<{ mark: number }>`
    update lineage set mark = mark + 1, marked_at = ${String(now)}
    where id = ${id}::uuid and mark >= ${mark} and held_since is null
    returning mark::float8 as mark`.execute(db)
  return rows[0]?.mark ?? null
}

/**
 * Keeps everything from leaving until an operator has decided. With `past`, only if that is the
 * current one.
 */
export async function hold(db: Db, now: Temporal.Instant, past?: string): Promise<void> {
  await sql`
    update lineage set held_since = ${String(now)}, held_from = marked_at
    where held_since is null and ${isCurrent(past)}`.execute(db)
}

/**
 * Lets mail leave again, in a new past: what is known of the old one no longer counts against it.
 * With `past`, only if that is the current one, so that only one of several processes begins
 * another.
 */
export async function release(
  db: Db,
  { place, now, past }: { place: string; now: Temporal.Instant; past?: string },
): Promise<void> {
  await sql`
    update lineage set id = gen_random_uuid(), place = ${place}, marked_at = ${String(now)},
      held_since = null,
      held_from = null
    where ${isCurrent(past)}`.execute(db)
}

const isCurrent = (past: string | undefined) =>
  past === undefined ? sql`true` : sql`id = ${past}::uuid`

export async function moveTo(db: Db, place: string): Promise<void> {
  await sql`update lineage set place = ${place}`.execute(db)
}

/**
 * Whether its past is not in question, so that mail may leave. Also checked within the statements
 * that let mail leave, so that none does if the past changes under a process.
 */
export const isSound = ({ id, mark }: KnownLineage) =>
  sql<boolean>`(select l.held_since is null and l.id = ${id}::uuid and l.mark >= ${mark}
    from lineage l)`
