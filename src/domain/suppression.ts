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
export const OWN_WISH = ['unsubscribe', 'erased'] as const satisfies readonly SuppressionReason[]

/** Lifted in the same way: the confirmation mail that arrived proves that others will. */
export const UNTIL_PROVEN = [
  'bounce',
  'soft_bounce',
] as const satisfies readonly SuppressionReason[]

/** What a fresh confirmation lifts; about the others an operator decides (standards.md C15, H6). */
export const ENDED_BY_CONFIRMING = [...OWN_WISH, ...UNTIL_PROVEN] as const

/** Soft bounces in a row that suppress an address, and the minimum days they must span (C9). */
export interface SoftLimit {
  readonly count: number
  readonly days: number
}
export const SOFT_LIMIT: SoftLimit = { count: 5, days: 14 }

/** How many times a mailbox must be found disabled to suppress its address (C8). */
const DISABLED = 2
/** Minimum hours from the first finding to the last: several mails of one morning count once. */
const APART_HOURS = 12

/** A mail that left, or was refused immediately, and how it bounced. */
export interface Fared {
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
export function suppressedFor(
  mails: readonly Fared[],
  id: string,
  soft: SoftLimit = SOFT_LIMIT,
): Extract<SuppressionReason, 'bounce' | 'soft_bounce'> | null {
  const row = rowAround(mails, id)
  const disabled = row.filter(({ bounced }) => bounced === 'disabled' || bounced === 'hard')
  if (disabled.length >= DISABLED && hoursOver(disabled) >= APART_HOURS) return 'bounce'
  if (row.length >= soft.count && hoursOver(row) >= soft.days * 24) return 'soft_bounce'
  return null
}

function rowAround(mails: readonly Fared[], id: string): readonly Fared[] {
  const at = mails.findIndex((mail) => mail.id === id)
  if (at < 0 || mails[at]?.bounced === null) return []
  let [first, last] = [at, at]
  while (mails[first - 1]?.bounced) first -= 1
  while (mails[last + 1]?.bounced) last += 1
  return mails.slice(first, last + 1)
}

const hoursOver = (row: readonly Fared[]) => {
  const [first, last] = [row[0], row.at(-1)]
  return first && last ? last.at.since(first.at).total('hours') : 0
}
