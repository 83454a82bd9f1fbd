import type { Series } from './course.ts'
import { lastOnAfter, type MailPlan, newsAfter, nextStep, type PlanningState } from './plan.ts'
import type { SendWindow } from './schedule.ts'
import { isAfter } from './time.ts'

/** A mail that had its morning: a new one, or a lesson in the ledger that had not left. */
export type ReplayedMail =
  | { readonly mail: MailPlan }
  | { readonly delivery: string; readonly morning: SendWindow }

export interface Replay {
  readonly mails: readonly ReplayedMail[]
  /**
   * The first morning after all of these, or the date from which it waits for its course to change;
   * null if the series is over.
   */
  readonly next: SendWindow | { readonly on: Temporal.PlainDate; readonly at: null } | null
}

/**
 * Returns what the planner would have done for an enrollment from `dueAt` until `until`, had it run
 * all the time: each mail at its own morning, by the same rules. Has no side effects.
 */
export function replay(
  series: Series,
  due: PlanningState & { readonly dueAt: Temporal.Instant },
  until: Temporal.Instant,
): Replay {
  const mails: ReplayedMail[] = []
  let next: SendWindow = { on: due.dueOn, at: due.dueAt, until: due.dueAt }
  let state: PlanningState = due
  while (!isAfter(next.at, until)) {
    const step = nextStep(series, state, next.at)
    if (step.do === 'redate') mails.push({ delivery: step.delivery, morning: step.morning })
    if (step.do === 'send' || step.do === 'finish') mails.push({ mail: step.mail })
    if (step.do === 'finish') return { mails, next: null }
    if (step.do === 'rest') return { mails, next: { on: step.from, at: null } }
    const had = step.do === 'send' ? [...state.had, step.mail.item] : state.had
    const unsent = step.do === 'redate' ? null : state.unsent
    const pausedUntil = step.do === 'wait' ? (state.pausedUntil ?? null) : null
    const lastOn = lastOnAfter(step, state)
    const news = newsAfter(step, state)
    state = { ...state, had, unsent, lastOn, pausedUntil, ...news, dueOn: step.next.on }
    next = step.next
  }
  return { mails, next }
}
