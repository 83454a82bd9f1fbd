/**
 * Why an address gets no mail (standards.md C16).
 *
 * - `unsubscribe`: its owner left everything.
 * - `bounce`: it does not exist, or was repeatedly found disabled.
 * - `soft_bounce`: it refused mail for too long.
 * - `complaint`: its owner marked our mail as spam.
 * - `provider`: the provider that we send through has it on its own list.
 * - `manual`: an operator suppressed it.
 * - `erased`: its owner had all their data erased.
 */
export const SUPPRESSION_REASONS = [
  'unsubscribe',
  'bounce',
  'soft_bounce',
  'complaint',
  'provider',
  'manual',
  'erased',
] as const
export type SuppressionReason = (typeof SUPPRESSION_REASONS)[number]

/** Lifted when the owner confirms again: the suppression was their own wish. */
export const OWNER_SUPPRESSION_REASONS = [
  'unsubscribe',
  'erased',
] as const satisfies readonly SuppressionReason[]

/** Lifted in the same way: the confirmation mail that arrived proves that others will. */
export const BOUNCE_SUPPRESSION_REASONS = [
  'bounce',
  'soft_bounce',
] as const satisfies readonly SuppressionReason[]

/** What a fresh confirmation lifts; about the others an operator decides (standards.md C15, H6). */
export const LIFTED_BY_CONFIRMATION = [
  ...OWNER_SUPPRESSION_REASONS,
  ...BOUNCE_SUPPRESSION_REASONS,
] as const

/** Soft bounces in a row that suppress an address, and the minimum days they must span (C9). */
export interface SoftBounceLimit {
  readonly count: number
  readonly days: number
}
export const SOFT_BOUNCE_LIMIT: SoftBounceLimit = { count: 5, days: 14 }

/** How many times a mailbox must be found disabled to suppress its address (C8). */
const DISABLED_LIMIT = 2
/** Minimum hours from the first finding to the last: several mails of one morning count once. */
const MIN_HOURS_APART = 12

/** A mail that left, or was refused immediately, and how it bounced. */
export interface DeliveryOutcome {
  readonly id: string
  readonly at: Temporal.Instant
  readonly bounced: 'hard' | 'disabled' | 'soft' | null
}

/**
 * Returns why an address is suppressed for how its mails have fared, of which `id` has just
 * bounced; null if it is not. Only the unbroken run of bounces around that one counts: a mail that
 * arrived ends it, a later one that has not bounced says nothing yet. `mails` are in the order in
 * which they were sent.
 */
export function suppressionReasonFor(
  mails: readonly DeliveryOutcome[],
  id: string,
  soft: SoftBounceLimit = SOFT_BOUNCE_LIMIT,
): Extract<SuppressionReason, 'bounce' | 'soft_bounce'> | null {
  const row = bounceStreakAround(mails, id)
  const disabled = row.filter(({ bounced }) => bounced === 'disabled' || bounced === 'hard')
  if (disabled.length >= DISABLED_LIMIT && hoursOver(disabled) >= MIN_HOURS_APART) return 'bounce'
  if (row.length >= soft.count && hoursOver(row) >= soft.days * 24) return 'soft_bounce'
  return null
}

function bounceStreakAround(
  mails: readonly DeliveryOutcome[],
  id: string,
): readonly DeliveryOutcome[] {
  const at = mails.findIndex((mail) => mail.id === id)
  if (at < 0 || mails[at]?.bounced === null) return []
  let [first, last] = [at, at]
  while (mails[first - 1]?.bounced) first -= 1
  while (mails[last + 1]?.bounced) last += 1
  return mails.slice(first, last + 1)
}

const hoursOver = (row: readonly DeliveryOutcome[]) => {
  const [first, last] = [row[0], row.at(-1)]
  return first && last ? last.at.since(first.at).total('hours') : 0
}
