/** What templates/mail is given in the first pass: see compile.ts. */
import { type Inspiration, unitOf } from '../../domain/course.ts'
import { isTransactional } from '../../domain/delivery.ts'
import { directionOf } from '../../domain/direction.ts'
import { type Look, looksOf } from '../../domain/theme.ts'
import type { Companion, Content, Letterhead } from '../edition.ts'
import type { Marks } from './marks.ts'
import { toText } from './plain-text.ts'
import { type ProseLook, prose } from './prose.ts'

export interface Head {
  readonly subject: string
  readonly preheader: string
}

/** For a `.mjml`: what it shows is marked, and what it may decide by is as it is. */
export function markedData(
  content: Content,
  { siteUrl, ...words }: Letterhead & Head,
  marks: Marks,
) {
  const { series } = content
  const { logo = '', logoAlt = '', footer = '' } = series.theme ?? {}
  const look = looksOf(series.theme)
  return {
    afterPause: false,
    isLast: isLast(content),
    isTransactional: isTransactional(content.kind),
    unit: unitOf(series),
    siteUrl,
    ...content,
    ...markedContent(content, look, marks),
    ...markedTexts({ ...words, logoAlt, footer }, marks),
    ...directionOf(series.language),
    look,
    logo: logo.startsWith('/') ? siteUrl + logo : logo,
  }
}

const isLast = (content: Content) =>
  content.kind === 'lesson' && content.lesson.day === content.series.lessons.length

const markedTexts = <T extends Readonly<Record<string, string>>>(texts: T, marks: Marks) =>
  Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, marks.text(text)]))

function markedContent(content: Content, look: { light: Look }, marks: Marks) {
  const seriesLook = { ...directionOf(content.series.language), ...look }
  const series = { ...content.series, title: marks.text(content.series.title) }
  switch (content.kind) {
    case 'lesson': {
      const { lesson, companion } = content
      const { length } = content.series.lessons
      const { day, question, carry, practice } = lesson
      return {
        series,
        lesson: {
          ...lesson,
          ...markedTexts({ question, carry }, marks),
          html: marks.raw(prose(lesson.html, seriesLook)),
          practice: {
            title: marks.text(practice.title),
            minutes: practice.minutes,
            html: marks.raw(prose(practice.html, seriesLook)),
          },
        },
        day: marks.text(day),
        // What is shown; its number chooses the plural, and so one layout serves many numbers.
        minutes: marks.text(practice.minutes),
        percent: marks.text(Math.round((100 * day) / length)),
        companion: companion && markedCompanion(companion, look, marks),
      }
    }
    case 'inspiration':
      return { series, inspiration: markedInspiration(content.inspiration, seriesLook, marks) }
    case 'welcome':
    case 'completion':
      return {
        series,
        letter: { ...content.letter, html: marks.raw(prose(content.letter.html, seriesLook)) },
      }
    default:
      return { series }
  }
}

/** A daily may be in another language than the course it comes with. */
function markedCompanion({ series, inspiration }: Companion, look: { light: Look }, marks: Marks) {
  const direction = directionOf(series.language)
  return {
    ...direction,
    series: { ...series, title: marks.text(series.title) },
    inspiration: markedInspiration(inspiration, { ...direction, ...look }, marks),
  }
}

const markedInspiration = ({ title, html }: Inspiration, look: ProseLook, marks: Marks) => ({
  title: marks.text(title),
  html: marks.raw(prose(html, look)),
})

/** For a `.txt`: the same, but for the Markdown parts, whose blank lines are their own. */
export function textData(content: Content, words: Letterhead & Head, bodies: Marks) {
  return {
    afterPause: false,
    footer: content.series.theme?.footer ?? '',
    ...content,
    ...words,
    isLast: isLast(content),
    isTransactional: isTransactional(content.kind),
    unit: unitOf(content.series),
    ...plainTexts(content, bodies),
  }
}

function plainTexts(content: Content, bodies: Marks) {
  const text = (html: string) => bodies.raw(toText(html))
  if (content.kind === 'lesson') {
    return {
      body: text(content.lesson.html),
      practice: text(content.lesson.practice.html),
      companionText: content.companion ? text(content.companion.inspiration.html) : '',
    }
  }
  if (content.kind === 'inspiration') return { body: text(content.inspiration.html) }
  return { body: 'letter' in content ? text(content.letter.html) : '' }
}
