/** The data for templates/mail in the first pass: see compile.ts. */
import {
  type Inspiration,
  type Lesson,
  NO_GREETING,
  type Series,
  unitOf,
} from '../../domain/course.ts'
import { isTransactional } from '../../domain/delivery.ts'
import { directionOf } from '../../domain/direction.ts'
import { type Palette, palettesOf, type Theme } from '../../domain/theme.ts'
import type { Locale } from '../../locales/locale.ts'
import { type Companion, type Content, type Letterhead, languageOf } from '../edition.ts'
import { hasPractice } from './blocks.ts'
import { type LessonLabels, lessonLabels } from './lesson-labels.ts'
import type { Marks } from './marks.ts'
import { newsText } from './news.ts'
import { toText } from './plain-text.ts'
import { type ProseLook, prose } from './prose.ts'
import { compileSlots } from './templates.ts'

export interface Head {
  readonly subject: string
  readonly preheader: string
}

/** The letterhead and headings around a text, and its language. */
export interface LayoutContext {
  readonly words: Letterhead & Head
  readonly locale: Locale
}

/** Data for a `.mjml`: texts to be shown are marked, values used in conditions are not. */
export function markedData(
  content: Content,
  {
    words: { siteUrl, imprint = '', privacy = '', logoHeights, theme: _, ...words },
    locale,
  }: LayoutContext,
  marks: Marks,
) {
  const { series } = content
  const { logo = '', logoAlt = '', footer = '' } = series.theme ?? {}
  const look = palettesOf(series.theme)
  return {
    afterPause: false,
    isLast: isLast(content),
    isTransactional: isTransactional(content.kind),
    isCompanionKind: isCompanionKind(content),
    takesAnswers: content.kind === 'lesson' || isCompanionKind(content),
    unit: unitOf(series),
    siteUrl,
    imprint,
    privacy,
    ...content,
    ...greetingOf(content, marks.text),
    ...markedContent(
      content,
      { ...look, siteUrl, locale, words: lessonLabels(series, locale) },
      marks,
    ),
    ...markedTexts({ ...words, logoAlt, footer }, marks),
    ...directionOf(languageOf(content)),
    footerIn: footerIn(series.theme, languageOf(content)),
    language: languageOf(content),
    look,
    logo: logo.startsWith('/') ? siteUrl + logo : logo,
    logoHeight: logoHeights?.get(logo) ?? 0,
  }
}

/** Returns the language of the theme's footer if it differs from the mail's; otherwise null. */
export function footerIn({ footerLanguage }: Theme = {}, language: string) {
  return footerLanguage === undefined || footerLanguage === language
    ? null
    : { language: footerLanguage, direction: directionOf(footerLanguage).direction }
}

const isCompanionKind = ({ kind }: Content) => kind === 'inspiration' || kind === 'letter'

const isLast = (content: Content) =>
  content.kind === 'lesson' && content.lesson.day === content.series.lessons.length

const markedTexts = <T extends Readonly<Record<string, string>>>(texts: T, marks: Marks) =>
  Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, marks.text(text)]))

/**
 * How a mail greets: as usual, with its author's line, or not at all. A line that is empty without
 * a name takes no space in mails to readers without one.
 */
function greetingOf({ series, ...content }: Content, mark: (line: string) => string) {
  const text = 'lesson' in content ? content.lesson : 'letter' in content ? content.letter : null
  const greeting = text?.greeting ?? series.greeting
  const line = greeting === undefined || greeting === NO_GREETING ? '' : greeting
  const isForAll = compileSlots(line, { noEscape: true })({ firstName: '' }).trim() !== ''
  return {
    greetsAsUsual: greeting === undefined,
    greeting: mark(line),
    greetsAll: isForAll,
  }
}

interface ContentContext extends SiteContext {
  readonly light: Palette
  readonly words: LessonLabels
}

function markedContent(
  content: Content,
  { words, siteUrl, locale, ...look }: ContentContext,
  marks: Marks,
) {
  const seriesLook = { ...directionOf(content.series.language), ...look, words }
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
          html: marks.raw(prose(lesson.html, { ...seriesLook, asks: true })),
          practice: practice && {
            title: marks.text(practice.title),
            html: marks.raw(prose(practice.html, seriesLook)),
          },
        },
        labels: markedTexts(labelsOf(content.lesson, words), marks),
        day: marks.text(day),
        percent: marks.text(Math.round((100 * day) / length)),
        companion:
          companion && markedCompanion(asText(companion, { siteUrl, locale }), look, marks),
      }
    }
    case 'inspiration':
      return { series, inspiration: markedInspiration(content.inspiration, seriesLook, marks) }
    case 'letter': {
      const { html } = newsText(content.articles, siteUrl, locale)
      return { series, news: marks.raw(prose(html, seriesLook)) }
    }
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

const labelsOf = (
  { practice }: Lesson,
  { practice: above, question, carry, did }: LessonLabels,
) => ({
  practice: practice ? above(practice.minutes) : '',
  question,
  carry,
  did,
})

/** Returns the text of an inspiration or a letter in a lesson's mail. */
const asText = (companion: Companion, { siteUrl, locale }: SiteContext): CompanionText =>
  'inspiration' in companion
    ? companion
    : { series: companion.series, inspiration: newsText(companion.articles, siteUrl, locale) }

interface CompanionText {
  readonly series: Series
  readonly inspiration: Inspiration
}

/** The site a mail comes from, and its language. */
interface SiteContext {
  readonly siteUrl: string
  readonly locale: Locale
}

/** A daily may be in another language than the course it comes with. */
function markedCompanion(
  { series, inspiration }: CompanionText,
  look: { light: Palette },
  marks: Marks,
) {
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

const companionTexts = (companion: CompanionText | null, text: (html: string) => string) => ({
  companion,
  companionText: companion ? text(companion.inspiration.html) : '',
})

/** Data for a `.txt`: not marked, except for the Markdown parts, whose blank lines must be kept. */
export function textData(
  content: Content,
  { words: { theme: _, logoHeights: __, ...words }, locale }: LayoutContext,
  bodies: Marks,
) {
  return {
    afterPause: false,
    companion: null,
    practiced: false,
    footer: content.series.theme?.footer ?? '',
    imprint: '',
    privacy: '',
    ...content,
    ...words,
    ...greetingOf(content, (line) => line),
    isLast: isLast(content),
    isTransactional: isTransactional(content.kind),
    isCompanionKind: isCompanionKind(content),
    takesAnswers: content.kind === 'lesson' || isCompanionKind(content),
    unit: unitOf(content.series),
    ...plainTexts(content, { siteUrl: words.siteUrl, locale }, bodies),
  }
}

function plainTexts(content: Content, place: SiteContext, bodies: Marks) {
  const words = lessonLabels(content.series, place.locale)
  const text = (html: string) => bodies.raw(toText(html, { words }))
  if (content.kind === 'lesson') {
    const { html, practice } = content.lesson
    return {
      body: text(html),
      practiced: practice !== null || hasPractice(html),
      practice: practice ? text(practice.html) : '',
      labels: labelsOf(content.lesson, words),
      ...companionTexts(content.companion && asText(content.companion, place), text),
    }
  }
  if (content.kind === 'letter')
    return { body: text(newsText(content.articles, place.siteUrl, place.locale).html) }
  if (content.kind === 'inspiration') return { body: text(content.inspiration.html) }
  return { body: 'letter' in content ? text(content.letter.html) : '' }
}
