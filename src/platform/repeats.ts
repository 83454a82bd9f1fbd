/** What repeats is said once a second, with how often. */
import { SECOND } from '../domain/time.ts'

export interface Repeats {
  /**
   * Says it now if nothing of this kind was said within a second; else at the end of that second,
   * if it is the last of its kind by then. `say` gets how many that were not said it stands for,
   * itself included; 0: none were suppressed.
   */
  take(kind: string, say: (repeated: number) => void): void
}

interface HeldRepeats {
  count: number
  say: (repeated: number) => void
}

/** Kinds that are told apart at one time; what comes beyond is one kind. */
const MOST_KINDS = 1_000

/** What is suppressed when the process ends is said before it does. */
export function openRepeats(): Repeats {
  const held = new Map<string, HeldRepeats>()
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
    take: (kind, say) => {
      const known = held.has(kind) || held.size < MOST_KINDS ? kind : 'others'
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
