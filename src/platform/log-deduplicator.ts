/** Throttles repeats to one a second, and counts them. */
import { SECOND } from '../domain/time.ts'

export interface LogDeduplicator {
  /**
   * Calls `say` now if nothing of this kind was said within a second; otherwise at the end of that
   * second, if this is the last of its kind by then. `say` gets the number of suppressed calls that
   * it stands for, itself included; 0 if none was suppressed.
   */
  log(kind: string, say: (repeated: number) => void): void
}

interface PendingRepeat {
  count: number
  say: (repeated: number) => void
}

/** Kinds distinguished at one time; any more are treated as one kind. */
const MAX_KINDS = 1_000

/** Opens a throttle. Suppressed repeats are written before the process exits. */
export function openLogDeduplicator(): LogDeduplicator {
  const held = new Map<string, PendingRepeat>()
  const turn = (kind: string) => {
    const repeated = held.get(kind)
    if (!repeated?.count) return held.delete(kind)
    const { count, say } = repeated
    held.set(kind, { count: 0, say })
    setTimeout(turn, SECOND, kind).unref()
    say(count)
  }
  process.on('exit', () => {
    for (const { count, say } of held.values()) if (count > 0) say(count)
  })
  return {
    log: (kind, say) => {
      const known = held.has(kind) || held.size < MAX_KINDS ? kind : 'others'
      const repeated = held.get(known)
      if (repeated) {
        repeated.count++
        repeated.say = say
        return
      }
      held.set(known, { count: 0, say })
      setTimeout(turn, SECOND, known).unref()
      say(0)
    },
  }
}
