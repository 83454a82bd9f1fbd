/**
 * Why an address gets no mail (standards.md C16).
 *
 * - `unsubscribe`: its owner left everything.
 * - `bounce`: it does not exist, or was found disabled again and again.
 * - `soft_bounce`: it refused mail for too long.
 * - `complaint`: its owner called our mail spam.
 * - `provider`: the provider that we send by has it on a list of its own.
 * - `manual`: an operator said so.
 * - `erased`: its owner had all that was known of them deleted.
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

/** Ended by the owner, who confirms anew: they wished it so themselves. */
export const OWN_WISH = ['unsubscribe', 'erased'] as const satisfies readonly SuppressionReason[]

/** Ended in the same way: that the mail to confirm came proves that others do. */
export const UNTIL_PROVEN = [
  'bounce',
  'soft_bounce',
] as const satisfies readonly SuppressionReason[]

/** What a fresh confirmation ends; of the others an operator decides (standards.md C15, H6). */
export const ENDED_BY_CONFIRMING = [...OWN_WISH, ...UNTIL_PROVEN] as const

/** How many soft bounces in a row suppress an address, and over how many days at least (C9). */
export interface SoftLimit {
  readonly count: number
  readonly days: number
}
export const SOFT_LIMIT: SoftLimit = { count: 5, days: 14 }

/** How often a mailbox is found disabled before its address is suppressed (C8). */
const DISABLED = 2
/** Hours that two findings are apart: several mails of one morning have happened once. */
const APART_HOURS = 12

/** A mail that left, or was refused at once, and whether it came back. */
export interface Fared {
  readonly id: string
  readonly at: Temporal.Instant
  readonly bounced: 'hard' | 'disabled' | 'soft' | null
}

/**
 * Whether an address is suppressed for how its mails have fared, of which `id` has just come back.
 * Counted is the unbroken row of bounces which that one belongs to: a mail that came ends it, one
 * that was sent later says nothing yet. `mails` are in the order in which they were sent.
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
