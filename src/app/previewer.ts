/**
 * Connects the preview of a courses folder to what it uses: the files, and the render path of real
 * mail (I8).
 */
import { existsSync, watch } from 'node:fs'
import { inspectFolders, mailsOf } from '../actions/courses/check.ts'
import { checkArticles, type WrittenArticle } from '../content/check/article-rules.ts'
import { checkSource } from '../content/check/rules.ts'
import { type CourseFolder, readCourses } from '../content/courses.ts'
import { mediaBytes } from '../content/media.ts'
import { readSite, withSiteDefaults } from '../content/site.ts'
import { sourceOf } from '../content/source.ts'
import { type Daily, ownFieldsOf, type Series } from '../domain/course.ts'
import { type Finding, sortedByPosition } from '../domain/finding.ts'
import { sampleAnswers } from '../domain/own-fields.ts'
import { linksFrom, siteNameOf } from '../domain/site.ts'
import { dateIn } from '../domain/time.ts'
import { morningInWords } from '../domain/words.ts'
import { isSameLanguage } from '../locales/catalogs.ts'
import { type Key, type Locale, type Locales, openLocales } from '../locales/locale.ts'
import type { LocatedContent } from '../mail/check/rendering.ts'
import { checkMails } from '../mail/check/rules.ts'
import { answered, LETTERHEAD, sampleReader } from '../mail/check/samples.ts'
import type { Companion, Editions, Reader } from '../mail/edition.ts'
import { rawOf } from '../mail/mail.ts'
import { compose } from '../mail/message/compose.ts'
import { openEditions } from '../mail/render/compile.ts'
import { loadTemplates, type MailTemplates } from '../mail/render/templates.ts'
import { systemClock } from '../platform/clock.ts'
import { BUILT_IN_SITE, layersOf, SITE_FILE, type SiteFolder } from '../platform/site-folder.ts'
import { readWrittenArticles } from './written-articles.ts'

const SENDER = 'morning@dawnpost.example'
const FAR_ZONE = 'Pacific/Kiritimati'
const FAR_MORNING = Temporal.Instant.from('2027-03-19T15:30:00Z')

interface Sample {
  readonly words: Key
  readonly firstName: string
  readonly firstMail?: (locale: Locale) => string
  /** Somebody has answered their comments. */
  readonly answered?: true
}

const ADA: Sample = { words: 'preview.reader.ada', firstName: 'Ada' }
/** Sample readers. */
const SAMPLES: Readonly<Record<string, Sample>> = {
  ada: ADA,
  none: { words: 'preview.reader.nameless', firstName: '' },
  long: {
    words: 'preview.reader.long-name',
    firstName: 'Wilhelmina-Alexandrina Theodora Maximiliane von und zu',
  },
  rtl: { words: 'preview.reader.rtl-name', firstName: 'עדה לאבלייס' },
  zone: {
    ...ADA,
    words: 'preview.reader.far-zone',
    firstMail: (locale) => morningInWords(FAR_MORNING, FAR_ZONE, locale),
  },
  answered: { ...ADA, words: 'preview.reader.answered', answered: true },
}
/** Editors save a file in several steps. Milliseconds. */
const SAVE_DEBOUNCE_MS = 60

/** A mail that can be previewed. */
export interface PreviewedMail {
  /** `day-7`, `welcome`, `inspiration-12`. */
  readonly id: string
  readonly written: LocatedContent
  /** The line where the next mail's text begins in the same file; Infinity if there is none. */
  readonly until: number
}

/** An article that can be previewed, including broken ones and drafts. */
export interface PreviewedArticle extends WrittenArticle {
  /** What should be fixed in it. */
  readonly findings: readonly Finding[]
}

export interface PreviewedFolder {
  readonly articles: readonly PreviewedArticle[]
  readonly found: readonly CourseFolder[]
  readonly faults: Awaited<ReturnType<typeof readCourses>>['faults']
  readonly mails: ReadonlyMap<string, readonly PreviewedMail[]>
}

