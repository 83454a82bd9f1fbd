/**
 * Forecasts the mails of the coming days with the planner's own step, so that no page promises
 * anything else.
 */
import type { Series } from './course.ts'
import {
  lastOnAfter,
  type MailPlan,
  newsAfter,
  nextMorningIn,
  nextStep,
  type PlanningState,
} from './plan.ts'
import type { SendWindow } from './schedule.ts'
import { isAfter } from './time.ts'

export interface ForecastMail {
  readonly kind: MailPlan['kind']
  readonly day: number | null
  readonly morning: SendWindow
}

export interface ForecastStart extends PlanningState {
  /** Number of the planned lesson that has not left; null if there is none. */
  readonly unsentDay: number | null
}

/**
 * Returns the mails that will come until date `last`, if nothing is changed and nothing goes wrong.
 */
export function forecast(
  series: Series,
  from: ForecastStart,
  now: Temporal.Instant,
  last: Temporal.PlainDate,
): ForecastMail[] {
  const mails: ForecastMail[] = []
  let due: PlanningState = from
  let at = now
  for (;;) {
    const morning = nextMorningIn(series, due, at)
    if (Temporal.PlainDate.compare(morning.on, last) > 0) return mails
    if (isAfter(morning.at, at)) at = morning.at
    const step = nextStep(series, due, at)
    if (step.do === 'redate') {
      mails.push({ kind: 'lesson', day: from.unsentDay, morning: step.morning })
    } else if (step.do === 'send' || step.do === 'finish') {
      mails.push({ kind: step.mail.kind, day: step.mail.day, morning: step.mail.morning })
    }
    if (step.do === 'finish' || step.do === 'rest') return mails
    const had = step.do === 'send' ? [...due.had, step.mail.item] : due.had
    const lastOn = lastOnAfter(step, due)
    const news = newsAfter(step, due)
    due = { ...due, dueOn: step.next.on, had, lastOn, unsent: null, pausedUntil: null, ...news }
  }
}
