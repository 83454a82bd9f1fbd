import { setTimeout as pause } from 'node:timers/promises'
import type * as stores from '../../store/index.ts'
import type { Db } from '../../store/postgres/sql.ts'

/** Nobody waits longer than this for a server that keeps silent. */
const PATIENCE_MS = 3_000

/**
 * Waits until no mail to this subscriber is in SMTP's hands: what was claimed before a change has
 * come to an end.
 */
export async function untilSent(
  db: Db,
  subscriberId: string,
  { deliveries }: Pick<typeof stores, 'deliveries'>,
): Promise<void> {
  const end = performance.now() + PATIENCE_MS
  while ((await deliveries.countSending(db, subscriberId)) > 0 && performance.now() < end)
    await pause(10)
}
