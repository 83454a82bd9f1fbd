/** Receives as long as this worker, of all, holds the lease to do it. */
import { setTimeout as pause } from 'node:timers/promises'
import { SECOND } from '../../domain/time.ts'
import type * as stores from '../../store/index.ts'
import type { Db } from '../../store/postgres/sql.ts'

export interface Deps {
  readonly db: Db
  readonly stores: Pick<typeof stores, 'receivers'>
  readonly lease: stores.leases.Lease
  /** Whether a newer version has migrated the database; its own workers receive then. */
  readonly isOutdated: () => Promise<boolean>
}

/** How many times a lease is renewed within its duration. */
const RENEWALS = 3

/**
 * Runs `receive` whenever this worker has the lease of `name`, until `signal` is aborted. `receive`
 * must end when its own signal is aborted, and must not throw.
 */
export async function whileLeased(
  name: string,
  receive: (signal: AbortSignal) => Promise<void>,
  { signal, ...deps }: Deps & { readonly signal: AbortSignal },
): Promise<void> {
  const { db, stores, lease, isOutdated } = deps
  const everyMs = (lease.seconds * SECOND) / RENEWALS
  let lost = new AbortController()
  let receiving: Promise<void> | null = null
  const stop = async () => {
    lost.abort()
    await receiving
    receiving = null
  }
  while (!signal.aborted) {
    // While the database is unreachable, nobody else can take the lease.
    const isLeased = await isOutdated().then(
      (outdated) => (outdated ? false : stores.receivers.lease(db, name, lease)),
      () => null,
    )
    if (isLeased === false && receiving) await stop()
    if (isLeased && !receiving) {
      lost = new AbortController()
      receiving = receive(AbortSignal.any([signal, lost.signal]))
    }
    await wait(everyMs, signal)
  }
  await stop()
  await stores.receivers.release(db, name, lease).catch(() => {})
}

/** Waits, but no longer than until `signal` is aborted. */
export const wait = (ms: number, signal: AbortSignal) =>
  pause(ms, undefined, { signal }).catch(() => {})

/** Returns the milliseconds until the next try; they double with each failure, up to `most`. */
export const backoff = (failures: number, { least, most }: { least: number; most: number }) =>
  Math.min(most, least * 2 ** Math.min(failures - 1, 20))
