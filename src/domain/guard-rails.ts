/**
 * When Dawnpost stops sending by itself, before mailbox providers stop it (standards.md B4, B5).
 * Counts cover the last 24 hours (sender faults: the last hour), and only since an operator last
 * resumed.
 */
import type { SenderFault } from './sender-fault.ts'

/** All series: everything that is sent except what people request themselves. */
export const ALL_SERIES = '*'

/**
 * - `complaints`: too many readers marked its mail as spam.
 * - `bounces`: too many of its mails went to addresses that do not exist.
 * - `sender`: receivers refuse our mail because of how our domain or server is set up.
 * - `operator`: an operator paused it.
 */
export type PauseReason = 'complaints' | 'bounces' | 'sender' | 'operator'

/** What was counted. */
export interface Evidence {
  /** Complaints, bounces or refusals, each from a different address. */
  readonly count: number
  /** Mails they are measured against; counting stops once the outcome is certain. */
  readonly of: number
  /** For a sender fault: which record is wrong, and what a server said. */
  readonly fault?: SenderFault
  readonly said?: string
}

/** Shares of the mails that were sent, from 0 to 1; null disables the check. */
export interface GuardLimits {
  readonly complaints: { readonly warn: number; readonly pause: number } | null
  readonly bounces: number | null
}
export const GUARD_LIMITS: GuardLimits = {
  complaints: { warn: 0.001, pause: 0.003 },
  bounces: 0.05,
}

/** Hours that are counted; for sender faults, one. */
export const LOOKBACK_HOURS = 24
export const FAULT_LOOKBACK_HOURS = 1

/** Fewer addresses than these prove nothing, whatever their share. */
export const MIN_ADDRESSES = { warn: 2, complaints: 3, bounces: 3, faults: 5 } as const
/**
 * Nothing is paused because of fewer owners of domains. One person can have any number of addresses
 * at their own domain, with a server that refuses what it likes, and can write reports about the
 * mails to them.
 */
export const MIN_OWNERS = 3
/** A run of fewer mails proves nothing about its addresses. */
const MIN_MAILS = 20
/** Minimum share: one receiver who refuses our mail is no reason to stop sending to all others. */
const FAULT_SHARE = 0.02

/** What was counted, and how many owners of domains are behind it: see MIN_OWNERS. */
export interface IncidentCounts extends Pick<Evidence, 'count' | 'of'> {
  readonly owners: number
}

/** Decides what follows from complaints about a series. */
export function verdictOnComplaints(
  { count, of, owners }: IncidentCounts,
  limits: GuardLimits['complaints'],
): 'pause' | 'warn' | null {
  if (!limits) return null
  const isBroad = owners >= MIN_OWNERS
  if (isBroad && count >= MIN_ADDRESSES.complaints && count >= limits.pause * of) return 'pause'
  return count >= MIN_ADDRESSES.warn && count >= limits.warn * of ? 'warn' : null
}

/** Whether so many mails of a run bounced that sending must stop. */
export const tooManyBounces = (
  { count, of, owners }: IncidentCounts,
  limit: number | null,
): boolean =>
  limit !== null &&
  owners >= MIN_OWNERS &&
  count >= MIN_ADDRESSES.bounces &&
  of >= MIN_MAILS &&
  count > limit * of

/** Whether so many receivers reject our setup that it must be at fault. */
export const isSenderAtFault = ({ count, of, owners }: IncidentCounts): boolean =>
  owners >= MIN_OWNERS && count >= MIN_ADDRESSES.faults && count >= FAULT_SHARE * of
