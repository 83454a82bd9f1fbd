/** Brings a run to its end: moves the clock to what waits for a later hour until nothing does. */
import { MAX_RESENDS } from '../../src/domain/delivery.ts'
import { MINUTE } from '../../src/domain/time.ts'
import type { Stage } from './stage.ts'

interface Left {
  /** Enrollments to plan, then deliveries that could leave now, then those being sent. */
  readonly due: number
  readonly ready: number
  readonly sending: number
  /** When the next of the others may leave, in milliseconds since 1970; null if there is none. */
  readonly next: number | null
}

/** The least the clock is moved by: the pace of a slowed server recovers by the minute. */
const STEP_MS = 10 * MINUTE

/**
 * Resolves when nothing is due, ready or being sent; moves the clock forward whenever there is only
 * waiting left.
 */
export async function settle(stage: Stage): Promise<void> {
  await stage.until('everything to settle', async () => {
    const { due, ready, sending, next } = await whatIsLeft(stage)
    if (due + ready + sending > 0) return false
    if (next === null) return true
    const moment = Math.max(next, stage.now().epochMilliseconds + STEP_MS)
    await stage.setClock(Temporal.Instant.fromEpochMilliseconds(moment))
    return false
  })
}

/** Resolves when nothing more can happen at the current clock. */
export const quiet = (stage: Stage): Promise<void> =>
  stage.until('quiet', async () => {
    const { due, ready, sending } = await whatIsLeft(stage)
    return due + ready + sending === 0
  })

async function whatIsLeft({ query, now, terms }: Stage): Promise<Left> {
  const [row] = await query<Record<keyof Left, string | null>>(
    `with tried as (
       select try_at, until from deliveries
       where status in ('planned', 'retry') or (status = 'unknown' and resends < $2
         and not resends_ended)
     )
     select (select count(*) from due where at <= $1) as due,
       (select count(*) from tried where try_at <= $1 and until > $1) as ready,
       (select count(*) from deliveries where status = 'sending') as sending,
       (select ceil(extract(epoch from min(greatest(try_at, $1))) * 1000) from tried
       where until > $1) as next`,
    [String(now()), MAX_RESENDS[terms.policy]],
  )
  const { due = 0, ready = 0, sending = 0, next = null } = row ?? {}
  return {
    due: Number(due),
    ready: Number(ready),
    sending: Number(sending),
    next: next === null ? null : Number(next),
  }
}
