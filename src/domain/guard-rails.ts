/**
 * When the program stops sending by itself, before mailbox providers do it for us (standards.md B4,
 * B5). All is counted over the last 24 hours, and only since an operator last resumed.
 */
import type { SenderFault } from './sender-fault.ts'

/** Stands for all series: whatever goes out but what people ask for themselves. */
export const ALL_SERIES = '*'

/**
 * - `complaints`: too many readers called its mail spam.
 * - `bounces`: too many of its mails went to addresses that do not exist.
 * - `sender`: receivers refuse our mail for how our domain or server is set up.
 * - `operator`: an operator said so.
 */
export type PauseReason = 'complaints' | 'bounces' | 'sender' | 'operator'

/** What was counted. */
export interface Evidence {
  /** Complaints, bounces or refusals, each of another address. */
  readonly count: number
  /** Of so many mails; they are counted no further than it takes to know. */
  readonly of: number
  /** Of a sender fault: which record is wrong, and what a server said. */
  readonly fault?: SenderFault
  readonly said?: string
}

/** Shares of the mails that were sent, from 0 to 1; null: it is not looked at. */
export interface GuardLimits {
  readonly complaints: { readonly warn: number; readonly pause: number } | null
  readonly bounces: number | null
}
export const GUARD_LIMITS: GuardLimits = {
  complaints: { warn: 0.001, pause: 0.003 },
  bounces: 0.05,
}

/** Hours that are looked back over; for sender faults it is one. */
export const RUN_HOURS = 24
export const FAULT_HOURS = 1

/** Fewer addresses than these say nothing, whatever their share. */
export const LEAST = { warn: 2, complaints: 3, bounces: 3, faults: 5 } as const
/**
 * Nothing is paused for what comes from fewer owners of domains. One person can have any number of
 * addresses at their own domain, with a server there that refuses what it likes, and can write
 * reports about the mails to them.
 */
export const LEAST_OWNERS = 3
/** A run of fewer mails says nothing about the addresses in it. */
const LEAST_MAILS = 20
/** One receiver who refuses our mail is no reason to send none to all others. */
const FAULT_SHARE = 0.02

/** What was counted, and how many people it takes to bring that about: see LEAST_OWNERS. */
export interface Weighed extends Pick<Evidence, 'count' | 'of'> {
  readonly owners: number
}

/** What follows from complaints about a series. */
export function verdictOnComplaints(
  { count, of, owners }: Weighed,
  limits: GuardLimits['complaints'],
): 'pause' | 'warn' | null {
  if (!limits) return null
  const isBroad = owners >= LEAST_OWNERS
  if (isBroad && count >= LEAST.complaints && count >= limits.pause * of) return 'pause'
  return count >= LEAST.warn && count >= limits.warn * of ? 'warn' : null
}

/** Whether so many of a run bounced that it is to stop. */
export const tooManyBounces = ({ count, of, owners }: Weighed, limit: number | null): boolean =>
  limit !== null &&
  owners >= LEAST_OWNERS &&
  count >= LEAST.bounces &&
  of >= LEAST_MAILS &&
  count > limit * of

/** Whether so many receivers find our set-up wrong that it is. */
export const isSenderAtFault = ({ count, of, owners }: Weighed): boolean =>
  owners >= LEAST_OWNERS && count >= LEAST.faults && count >= FAULT_SHARE * of
