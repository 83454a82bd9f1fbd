import { setTimeout as pause } from 'node:timers/promises'
import type * as stores from '../../store/index.ts'
import type { Db } from '../../store/postgres/sql.ts'

/** Longest wait for a server that does not answer. */
const WAIT_TIMEOUT_MS = 3_000

/** Waits until no mail to this subscriber is in SMTP's hands, so that earlier claims have ended. */
export async function waitUntilSent(
  db: Db,
  subscriberId: string,
  { deliveries }: Pick<typeof stores, 'deliveries'>,
): Promise<void> {
  const end = performance.now() + WAIT_TIMEOUT_MS
  while ((await deliveries.countSending(db, subscriberId)) > 0 && performance.now() < end)
    await pause(10)
}
