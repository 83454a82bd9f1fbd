import { Deferred } from './deferred.ts'
import { messageOf } from './problem.ts'
import { SmtpFailure } from './smtp-failure.ts'
import { type Verdict, verdictOn } from './verdict.ts'

/**
 * What a mail that was not sent means for it. `later`: nothing was attempted, and it is to be tried
 * again. `fault`: no server has said anything; the program is at fault, or what it needs.
 */
export type Judgment =
  | { readonly verdict: 'later'; readonly reason: string; readonly inMs: number }
  | { readonly verdict: 'fault'; readonly reason: string }
  | {
      readonly verdict: Verdict
      /** The server's words, or what happened instead of them. */
      readonly reason: string
      readonly server: string | null
      readonly code: string
      readonly smtp: number | undefined
      /** Whether it was said by a server that says so to nearly everybody. */
      readonly isDoubted: (() => boolean) | undefined
    }

/** Judges whatever was thrown: only what SMTP said is read as SMTP's. */
export function judge(thrown: unknown): Judgment {
  if (thrown instanceof Deferred)
    return { verdict: 'later', reason: thrown.message, inMs: thrown.inMs }
  if (!(thrown instanceof SmtpFailure)) return { verdict: 'fault', reason: messageOf(thrown) }
  const { server, code, responseCode: smtp, response, message, isDoubted } = thrown
  return { verdict: verdictOn(thrown), reason: response ?? message, server, code, smtp, isDoubted }
}
