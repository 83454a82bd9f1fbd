import type { FormRequestedKind } from '../../domain/delivery.ts'
import { LINK_TTL_MS } from '../../domain/sign-in.ts'
import { DAY } from '../../domain/time.ts'
import type * as stores from '../../store/index.ts'
import type { Db } from '../../store/postgres/sql.ts'
import { requestedDelivery } from './requested-delivery.ts'

export interface Deps {
  readonly stores: Pick<typeof stores, 'deliveries' | 'suppressions' | 'formMails'>
  readonly addressHashes: (addressKey: string) => [Buffer, ...Buffer[]]
}

/** A mail that a form requests. */
export interface RequestedMail {
  readonly kind: FormRequestedKind
  /** The key of the address it goes to: see domain/address.ts. */
  readonly to: string
  /**
   * Whose mail it is and what distinguishes it from others of its kind; null if there is nothing to
   * send after all.
   */
  readonly mail: {
    readonly enrollment: Pick<stores.enrollments.Enrollment, 'id' | 'series' | 'zone'>
    readonly item?: string
    readonly id?: string
    /** An address other than the subscriber's own. */
    readonly recipient?: string
  } | null
}

/**
 * Kinds that are sent even to a person who has left everything: requests to confirm, and what is a
 * person's right.
 */
const KINDS_SENT_AFTER_LEAVING: readonly FormRequestedKind[] = [
  'confirm',
  'export',
  'erase',
  'sign-in',
]

/** How long a mail is of use, and the only one of its kind: until what it contains expires. */
const lifetimeOf = (kind: FormRequestedKind) => (kind === 'sign-in' ? LINK_TTL_MS : DAY)

/**
 * The only way in which a form causes a mail: at most one of each kind per address in 24 hours, or
 * in 15 minutes if it expires by then, no matter who asks and where, and none to a suppressed
 * address (standards.md H2, I4). It is due now, and is not sent after it expires.
 *
 * The statements are the same whether there is a mail or not, and it leaves with the next sweep, so
 * that neither this answer nor later ones reveal anything about the address (standards.md I2).
 *
 * @returns whether there will be a mail; no answer may depend on it.
 */
export async function planRequestedMail(
  tx: Db,
  { kind, to, mail }: RequestedMail,
  now: Temporal.Instant,
  { stores, addressHashes }: Deps,
): Promise<boolean> {
  const hashes = addressHashes(to)
  const [hash, ...old] = hashes
  await stores.suppressions.rekey(tx, old, hash)
  const ask = {
    kind,
    hashes,
    wanted: mail !== null,
    evenIfLeft: KINDS_SENT_AFTER_LEAVING.includes(kind),
    apart: lifetimeOf(kind),
  }
  const may = await stores.formMails.claim(tx, ask, now)
  await stores.deliveries.write(
    tx,
    may && mail ? [deliveryOf(kind, { ...mail, hash }, now)] : [],
    now,
  )
  return may
}

function deliveryOf(
  kind: FormRequestedKind,
  {
    enrollment,
    id,
    item,
    recipient,
    hash,
  }: NonNullable<RequestedMail['mail']> & { readonly hash: Buffer },
  at: Temporal.Instant,
): stores.deliveries.NewDelivery {
  const mail = requestedDelivery(enrollment, kind, item ?? String(at), at)
  return {
    ...mail,
    morning: { ...mail.morning, until: at.add({ milliseconds: lifetimeOf(kind) }) },
    ...(id !== undefined && { id }),
    ...(recipient !== undefined && { recipient, recipientHash: hash }),
    unqueued: true,
  }
}
