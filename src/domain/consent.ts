import type { Series } from './course.ts'
import { everyDay, type Rhythm, WEEKDAYS, type Weekday, weekdaysInWords } from './rhythm.ts'

/**
 * Raised when forms ask for something else, or in other words than a record of the wording can
 * tell: a changed notice beside it, another order of the boxes.
 */
export const CONSENT_VERSION = '2'

/**
 * What a person agrees to by enrolling, in the words the form shows and the record keeps
 * (standards.md H1). `days` are those of the first series where the form does not let one choose
 * them. What is ticked beside it comes every day: see `rhythmBeside`.
 */
export function consentWording(
  series: readonly Series[],
  sender: string,
  days: readonly Weekday[] | null = null,
): string {
  const [first, ...others] = series
  const what =
    first?.kind === 'course'
      ? `the ${first.lessons.length} lessons of ${first.title}`
      : (first?.title ?? '')
  const also = others
    .map(({ title }) => `, and, if I checked the box, ${title}, ${paceOf(WEEKDAYS)}`)
    .join('')
  return `I agree that ${sender} emails me ${what}, ${paceOf(days)}${also}. I can change this or unsubscribe from any email.`
}

function paceOf(days: readonly Weekday[] | null): string {
  if (!days) return 'one a day on the days I choose'
  return days.length === WEEKDAYS.length ? 'one every day' : `one a day, ${weekdaysInWords(days)}`
}

/**
 * The rhythm of one of the series that are asked for together: what comes beside the first comes
 * every day.
 */
export const rhythmBeside = (one: Series, { series: [first], rhythm }: Asked): Rhythm =>
  one === first || one.kind === 'course' ? rhythm : everyDay(rhythm)

interface Asked {
  readonly series: readonly Series[]
  readonly rhythm: Rhythm
}
