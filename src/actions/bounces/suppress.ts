/** The suppression list, as an operator sees and changes it. */
import type { Address } from '../../domain/address.ts'
import type { SuppressionReason } from '../../domain/suppression.ts'
import type * as stores from '../../store/index.ts'
import type { Db } from '../../store/postgres/sql.ts'

export interface Deps {
  readonly db: Db
  readonly now: () => Temporal.Instant
  readonly stores: Pick<
    typeof stores,
    'suppressions' | 'subscribers' | 'enrollments' | 'deliveries' | 'reports'
  >
  readonly addressHashes: (addressKey: string) => [Buffer, ...Buffer[]]
}

/** Whom to suppress: an address, or the hash of one that is no longer known. */
export type SuppressionTarget = Pick<Address, 'key'> | { readonly hash: Buffer }

export interface SuppressionRequest {
  readonly targets: readonly SuppressionTarget[]
  readonly reason: SuppressionReason
  /** Where the order comes from; recorded with each entry. */
  readonly source: 'operator' | 'import'
  readonly note?: string | undefined
}

/** Rows read at a time. */
const PAGE = 1_000

const SKIP_REASON = 'the address was suppressed by an operator'

/**
 * Suppresses addresses. Their owners get nothing from then on: their series end, and queued mails
 * are skipped. Each is a transaction of its own, so that an import blocks nobody. Returns how many
 * were not already suppressed for that reason.
 */
export async function suppress(
  { targets, reason, source, note }: SuppressionRequest,
  deps: Deps,
): Promise<number> {
  let added = 0
  for (const target of targets)
    if (await suppressOne(target, { reason, source, note }, deps)) added++
  return added
}

async function suppressOne(
  target: SuppressionTarget,
  why: stores.suppressions.SuppressionCause,
  deps: Deps,
): Promise<boolean> {
  const { db, now, stores, addressHashes } = deps
  const add = async (tx: Db) => {
    if ('hash' in target) return stores.suppressions.add(tx, target.hash, why, now())
    const [hash, ...old] = addressHashes(target.key)
    await stores.suppressions.rekey(tx, old, hash)
    return stores.suppressions.add(tx, hash, why, now())
  }
  const subscriber = 'key' in target ? await stores.subscribers.byKey(db, target.key) : undefined
  const added = subscriber
    ? await stores.subscribers.withLock(db, subscriber.id, async (tx, { id, address_key: key }) => {
        // They may have changed their address in the meantime.
        if (key === subscriber.address_key) {
          await stores.enrollments.end(tx, { subscriberId: id }, 'stopped', now())
          await stores.deliveries.skipUnsent(tx, { subscriberId: id }, SKIP_REASON)
        }
        return add(tx)
      })
    : null
  return added ?? db.transaction().execute(add)
}

/**
 * Removes an address from the list, for these reasons. It gets mail again once its owner enrolls
 * again. Returns the reasons that were lifted.
 */
export async function unsuppress(
  { key }: Pick<Address, 'key'>,
  { reasons, note }: { reasons: readonly SuppressionReason[]; note?: string | undefined },
  { db, now, stores, addressHashes }: Deps,
): Promise<SuppressionReason[]> {
  const lifting = { reasons, source: 'operator', note }
  return db.transaction().execute(async (tx) => {
    const lifted = new Set<SuppressionReason>()
    for (const hash of addressHashes(key))
      for (const reason of await stores.suppressions.lift(tx, hash, lifting, now()))
        lifted.add(reason)
    return [...lifted]
  })
}

/** Yields the whole list, or its entries for one reason, in the order of their hashes. */
async function* listSuppressions(
  { reason }: { readonly reason?: SuppressionReason | undefined },
  { db, stores }: Deps,
): AsyncGenerator<stores.suppressions.ListedSuppression> {
  let after: stores.suppressions.ListedSuppression | null = null
  for (;;) {
    const rows: stores.suppressions.ListedSuppression[] = await stores.suppressions.page(db, {
      after,
      limit: PAGE,
      ...(reason !== undefined && { reason }),
    })
    yield* rows
    after = rows.at(-1) ?? null
    if (rows.length < PAGE) return
  }
}

const MAX_LISTED_REPORTS = 50

/**
 * Returns why an address gets no mail, and what came back of its mails; empty if nothing is known.
 */
export async function addressFacts({ key }: Pick<Address, 'key'>, deps: Deps) {
  const { db, stores, addressHashes } = deps
  const hashes = addressHashes(key)
  return {
    suppressions: await stores.suppressions.of(db, hashes),
    reports: await stores.reports.ofAddress(db, hashes, MAX_LISTED_REPORTS),
  }
}

export const openSuppressions = (deps: Deps) => ({
  suppress: (suppressing: SuppressionRequest) => suppress(suppressing, deps),
  unsuppress: (
    address: Pick<Address, 'key'>,
    lifting: { reasons: readonly SuppressionReason[]; note?: string | undefined },
  ) => unsuppress(address, lifting, deps),
  suppressed: (which: { readonly reason?: SuppressionReason | undefined }) =>
    listSuppressions(which, deps),
  addressFacts: (address: Pick<Address, 'key'>) => addressFacts(address, deps),
})
