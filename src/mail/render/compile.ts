/**
 * From content to an edition, in two passes. The first knows the course but no person: Handlebars
 * fills the MJML layout with marks, MJML makes a page of it, and the texts replace the marks
 * (marks.ts). The second knows the person: Handlebars fills the remaining slots. Personal data
 * never passes through MJML, where it could inject markup (standards.md F25).
 */
import { createHash } from 'node:crypto'
import { cutAtWord } from '../../domain/cut.ts'
import { isAboutReader, type TRANSACTIONAL } from '../../domain/delivery.ts'
import { withSiteUrls } from '../../domain/media.ts'
import type { Key, Locale } from '../../locales/locale.ts'
import {
  type Companion,
  type Content,
  type Edition,
  type EditionSource,
  type Editions,
  type Letterhead,
  languageOf,
  type News,
} from '../edition.ts'
import { withCountedLinks } from './counted-links.ts'
import { editionOf } from './edition-from-source.ts'
import { frameOf } from './frames.ts'
import { type Head, markedData, textData } from './layout-data.ts'
import { openMarks } from './marks.ts'
import { newsText } from './news.ts'
import { toText } from './plain-text.ts'
import { asLine, type MailTemplates } from './templates.ts'

/**
 * Number of companions cached per lesson, the newest ones: somewhere it is still yesterday, and
 * somewhere already tomorrow.
 */
const MAX_CACHED_COMPANIONS = 3
/** Cached letters: readers who enrolled or paused at different times get different articles. */
const MAX_CACHED_LETTERS = 30

export function openEditions(templates: MailTemplates, letterhead: Letterhead): Editions {
  const usual = new WeakMap<object, Map<unknown, Promise<Edition>>>()
  const afterPauses: typeof usual = new WeakMap()
  return (content) => {
    const key =
      'lesson' in content
        ? content.lesson
        : 'inspiration' in content
          ? content.inspiration
          : content.series
    const editions = 'afterPause' in content && content.afterPause ? afterPauses : usual
    const ofKey = editions.get(key) ?? new Map<unknown, Promise<Edition>>()
    editions.set(key, ofKey)
    const companion = 'companion' in content && content.companion
    const name = companion ? companionName(companion) : nameOf(content)
    const edition = ofKey.get(name) ?? compile(content, templates, letterhead)
    ofKey.set(name, edition)
    edition.catch(() => ofKey.delete(name))
    if (companion)
      evictOldest(ofKey, (editionName) => editionName !== content.kind, MAX_CACHED_COMPANIONS)
    if (content.kind === 'letter') evictOldest(ofKey, isNews, MAX_CACHED_LETTERS)
    return edition
  }
}

function evictOldest(
  editions: Map<unknown, Promise<Edition>>,
  which: (name: unknown) => boolean,
  kept: number,
) {
  const [oldest, ...newer] = [...editions.keys()].filter(which)
  if (newer.length >= kept) editions.delete(oldest)
}

/** Identifies a text among those of its series; a mail about a reader varies by language. */
function nameOf(content: Content): string {
  if (content.kind === 'letter') return newsName(content.articles)
  return 'language' in content ? `${content.kind} ${content.language}` : content.kind
}

const companionName = (companion: Companion) =>
  'inspiration' in companion ? companion.inspiration : newsName(companion.articles)

/** Identifies the news of a letter by all of its content. */
const newsName = (articles: News) =>
  NEWS +
  JSON.stringify(
    articles.map(({ slug, title, author, date, summary, minutes }) => [
      slug,
      title,
      author,
      date,
      summary,
      minutes,
    ]),
  )
const NEWS = 'news '
const isNews = (name: unknown) => typeof name === 'string' && name.startsWith(NEWS)

/** Compiles one text. Throws if the layout is not valid MJML or a slot cannot be read. */
export async function compile(
  content: Content,
  templates: MailTemplates,
  letterhead: Letterhead,
): Promise<Edition> {
  return compileLayout(content, layoutOf(content, templates, letterhead))
}

