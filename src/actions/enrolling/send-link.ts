import type * as stores from '../../store/index.ts'
import type { Db } from '../../store/postgres/sql.ts'
import { type Deps as MailDeps, planRequestedMail } from '../shared/plan-requested-mail.ts'

export interface Deps extends MailDeps {
  readonly stores: MailDeps['stores'] & Pick<typeof stores, 'enrollments'>
}

/**
 * Mails a fresh link to a person's preferences, if they once confirmed and have not left
 * everything. No other address gets anything, and theirs gets one a day. Makes the same queries for
 * every address (standards.md I2).
 */
export async function sendLink(
  tx: Db,
  addressKey: string,
  now: Temporal.Instant,
  deps: Deps,
): Promise<void> {
  const enrollment = (await deps.stores.enrollments.newestConfirmed(tx, addressKey)) ?? null
  await planRequestedMail(
    tx,
    { kind: 'link', to: addressKey, mail: enrollment && { enrollment } },
    now,
    deps,
  )
}
