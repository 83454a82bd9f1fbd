import { Deferred } from './deferred.ts'
import { messageOf } from './problem.ts'
import { SmtpFailure } from './smtp-failure.ts'
import { type Verdict, verdictOn } from './verdict.ts'

/**
 * What a failed send means for a mail. `later`: nothing was attempted, and it should be tried
 * again. `fault`: no server said anything; Dawnpost or something it needs is at fault.
 */
export type Judgment =
  | { readonly verdict: 'later'; readonly reason: string; readonly inMs: number }
  | { readonly verdict: 'fault'; readonly reason: string }
  | {
      readonly verdict: Verdict
      /** The server's words, or what happened instead of an answer. */
      readonly reason: string
      readonly server: string | null
      readonly code: string
      readonly smtp: number | undefined
      /** Whether the server that said it refuses nearly everybody. */
      readonly isDoubted: (() => boolean) | undefined
    }

/** Judges anything that was thrown; only an SmtpFailure is read as an answer of SMTP. */
export function judgeFailure(thrown: unknown): Judgment {
  if (thrown instanceof Deferred)
    return { verdict: 'later', reason: thrown.message, inMs: thrown.inMs }
  if (!(thrown instanceof SmtpFailure)) return { verdict: 'fault', reason: messageOf(thrown) }
  const { server, code, responseCode: smtp, response, message, isDoubted } = thrown
  return { verdict: verdictOn(thrown), reason: response ?? message, server, code, smtp, isDoubted }
}
