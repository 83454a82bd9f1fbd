/** Whether a series can be mailed: every mail of it is tried before readers get any. */
import { setImmediate } from 'node:timers/promises'
import type { Daily, Series } from '../domain/course.ts'
import { TRANSACTIONAL } from '../domain/delivery.ts'
import { messageOf } from '../domain/problem.ts'
import { dateIn } from '../domain/time.ts'
import { dayInWords, lessonInWords, morningInWords } from '../domain/words.ts'
import type { Content, Editions } from '../mail/compile.ts'
import { mailsOf } from './check.ts'
import { contentsOf } from './prepare.ts'

export interface Deps {
  readonly now: () => Temporal.Instant
  readonly rehearse: (content: Content) => void
  readonly editions: Editions
}

/**
 * Why a series cannot be mailed; null when it can. Tries every mail of it on readers with and without a name, and what
 * is told to them in its language. `beside`: the dailies that may share a mail with it.
 */
export async function whyNoMail(
  series: Series,
  beside: readonly Daily[],
  { now, rehearse }: Pick<Deps, 'now' | 'rehearse'>,
): Promise<string | null> {
  let content: Content | undefined
  try {
    dayInWords(dateIn('UTC', now()), series.language)
    morningInWords(now(), 'UTC', series.language)
    for (const mail of mailsOf(series, [series, ...beside], new Map())) {
      content = mail.content
      rehearse(content)
      // Readers of the pages are served between two mails.
      await setImmediate()
    }
    return null
  } catch (error) {
    return `${content ? inWords(content) : 'it'} cannot be made into a mail: ${messageOf(error)}`
  }
}

/** The same of the layout: the mails that come next, and one of each other kind, as they will be. */
export async function whyNoLayout(
  series: Series,
  { now, editions }: Pick<Deps, 'now' | 'editions'>,
): Promise<string | null> {
  const asked = TRANSACTIONAL.map((kind): Content => ({ kind, series }))
  try {
    for (const content of [...contentsOf(series, dateIn('UTC', now())), ...asked]) await editions(content)
    return null
  } catch (error) {
    return `it cannot be made into a mail: ${messageOf(error)}`
  }
}

function inWords(content: Content): string {
  if (content.kind === 'lesson') return lessonInWords(content.lesson)
  if (content.kind === 'inspiration') return `“${content.inspiration.title}”`
  return `the ${content.kind} mail`
}
