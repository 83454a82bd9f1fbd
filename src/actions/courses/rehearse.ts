/** Whether a series can be mailed: every mail of it is tried before readers get any. */
import { setImmediate } from 'node:timers/promises'
import type { Daily, Series } from '../../domain/course.ts'
import { TRANSACTIONAL } from '../../domain/delivery.ts'
import { messageOf } from '../../domain/problem.ts'
import { dateIn } from '../../domain/time.ts'
import { dayInWords, lessonInWords, morningInWords } from '../../domain/words.ts'
import type { Locales } from '../../locales/locale.ts'
import type { Content, Editions } from '../../mail/edition.ts'
import { contentsOf } from '../shared/contents.ts'
import { mailsOf } from './check.ts'

export interface Deps {
  readonly now: () => Temporal.Instant
  readonly locales: Locales
  readonly rehearse: (content: Content) => void
  readonly editions: Editions
}

interface Rehearsal {
  readonly series: Series
  /** The version it replaces: the texts they have in common have been tried before. */
  readonly was: Series | undefined
  /** The dailies that may share a mail with it. */
  readonly dailies: readonly Daily[]
}

/**
 * Returns why a series cannot be mailed; null if it can. Tries every mail of it on readers with and
 * without a name, and dates and times in its language.
 */
export async function whyNoMail(
  { series, was, dailies }: Rehearsal,
  { now, locales, rehearse }: Pick<Deps, 'now' | 'locales' | 'rehearse'>,
): Promise<string | null> {
  let content: Content | undefined
  try {
    dayInWords(dateIn('UTC', now()), locales.of(series.language))
    morningInWords(now(), 'UTC', locales.of(series.language))
    const isKnown = was ? knownIn(was, series) : () => false
    for (const mail of mailsOf(series, [series, ...dailies], new Map())) {
      if (isKnown(mail.content)) continue
      content = mail.content
      rehearse(content)
      // Requests for pages are served between two mails.
      await setImmediate()
    }
    return null
  } catch (error) {
    return `${content ? mailInWords(content) : 'it'} cannot be made into a mail: ${messageOf(error)}`
  }
}

/**
 * Returns a test for whether a mail is as it was before the series changed: its text, and
 * everything around it.
 */
function knownIn(was: Series, series: Series): (content: Content) => boolean {
  if (surroundingsOf(was) !== surroundingsOf(series)) return () => false
  const known = new Set(mailsOf(was, [was], new Map()).map(({ content }) => ownOf(content)))
  return (content) => known.has(ownOf(content))
}

const surroundingsOf = (series: Series) =>
  JSON.stringify(
    series.kind === 'course'
      ? { ...series, lessons: series.lessons.length, completion: null, welcome: null }
      : { ...series, inspirations: null, welcome: null },
  )

function ownOf(content: Content): string {
  const { kind } = content
  const text =
    'lesson' in content
      ? content.lesson
      : 'inspiration' in content
        ? content.inspiration
        : 'letter' in content
          ? content.letter
          : 'articles' in content && content.articles
  return JSON.stringify([kind, text])
}

/** Does the same for the layout: tries the mails that come next, and one of each other kind. */
export async function whyNoLayout(
  series: Series,
  { now, editions }: Pick<Deps, 'now' | 'editions'>,
): Promise<string | null> {
  const asked = TRANSACTIONAL.map((kind): Content => ({ kind, series }))
  try {
    for (const content of [...contentsOf(series, dateIn('UTC', now())), ...asked])
      await editions(content)
    return null
  } catch (error) {
    return `it cannot be made into a mail: ${messageOf(error)}`
  }
}

function mailInWords(content: Content): string {
  if (content.kind === 'lesson') return lessonInWords(content.lesson)
  if (content.kind === 'inspiration') return `“${content.inspiration.title}”`
  return `the ${content.kind} mail`
}