/** Compiles a text whose first pass is done. */
export async function compileLayout(
  content: Content,
  { subject, mjml, text, fill }: Layout,
): Promise<Edition> {
  const html = fill(await frameOf(mjml))
  const source = { subject, html, text }
  return editionOf(content, hashOf(source), source)
}

/** Returns the hash that identifies a text. */
export const hashOf = ({ subject, html, text }: EditionSource) =>
  createHash('sha256').update(subject).update(html).update(text).digest('hex').slice(0, 32)

export interface Layout extends Head {
  /**
   * The layout with marks in place of texts, so that it is equal for all texts of its kind and
   * look.
   */
  readonly mjml: string
  readonly text: string
  /** Puts the texts into MJML's output. */
  readonly fill: (html: string) => string
}

/** The first pass: the layout with its texts, before MJML. */
export function layoutOf(
  written: Content,
  templates: MailTemplates,
  letterhead: Letterhead,
): Layout {
  const { siteUrl } = letterhead
  const content = withCountedLinks(ofSite(withSiteUrls(written, siteUrl), letterhead), siteUrl)
  const locale = templates.locales.of(languageOf(content))
  const { subject, preheader } = headOf(content, locale, letterhead)
  const words = { ...letterhead, subject, preheader }
  const marks = openMarks()
  const bodies = openMarks()
  const mjml = templates.mjml(content.kind)(markedData(content, { words, locale }, marks), locale)
  const text = templates
    .text(content.kind)(textData(content, { words, locale }, bodies), locale)
    .trim()
  // Collapses blank lines left by omitted parts of the layout, but not those within a text.
  return {
    subject,
    preheader,
    mjml,
    text: bodies.fill(text.replace(/\n{3,}/g, '\n\n')),
    fill: marks.fill,
  }
}

/**
 * Gives a mail about its reader the name and look of the site, because the series that sends it is
 * merely one they are enrolled in.
 */
function ofSite(content: Content, { siteName: title, theme }: Letterhead): Content {
  if (!isAboutReader(content.kind)) return content
  const { theme: _, ...series } = content.series
  return { ...content, series: { ...series, title, ...(theme && { theme }) } } as Content
}

/** Returns everything an author wrote for one mail, including the title of its series. */
export const authoredText = ({ series, ...text }: Content): string =>
  JSON.stringify([series.title, text], (key, value) => (key === 'series' ? value.title : value))

/** Characters of a preheader that mailboxes show, roughly. */
const MAX_PREHEADER_LENGTH = 110

/** Subject and preheader of transactional mails. */
const HEADS = {
  confirm: ['mail.confirm.subject', 'mail.confirm.preheader'],
  change: ['mail.change.subject', 'mail.change.preheader'],
  changed: ['mail.changed.subject', 'mail.changed.preheader'],
  link: ['mail.link.subject', 'mail.link.preheader'],
  export: ['mail.export.subject', 'mail.export.preheader'],
  erase: ['mail.erase.subject', 'mail.erase.preheader'],
  'sign-in': ['mail.sign-in.subject', 'mail.sign-in.preheader'],
} as const satisfies Record<(typeof TRANSACTIONAL)[number], readonly [subject: Key, preheader: Key]>

function headOf(content: Content, locale: Locale, { siteUrl }: Letterhead): Head {
  const { t } = locale
  switch (content.kind) {
    case 'lesson':
      return content.lesson
    case 'inspiration': {
      const first = asLine(toText(content.inspiration.html)).replace(/\s+/g, ' ')
      return {
        subject: content.inspiration.title,
        preheader: cutAtWord(first, MAX_PREHEADER_LENGTH),
      }
    }
    case 'letter': {
      const { title, preheader } = newsText(content.articles, siteUrl, locale)
      return { subject: title, preheader }
    }
    case 'welcome':
    case 'completion':
      return content.letter
    default: {
      const [subject, preheader] = HEADS[content.kind]
      return { subject: t(subject), preheader: t(preheader, { title: content.series.title }) }
    }
  }
}