interface State {
  readonly folder: PreviewedFolder
  /** What should be fixed in the files. */
  readonly findings: readonly Finding[]
  readonly templates: MailTemplates
  readonly editions: Editions
  readonly siteName: string
}

export interface PreviewerTerms {
  /** The site whose settings and templates are shown, and its courses if no folder is given. */
  readonly site?: SiteFolder
  readonly locales?: Locales
}

export type Previewer = ReturnType<typeof openPreviewer>

/**
 * Opens a preview. Rereads the folder after something in it was saved, and notifies `onSaved`
 * listeners.
 */
export function openPreviewer(
  courses?: string,
  { site = BUILT_IN_SITE, locales = openLocales() }: PreviewerTerms = {},
) {
  // Articles belong to the site and link to its own courses.
  const articles = courses === undefined ? site.articles : null
  const sources = { site, locales, articles, courses: courses ?? site.courses }
  const locale = locales.of()
  const listeners = new Set<() => void>()
  let state: Promise<State> | undefined
  const watching = watchAll(sources, () => {
    state = undefined
    for (const listener of listeners) listener()
  })
  const current = () => (state ??= read(sources))

  return {
    /** Descriptions of the sample readers, by id, in `locale`. */
    readers: Object.fromEntries(
      Object.entries(SAMPLES).map(([id, { words }]) => [id, { words: locale.t(words) }]),
    ),
    siteUrl: LETTERHEAD.siteUrl,
    /** The site whose page files are shown. */
    site,
    /** The locale of the pages around the mails. */
    locale,
    folder: async () => (await current()).folder,
    /** Returns a picture or file of the folder, as it will be served. */
    media: async (hash: string) => mediaIn((await current()).folder, hash),
    /**
     * Returns what should be fixed in the source of a mail and, with `mail`, in the rendered mail.
     */
    findings: async (
      { written, until }: PreviewedMail,
      { mail }: { mail: boolean },
    ): Promise<Finding[]> => {
      const { findings, templates } = await current()
      const here = findings.filter(
        ({ file, line }) => file === written.file && line >= written.line && line < until,
      )
      return mail ? [...here, ...(await checkMails([written], templates))] : here
    },
    /** Returns the bytes of a mail to one of `readers`. */
    render: async ({ written }: PreviewedMail, reader: string, companion: Companion | null) => {
      const { editions, siteName } = await current()
      const { content } = written
      const edition = await editions(
        content.kind === 'lesson' ? { ...content, companion } : content,
      )
      const stamp = { messageId: '<0123456789abcdef@dawnpost.example>', date: systemClock() }
      const of = readerIn(content.series, locales, SAMPLES[reader] ?? ADA)
      return rawOf(compose(edition, of, stamp, { name: siteName, address: SENDER }))
    },
    onSaved: (listener: () => void) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    [Symbol.dispose]: () => watching[Symbol.dispose](),
  }
}

/** Calls `act` shortly after something that is shown was saved. */
function watchAll({ courses, articles, site }: Sources, act: () => void): Disposable {
  let settled: NodeJS.Timeout | undefined
  const saved = () => {
    clearTimeout(settled)
    settled = setTimeout(act, SAVE_DEBOUNCE_MS)
  }
  const watchers = [
    ...[courses, articles, ...layersOf(site).mail]
      .filter((folder) => folder !== null)
      .filter((folder) => existsSync(folder))
      .map((folder) => watch(folder, { recursive: true }, saved)),
    // Watched by its folder, since editors replace the file.
    watch(site.root, (_, name) => void (name === SITE_FILE && saved())),
  ]
  return {
    [Symbol.dispose]: () => {
      clearTimeout(settled)
      for (const watcher of watchers) watcher.close()
    },
  }
}

