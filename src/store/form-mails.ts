/** Mails that forms can cause: one of each kind per address and day, regardless of who asks. */
import { sql } from 'kysely'
import type { FormRequestedKind } from '../domain/delivery.ts'
import { BOUNCE_SUPPRESSION_REASONS, OWNER_SUPPRESSION_REASONS } from '../domain/suppression.ts'
import { DAY } from '../domain/time.ts'
import { type Db, instant } from './postgres/sql.ts'

export interface FormMailRequest {
  readonly kind: FormRequestedKind
  /** Keyed hashes of the recipient's address, the current key's first. */
  readonly hashes: readonly [Buffer, ...Buffer[]]
  /** Whether there is a mail to send; if not, the same statement runs. */
  readonly wanted: boolean
  /** Whether somebody who left everything may have it: to confirm, or to exercise their rights. */
  readonly evenIfLeft: boolean
  /** Milliseconds between two mails of this kind to the same address. */
  readonly apart: number
}

/** No two of a kind need to be further apart than this. */
const MAX_INTERVAL_MS = DAY

/**
 * Returns whether a mail may go out, and records that it does: none of its kind has gone to this
 * address for a while, and the address is not suppressed. Of several who ask simultaneously, in any
 * process, only one gets true. It takes effect with the transaction.
 */
export async function claim(tx: Db, ask: FormMailRequest, now: Temporal.Instant): Promise<boolean> {
  const { kind, wanted, evenIfLeft, apart } = ask
  const before = instant(now.subtract({ milliseconds: apart }))
  const [hash, ...old] = ask.hashes
  const { rows } = await sql`
    insert into form_mails (kind, address_hash, asked_at)
    select ${kind}::text, ${hash}::bytea, ${instant(now)}
    where ${wanted}::boolean
      and not exists (
        select from form_mails f where f.kind = ${kind} and f.address_hash = any (${old}::bytea[])
          and f.asked_at > ${before}
      )
      and not exists (
        select from suppressions x where x.address_hash = ${hash}
          and not (${evenIfLeft}::boolean and x.reason = any (${[...OWNER_SUPPRESSION_REASONS]}::text[]))
          and not (${kind} = 'confirm' and x.reason = any (${[...BOUNCE_SUPPRESSION_REASONS]}::text[]))
      )
    on conflict (kind, address_hash) do update set asked_at = excluded.asked_at
      where form_mails.asked_at <= ${before}
    returning kind`.execute(tx)
  return rows.length > 0
}

/** Allows another mail of this kind: what the last one was for has been done. */
export const allowAnother = (tx: Db, kind: FormRequestedKind, hashes: readonly Buffer[]) =>
  tx
    .deleteFrom('form_mails')
    .where('kind', '=', kind)
    .where('address_hash', 'in', [...hashes])
    .execute()

/** Deletes what is older than a day. */
export const purge = (db: Db, now: Temporal.Instant) =>
  db
    .deleteFrom('form_mails')
    .where('asked_at', '<=', instant(now.subtract({ milliseconds: MAX_INTERVAL_MS })))
    .execute()
