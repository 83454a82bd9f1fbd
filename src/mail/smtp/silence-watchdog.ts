/** Keeps a silent server from holding every connection indefinitely. */
import { MINUTE, SECOND } from '../../domain/time.ts'

/** How long a server may be silent, in milliseconds, while mails wait for a connection to it. */
export interface SilenceTimeouts {
  /** Until waiting mails are rejected, to be retried later or by another server. */
  readonly ofWaiting: number
  /**
   * Until the mail that has waited longest for an answer is given up to free its connection;
   * doubles each time.
   */
  readonly ofSent: number
  /**
   * Until a mail behind another on its connection moves to another one, because the server has not
   * answered the one in front.
   */
  readonly ofBehind: number
  /** Until the server is taken to have lost a mail behind one that it has answered. */
  readonly ofFollowing: number
}

/**
 * RFC 5321, 4.5.3.2.6 asks for ten minutes until the answer to the final dot, and a mail gets them
 * as long as another has a connection. It is given up early only if all connections are silent and
 * mails wait. Its connection then probes whether the server is back: after one, three and seven
 * minutes, by which time the first mails have had their ten.
 */
export const DEFAULT_SILENCE_TIMEOUTS: SilenceTimeouts = {
  ofWaiting: 10 * SECOND,
  ofSent: MINUTE,
  ofBehind: SECOND,
  ofFollowing: 30 * SECOND,
}

export interface SilenceWatchdog {
  /**
   * Registers a mail that starts on a connection; `giveUp` ends it. The caller calls the returned
   * function when the mail is answered or has failed.
   */
  begin(giveUp: () => void): () => void
  /** Starts the timer when a mail waits for a connection. */
  watch(): void
}

interface WaitingMails {
  readonly length: () => number
  readonly turnAway: () => void
}

export function openSilenceWatchdog(
  waiting: WaitingMails,
  { ofWaiting, ofSent }: Pick<SilenceTimeouts, 'ofWaiting' | 'ofSent'> = DEFAULT_SILENCE_TIMEOUTS,
): SilenceWatchdog {
  /** Oldest first. */
  const sent = new Set<() => void>()
  let heardAt = performance.now()
  let untilGivenUp = ofSent
  let timer: NodeJS.Timeout | undefined

  const watch = () => {
    if (timer || waiting.length() === 0) return
    const left = untilGivenUp - (performance.now() - heardAt)
    timer = setTimeout(check, Math.max(0, Math.min(ofWaiting, left))).unref()
  }
  const check = () => {
    timer = undefined
    const silentFor = performance.now() - heardAt
    if (waiting.length() > 0 && silentFor >= untilGivenUp) giveUpOldest()
    else if (waiting.length() > 0 && silentFor >= ofWaiting) waiting.turnAway()
    watch()
  }
  const giveUpOldest = () => {
    const next = 2 * untilGivenUp
    const [oldest] = sent
    oldest?.()
    untilGivenUp = next
  }
  return {
    watch,
    begin: (giveUp) => {
      heardAt = performance.now()
      sent.add(giveUp)
      // Mails that arrived while connections were being opened wait from now on.
      watch()
      return () => {
        heardAt = performance.now()
        untilGivenUp = ofSent
        sent.delete(giveUp)
      }
    },
  }
}
