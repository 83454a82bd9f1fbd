/** The list of addresses that get no mail, as an operator sees and changes it. */
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

/** Whom to put on the list: an address, or the hash of one that is not known any more. */
export type Whom = Pick<Address, 'key'> | { readonly hash: Buffer }

export interface Suppressing {
  readonly whom: readonly Whom[]
  readonly reason: SuppressionReason
  /** Where it is said: on record with each. */
  readonly source: 'operator' | 'import'
  readonly note?: string | undefined
}

/** Read at a time. */
const PAGE = 1_000

const SKIPPED = 'the address was suppressed by an operator'

/**
 * Puts addresses on the list. Whoever has one gets nothing from then on: their series end, and what
 * is queued is skipped. Each is a transaction of its own, so that an import keeps nobody waiting.
 * Returns how many were not there for that reason.
 */
export async function suppress(
  { whom, reason, source, note }: Suppressing,
  deps: Deps,
): Promise<number> {
  let added = 0
  for (const recipient of whom)
    if (await suppressOne(recipient, { reason, source, note }, deps)) added++
  return added
}

async function suppressOne(whom: Whom, why: stores.suppressions.Why, deps: Deps): Promise<boolean> {
  const { db, now, stores, addressHashes } = deps
  const add = async (tx: Db) => {
    if ('hash' in whom) return stores.suppressions.add(tx, whom.hash, why, now())
    const [hash, ...old] = addressHashes(whom.key)
    await stores.suppressions.rekey(tx, old, hash)
    return stores.suppressions.add(tx, hash, why, now())
  }
  const subscriber = 'key' in whom ? await stores.subscribers.byKey(db, whom.key) : undefined
  const added = subscriber
    ? await stores.subscribers.whileLocked(
        db,
        subscriber.id,
        async (tx, { id, address_key: key }) => {
          // They may have taken another address meanwhile.
          if (key === subscriber.address_key) {
            await stores.enrollments.end(tx, { subscriberId: id }, 'stopped', now())
            await stores.deliveries.skipUnsent(tx, { subscriberId: id }, SKIPPED)
          }
          return add(tx)
        },
      )
    : null
  return added ?? db.transaction().execute(add)
}

/**
 * Takes an address off the list, for these reasons. It gets mail again once its owner enrolls anew.
 * Returns the reasons for which it was there.
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

/** All of the list, or what is on it for a reason, in the order of its hashes. */
export async function* suppressed(
  { reason }: { readonly reason?: SuppressionReason | undefined },
  { db, stores }: Deps,
): AsyncGenerator<stores.suppressions.Listed> {
  let after: stores.suppressions.Listed | null = null
  for (;;) {
    const rows: stores.suppressions.Listed[] = await stores.suppressions.page(db, {
      after,
      limit: PAGE,
      ...(reason !== undefined && { reason }),
    })
    yield* rows
    after = rows.at(-1) ?? null
    if (rows.length < PAGE) return
  }
}

const REPORTS = 50

/** Why an address gets no mail, and what came back of its mails; empty where nothing is known. */
export async function addressFacts({ key }: Pick<Address, 'key'>, deps: Deps) {
  const { db, stores, addressHashes } = deps
  const hashes = addressHashes(key)
  return {
    suppressions: await stores.suppressions.of(db, hashes),
    reports: await stores.reports.ofAddress(db, hashes, REPORTS),
  }
}

export const openSuppressing = (deps: Deps) => ({
  suppress: (suppressing: Suppressing) => suppress(suppressing, deps),
  unsuppress: (
    address: Pick<Address, 'key'>,
    lifting: { reasons: readonly SuppressionReason[]; note?: string | undefined },
  ) => unsuppress(address, lifting, deps),
  suppressed: (which: { readonly reason?: SuppressionReason | undefined }) =>
    suppressed(which, deps),
  addressFacts: (address: Pick<Address, 'key'>) => addressFacts(address, deps),
})
