/** The labels above the parts of a lesson: the course's own, or those of its language. */
import type { Series } from '../../domain/course.ts'
import type { Locale } from '../../locales/locale.ts'

export interface LessonLabels {
  /** Label of a practice of this many minutes; null if the duration is not given. */
  readonly practice: (minutes: number | null) => string
  readonly question: string
  readonly carry: string
  /** Label of the button that marks the practice as done. */
  readonly did: string
  /** Returns a label for the text part; the page shows it in capitals by its style. */
  readonly upper: (label: string) => string
}

export function lessonLabels(
  { labels = {} }: Pick<Series, 'labels'>,
  locale: Locale,
): LessonLabels {
  const { t } = locale
  const isUsual = labels.practice === undefined && labels.minutes === undefined
  const practice = labels.practice ?? t('mail.lesson.practice-plain')
  const long = (minutes: number) =>
    labels.minutes === undefined
      ? t('mail.lesson.minutes', { count: minutes })
      : `${minutes}\u00A0${labels.minutes}`
  return {
    practice: (minutes) => {
      if (minutes === null) return practice
      return isUsual
        ? t('mail.lesson.practice', { count: minutes, minutes })
        : t('mail.lesson.practice-long', { practice, minutes: long(minutes) })
    },
    question: labels.question ?? t('mail.lesson.question'),
    carry: labels.carry ?? t('mail.lesson.carry'),
    did: labels.did ?? t('mail.lesson.button-did'),
    upper: (label) =>
      label.replace(/\{\{.*?\}\}|[^{]+/g, (part) =>
        part.startsWith('{{') ? part : part.toLocaleUpperCase(locale.language),
      ),
  }
}
