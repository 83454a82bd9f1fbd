import type { Series } from './course.ts'

/**
 * Raised when forms ask for something else, or in other words than a record of the wording can tell: a changed notice
 * beside it, another order of the boxes.
 */
export const CONSENT_VERSION = '1'

/** What a person agrees to by enrolling, in the words the form shows and the record keeps (standards.md H1). */
export function consentWording(series: readonly Series[], sender: string): string {
  const [first, ...others] = series
  const what =
    first?.kind === 'course' ? `the ${first.lessons.length} lessons of ${first.title}` : (first?.title ?? '')
  const also = others.map(({ title }) => ` and, if I ticked it, ${title}`).join('')
  return `I ask ${sender} to mail me ${what}${also}, one a day. I can change this or leave from any mail.`
}
