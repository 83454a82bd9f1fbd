/** The addresses that get no mail, and why. Only the keyed hash of an address is stored. */
import { type Selectable, sql } from 'kysely'
import {
  LIFTED_BY_CONFIRMATION,
  OWNER_SUPPRESSION_REASONS,
  type SuppressionReason,
} from '../domain/suppression.ts'
import type { Db } from './postgres/sql.ts'
import type { Tables } from './postgres/tables.ts'

export interface SuppressionCause {
  readonly reason: SuppressionReason
  /** Who or what reported it: a source of reports, `reader`, `operator` or `import`. */
  readonly source: string
  readonly reportId?: string | undefined
  readonly note?: string | undefined
}

/**
 * Adds an address to the list for a reason, and records the change. Returns whether it was not yet
 * on the list for that reason.
 */
export async function add(
  db: Db,
  hash: Buffer,
  why: SuppressionCause,
  now: Temporal.Instant,
): Promise<boolean> {
  const { reason, source, reportId = null, note = null } = why
  const columns = { address_hash: hash, reason, source, report_id: reportId, note }
  const added = await db
    .insertInto('suppressions')
    .values({ ...columns, created_at: String(now) })
    .onConflict((conflict) => conflict.doNothing())
    .returning('reason')
    .execute()
  if (added.length === 0) return false
  await db
    .insertInto('suppression_changes')
    .values({ ...columns, change: 'added', at: String(now) })
    .execute()
  return true
}

export interface LiftOptions {
  readonly reasons: readonly SuppressionReason[]
  readonly source: string
  readonly note?: string | undefined
}

/**
 * Takes an address off the list for these reasons, and records that. Returns those it was listed
 * for.
 */
export async function lift(
  db: Db,
  hash: Buffer,
  { reasons, source, note }: LiftOptions,
  now: Temporal.Instant,
): Promise<SuppressionReason[]> {
  const lifted = await db
    .deleteFrom('suppressions')
    .where('address_hash', '=', hash)
    .where('reason', 'in', [...reasons])
    .returning(['reason', 'report_id'])
    .execute()
  if (lifted.length > 0)
    await db
      .insertInto('suppression_changes')
      .values(
        lifted.map(({ reason, report_id }) => ({
          address_hash: hash,
          reason,
          change: 'lifted' as const,
          source,
          report_id,
          note: note ?? null,
          at: String(now),
        })),
      )
      .execute()
  return lifted.map(({ reason }) => reason)
}

/** Lifts what a fresh confirmation by the person ends (standards.md H6). */
export const liftByConfirming = (db: Db, hash: Buffer, now: Temporal.Instant) =>
  lift(db, hash, { reasons: LIFTED_BY_CONFIRMATION, source: 'reader', note: 'confirmed anew' }, now)

/**
 * After a change of SECRET_KEY: copies suppressions found under an old key's hash to the current
 * one.
 */
export const rekey = (db: Db, old: readonly Buffer[], present: Buffer) =>
  old.length === 0
    ? Promise.resolve([])
    : db
        .insertInto('suppressions')
        .columns(['address_hash', ...COPIED_COLUMNS])
        .expression(({ selectFrom, val }) =>
          selectFrom('suppressions')
            .select([val(present).as('address_hash'), ...COPIED_COLUMNS])
            .where('address_hash', 'in', [...old]),
        )
        .onConflict((conflict) => conflict.doNothing())
        .execute()

const COPIED_COLUMNS = ['reason', 'created_at', 'source', 'report_id', 'note'] as const

/** Returns whether this address gets no mail, for any reason. */
export async function has(db: Db, hash: Buffer): Promise<boolean> {
  const row = await db
    .selectFrom('suppressions')
    .select('reason')
    .where('address_hash', '=', hash)
    .executeTakeFirst()
  return row !== undefined
}

/** Returns why an address gets no mail, oldest reason first. */
export const of = (db: Db, hashes: readonly Buffer[]) =>
  db
    .selectFrom('suppressions')
    .selectAll()
    .where('address_hash', 'in', [...hashes])
    .orderBy('created_at')
    .execute()

/**
 * Returns since when an address has been suppressed other than by its owner's wish, with the reason
 * in the report behind it, if any; null if it is not.
 */
export async function refusedSince(db: Db, hash: Buffer) {
  const row = await db
    .selectFrom('suppressions as x')
    .leftJoin('reports as r', 'r.id', 'x.report_id')
    .select(['x.created_at as since', 'x.reason', 'r.reason as said'])
    .where('x.address_hash', '=', hash)
    .where('x.reason', 'not in', [...OWNER_SUPPRESSION_REASONS])
    .orderBy('x.created_at')
    .limit(1)
    .executeTakeFirst()
  return row ?? null
}

export type Suppression = Selectable<Tables['suppressions']>

export interface ListedSuppression extends Suppression {
  /** Null if no subscriber has it any more. */
  readonly address: string | null
}

/** Returns a page of the list in the order of hashes, starting after `after`. */
export async function page(
  db: Db,
  { after, reason, limit }: { after: Suppression | null; reason?: string; limit: number },
): Promise<ListedSuppression[]> {
  const { rows } = await sql<ListedSuppression>`
    select x.*, s.address
    from suppressions x left join lateral (
      select address from subscribers where address_hash = x.address_hash limit 1
    ) s on true
    where (${after === null} or (x.address_hash, x.reason) > (${after?.address_hash ?? null}::bytea,
      ${after?.reason ?? null}::text))
    ${reason === undefined ? sql`` : sql`and x.reason = ${reason}`}
    order by x.address_hash, x.reason limit ${limit}`.execute(db)
  return rows
}
