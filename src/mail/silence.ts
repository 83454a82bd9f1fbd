/** Keeps a server that has fallen silent from holding every connection for as long as it likes. */
import { MINUTE, SECOND } from '../domain/time.ts'

/** How long nothing may be heard of a server, in milliseconds, while mails wait for a connection to it. */
export interface Patience {
  /** Until those that wait are turned away, to come again later or to go by another server. */
  readonly ofWaiting: number
  /** Until the mail that has waited for an answer longest is given up, so that its connection is free. */
  readonly ofSent: number
}

/**
 * RFC 5321, 4.5.3.2.6 allows ten minutes for the answer to the final dot. One connection a minute is given up, so that
 * ten that have all fallen silent go one by one until then, and the mails behind them find out whether the server is
 * back.
 */
export const PATIENCE: Patience = { ofWaiting: 10 * SECOND, ofSent: MINUTE }

export interface Silence {
  /** A mail begins on a connection, and `giveUp` ends it. To be called when it has been answered for: what this returns. */
  begin(giveUp: () => void): () => void
  /** A mail waits for a connection. */
  watch(): void
}

interface Queue {
  readonly length: () => number
  readonly turnAway: () => void
}

export function openSilence(waiting: Queue, { ofWaiting, ofSent }: Patience = PATIENCE): Silence {
  /** Oldest first. */
  const sent = new Set<() => void>()
  let heardAt = performance.now()
  let timer: NodeJS.Timeout | undefined

  const watch = () => {
    if (timer || waiting.length() === 0) return
    const left = ofSent - (performance.now() - heardAt)
    timer = setTimeout(check, Math.max(0, Math.min(ofWaiting, left))).unref()
  }
  const check = () => {
    timer = undefined
    const silentFor = performance.now() - heardAt
    if (waiting.length() > 0 && silentFor >= ofSent) giveUpOldest()
    else if (waiting.length() > 0 && silentFor >= ofWaiting) waiting.turnAway()
    watch()
  }
  const giveUpOldest = () => {
    heardAt = performance.now()
    const [oldest] = sent
    oldest?.()
  }
  return {
    watch,
    begin: (giveUp) => {
      heardAt = performance.now()
      sent.add(giveUp)
      return () => {
        heardAt = performance.now()
        sent.delete(giveUp)
      }
    },
  }
}