async function mediaIn({ found, articles }: PreviewedFolder, hash: string) {
  const foundMedia = [...found, ...articles.map(({ file }) => file)]
    .flatMap(({ media }) => media)
    .find((media) => media.hash === hash)
  return foundMedia && { type: foundMedia.type, bytes: await mediaBytes(foundMedia) }
}

/** A sample without a name has no answers; an odd name is used for every answer, too. */
function readerIn(series: Series, locales: Locales, sample: Sample): Reader {
  const { firstName, firstMail } = sample
  const locale = locales.of(series.language)
  const ownFields = ownFieldsOf(series)
  const answer = firstName === ADA.firstName ? undefined : () => firstName
  const fields = firstName ? sampleAnswers(ownFields, answer) : {}
  const answers = sample.answered ? answered(series, locales) : null
  const reader = { ...sampleReader(locale), firstName, fields, answers, address: 'ada@example.com' }
  return firstMail ? { ...reader, firstMail: firstMail(locale) } : reader
}

interface Sources {
  readonly courses: string
  readonly articles: string | null
  readonly site: SiteFolder
  readonly locales: Locales
}

async function read({ courses, articles, site, locales }: Sources): Promise<State> {
  const [read, { settings, faults: siteFaults }, templates] = await Promise.all([
    readCourses(courses, { today: dateIn('UTC', systemClock()) }),
    readSite(site.settings),
    loadTemplates(layersOf(site).mail, locales),
  ])
  const found = read.folders.map((course) => withSiteDefaults(course, settings))
  const faults = [...siteFaults, ...read.faults]
  const siteName = siteNameOf(settings, '')
  const { language } = settings
  const written =
    articles === null ? [] : await shownArticles(articles, found, { language, locales })
  const { whole, sources } = inspectFolders(found, sourceOf)
  const mails = new Map(
    whole.map((series) => [
      series.slug,
      mailsOf(series, [series], sources)
        .map((mail) => withArticles(mail, written))
        .map(shownMail),
    ]),
  )
  const findings = [...sources.values()].flatMap(checkSource)
  return {
    folder: { found, faults, mails, articles: written },
    findings,
    templates,
    editions: openEditions(templates, {
      ...LETTERHEAD,
      ...linksFrom(settings, LETTERHEAD.siteUrl),
      siteName,
    }),
    siteName,
  }
}

async function shownArticles(
  folder: string,
  courses: readonly CourseFolder[],
  terms: { readonly language: string; readonly locales: Locales },
): Promise<PreviewedArticle[]> {
  const { articles, faults } = await readWrittenArticles(folder, terms)
  const findings = sortedByPosition([...faults, ...checkArticles({ articles, courses })])
  return articles.map((article) => ({
    ...article,
    findings: findings.filter(({ file }) => file === article.file.file),
  }))
}

/** Puts the folder's newest articles into a letter; without articles it stays as it was. */
function withArticles(
  mail: LocatedContent,
  allArticles: readonly PreviewedArticle[],
): LocatedContent {
  const { content } = mail
  if (content.kind !== 'letter') return mail
  const { language } = content.series
  const articles = allArticles
    .flatMap(({ file, article }) => (article && file.draft === null ? [article] : []))
    .filter((article) => isSameLanguage(article.language, language))
    .sort((a, b) => Temporal.PlainDate.compare(b.date, a.date))
    .slice(0, MAX_SAMPLED)
  return articles.length > 0 ? { ...mail, content: { ...content, articles } } : mail
}
const MAX_SAMPLED = 3

const shownMail = (
  written: LocatedContent,
  index: number,
  mails: readonly LocatedContent[],
): PreviewedMail => {
  const next = mails[index + 1]
  return { id: idOf(written), written, until: next?.file === written.file ? next.line : Infinity }
}

function idOf({ content }: LocatedContent): string {
  if (content.kind === 'lesson') return `day-${content.lesson.day}`
  if (content.kind !== 'inspiration') return content.kind
  const { inspirations } = content.series as Daily
  return `inspiration-${inspirations.indexOf(content.inspiration) + 1}`
}
