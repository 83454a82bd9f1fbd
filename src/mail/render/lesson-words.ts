/**
 * What stands above the parts of a lesson: in a course's own words, or in those of its language.
 */
import type { Series } from '../../domain/course.ts'
import type { Locale } from '../../locales/locale.ts'

export interface LessonWords {
  /** Above a practice of so many minutes; null where it does not say. */
  readonly practice: (minutes: number | null) => string
  readonly question: string
  readonly carry: string
  /** On the button that says that the practice is done. */
  readonly did: string
  /** A label as the text part has it: the page shows it in capitals. */
  readonly upper: (label: string) => string
}

export function lessonWords({ labels = {} }: Pick<Series, 'labels'>, locale: Locale): LessonWords {
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
