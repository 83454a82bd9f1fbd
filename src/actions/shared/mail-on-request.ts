import type { ByForm } from '../../domain/delivery.ts'
import type * as stores from '../../store/index.ts'
import type { Db } from '../../store/postgres/sql.ts'
import { onRequest } from './on-request.ts'

export interface Deps {
  readonly stores: Pick<typeof stores, 'deliveries' | 'suppressions' | 'formMails'>
  readonly addressHashes: (addressKey: string) => [Buffer, ...Buffer[]]
}

/** A mail that a form asks for. */
export interface MailOnRequest {
  readonly kind: ByForm
  /** The key of the address it goes to: see domain/address.ts. */
  readonly to: string
  /**
   * Whose mail it is and what tells it from others of its kind; null when there is nothing to send
   * after all.
   */
  readonly mail: {
    readonly enrollment: Pick<stores.enrollments.Enrollment, 'id' | 'series' | 'zone'>
    readonly item?: string
    readonly id?: string
    /** Another address than the subscriber's own. */
    readonly recipient?: string
  } | null
}

/**
 * Kinds for which it is no hindrance to have left everything: asking to confirm, and what is a
 * person's right.
 */
const EVEN_IF_LEFT: readonly ByForm[] = ['confirm', 'export', 'erase']

/**
 * The one way by which a form causes a mail: at most one of each kind for an address in 24 hours,
 * whoever asks and wherever, and none to an address that is suppressed (standards.md H2, I4). It is
 * due now, and of no use after a day.
 *
 * The statements are the same whether there is a mail or not, and it leaves with the next sweep, so
 * that neither the answer nor the next ones tell anything of the address (I2).
 *
 * @returns whether there will be a mail, which no answer may depend on.
 */
export async function mailOnRequest(
  tx: Db,
  { kind, to, mail }: MailOnRequest,
  now: Temporal.Instant,
  { stores, addressHashes }: Deps,
): Promise<boolean> {
  const hashes = addressHashes(to)
  const [hash, ...old] = hashes
  await stores.suppressions.rekey(tx, old, hash)
  const ask = { kind, hashes, wanted: mail !== null, evenIfLeft: EVEN_IF_LEFT.includes(kind) }
  const may = await stores.formMails.claim(tx, ask, now)
  await stores.deliveries.write(
    tx,
    may && mail ? [deliveryOf(kind, { ...mail, hash }, now)] : [],
    now,
  )
  return may
}

const deliveryOf = (
  kind: ByForm,
  {
    enrollment,
    id,
    item,
    recipient,
    hash,
  }: NonNullable<MailOnRequest['mail']> & { readonly hash: Buffer },
  at: Temporal.Instant,
): stores.deliveries.NewDelivery => ({
  ...onRequest(enrollment, kind, item ?? String(at), at),
  ...(id !== undefined && { id }),
  ...(recipient !== undefined && { recipient, recipientHash: hash }),
  unqueued: true,
})
