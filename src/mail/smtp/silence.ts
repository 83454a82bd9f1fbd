/** Keeps a server that has fallen silent from holding every connection for as long as it likes. */
import { MINUTE, SECOND } from '../../domain/time.ts'

/**
 * How long nothing may be heard of a server, in milliseconds, while mails wait for a connection to
 * it.
 */
export interface Patience {
  /** Until those that wait are turned away, to come again later or to go by another server. */
  readonly ofWaiting: number
  /**
   * Until the mail that has waited for an answer longest is given up, so that its connection is
   * free; then twice as long.
   */
  readonly ofSent: number
  /**
   * Until a mail that waits behind another on its connection goes by another one, while the server
   * has not answered for the one in front.
   */
  readonly ofBehind: number
  /** Until a server that has, but says nothing to what came behind it, has lost that. */
  readonly ofFollowing: number
}

/**
 * RFC 5321, 4.5.3.2.6 asks for ten minutes until the answer to the final dot, and a mail gets them
 * as long as another has a connection: it is given up early only when all are silent and others
 * wait. One then finds out whether the server is back, after one, three and seven minutes, when the
 * first have had their ten.
 */
export const SILENCE_PATIENCE: Patience = {
  ofWaiting: 10 * SECOND,
  ofSent: MINUTE,
  ofBehind: SECOND,
  ofFollowing: 30 * SECOND,
}

export interface Silence {
  /**
   * A mail begins on a connection, and `giveUp` ends it. To be called when it has been answered
   * for: what this returns.
   */
  begin(giveUp: () => void): () => void
  /** A mail waits for a connection. */
  watch(): void
}

interface Queue {
  readonly length: () => number
  readonly turnAway: () => void
}

export function openSilence(
  waiting: Queue,
  { ofWaiting, ofSent }: Pick<Patience, 'ofWaiting' | 'ofSent'> = SILENCE_PATIENCE,
): Silence {
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
      // Those that came while the connections were being opened wait from now on.
      watch()
      return () => {
        heardAt = performance.now()
        untilGivenUp = ofSent
        sent.delete(giveUp)
      }
    },
  }
}
