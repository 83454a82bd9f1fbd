import type { ByForm } from '../../domain/delivery.ts'
import { LINK_WORKS } from '../../domain/sign-in.ts'
import { DAY } from '../../domain/time.ts'
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
const EVEN_IF_LEFT: readonly ByForm[] = ['confirm', 'export', 'erase', 'sign-in']

/** How long a mail is of use, and the only one of its kind: until what is in it has ended. */
const lifetimeOf = (kind: ByForm) => (kind === 'sign-in' ? LINK_WORKS : DAY)

/**
 * The one way by which a form causes a mail: at most one of each kind for an address in 24 hours,
 * or in 15 minutes where it is of no use after these, whoever asks and wherever, and none to an
 * address that is suppressed (standards.md H2, I4). It is due now, and not sent once it is of no
 * use.
 *
 * The statements are the same whether there is a mail or not, and it leaves with the next sweep, so
 * that neither the answer nor the next ones tell anything of the address (standards.md
 * I2).
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
  const ask = {
    kind,
    hashes,
    wanted: mail !== null,
    evenIfLeft: EVEN_IF_LEFT.includes(kind),
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
  kind: ByForm,
  {
    enrollment,
    id,
    item,
    recipient,
    hash,
  }: NonNullable<MailOnRequest['mail']> & { readonly hash: Buffer },
  at: Temporal.Instant,
): stores.deliveries.NewDelivery {
  const mail = onRequest(enrollment, kind, item ?? String(at), at)
  return {
    ...mail,
    morning: { ...mail.morning, until: at.add({ milliseconds: lifetimeOf(kind) }) },
    ...(id !== undefined && { id }),
    ...(recipient !== undefined && { recipient, recipientHash: hash }),
    unqueued: true,
  }
}
