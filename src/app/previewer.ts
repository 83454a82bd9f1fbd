/**
 * Joins the preview of a courses folder to what it uses: the files, and the render path of real
 * mail (I8).
 */
import { existsSync, watch } from 'node:fs'
import { lookInto, mailsOf } from '../actions/courses/check.ts'
import { checkArticles, type WrittenArticle } from '../content/check/article-rules.ts'
import { checkSource } from '../content/check/rules.ts'
import { type CourseFolder, readCourses } from '../content/courses.ts'
import { mediaBytes } from '../content/media.ts'
import { onSite, readSite } from '../content/site.ts'
import { sourceOf } from '../content/source.ts'
import { type Daily, ownFieldsOf, type Series } from '../domain/course.ts'
import { type Finding, inOrder } from '../domain/finding.ts'
import { sampleAnswers } from '../domain/own-fields.ts'
import { linksFrom, siteNameOf } from '../domain/site.ts'
import { dateIn } from '../domain/time.ts'
import { morningInWords } from '../domain/words.ts'
import { areOfOneLanguage } from '../locales/catalogs.ts'
import { type Key, type Locale, type Locales, openLocales } from '../locales/locale.ts'
import type { Written } from '../mail/check/rendering.ts'
import { checkMails } from '../mail/check/rules.ts'
import { answered, LETTERHEAD, sampleIn } from '../mail/check/samples.ts'
import type { Companion, Editions, Reader } from '../mail/edition.ts'
import { rawOf } from '../mail/mail.ts'
import { compose } from '../mail/message/compose.ts'
import { openEditions } from '../mail/render/compile.ts'
import { loadTemplates, type MailTemplates } from '../mail/render/templates.ts'
import { systemClock } from '../platform/clock.ts'
import { layersOf, OWN_SITE, SITE_FILE, type SiteFolder } from '../platform/site-folder.ts'
import { readWritten } from './written-articles.ts'

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
/** Readers to try a mail on. */
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
/** An editor saves a file in several steps. */
const SETTLED_MS = 60

/** A mail that can be looked at. */
export interface Shown {
  /** `day-7`, `welcome`, `inspiration-12`. */
  readonly id: string
  readonly written: Written
  /** The line at which another mail's text begins in the same file. */
  readonly until: number
}

/** An article that can be looked at, broken ones and drafts among them. */
export interface ShownArticle extends WrittenArticle {
  /** What should be mended in it. */
  readonly findings: readonly Finding[]
}

export interface Folder {
  readonly articles: readonly ShownArticle[]
  readonly found: readonly CourseFolder[]
  readonly faults: Awaited<ReturnType<typeof readCourses>>['faults']
  readonly mails: ReadonlyMap<string, readonly Shown[]>
}

interface State {
  readonly folder: Folder
  /** What stands in the files and should be mended. */
  readonly findings: readonly Finding[]
  readonly templates: MailTemplates
  readonly editions: Editions
  readonly siteName: string
}

export interface PreviewerTerms {
  /** Whose settings, templates and, where no folder is named, courses are shown. */
  readonly site?: SiteFolder
  readonly locales?: Locales
}

export type Previewer = ReturnType<typeof openPreviewer>

/** Reads the folder whenever something in it was saved; `onSaved` listeners are told. */
export function openPreviewer(
  courses?: string,
  { site = OWN_SITE, locales = openLocales() }: PreviewerTerms = {},
) {
  // Articles are of the site, and lead to its own courses.
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
    /** Each by its id, in the words of `locale`. */
    readers: Object.fromEntries(
      Object.entries(SAMPLES).map(([id, { words }]) => [id, { words: locale.t(words) }]),
    ),
    siteUrl: LETTERHEAD.siteUrl,
    /** Whose pages' files it shows. */
    site,
    /** Of the pages round the mails. */
    locale,
    folder: async () => (await current()).folder,
    /** A picture or file of the folder, as it will be served. */
    media: async (hash: string) => mediaIn((await current()).folder, hash),
    /**
     * What stands in the files of a mail that should be mended; with `mail`, in the mail made of
     * it, too.
     */
    findings: async (
      { written, until }: Shown,
      { mail }: { mail: boolean },
    ): Promise<Finding[]> => {
      const { findings, templates } = await current()
      const here = findings.filter(
        ({ file, line }) => file === written.file && line >= written.line && line < until,
      )
      return mail ? [...here, ...(await checkMails([written], templates))] : here
    },
    /** The bytes of a mail to one of `readers`. */
    render: async ({ written }: Shown, reader: string, companion: Companion | null) => {
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

/** Calls `act` a moment after something of what is shown was saved. */
function watchAll({ courses, articles, site }: Sources, act: () => void): Disposable {
  let settled: NodeJS.Timeout | undefined
  const saved = () => {
    clearTimeout(settled)
    settled = setTimeout(act, SETTLED_MS)
  }
  const watchers = [
    ...[courses, articles, ...layersOf(site).mail]
      .filter((folder) => folder !== null)
      .filter((folder) => existsSync(folder))
      .map((folder) => watch(folder, { recursive: true }, saved)),
    // By its folder: editors put a new file in the place of the one that was.
    watch(site.root, (_, name) => void (name === SITE_FILE && saved())),
  ]
  return {
    [Symbol.dispose]: () => {
      clearTimeout(settled)
      for (const watcher of watchers) watcher.close()
    },
  }
}

async function mediaIn({ found, articles }: Folder, hash: string) {
  const foundMedia = [...found, ...articles.map(({ file }) => file)]
    .flatMap(({ media }) => media)
    .find((media) => media.hash === hash)
  return foundMedia && { type: foundMedia.type, bytes: await mediaBytes(foundMedia) }
}

/** Whoever gives no name answers nothing else; what is odd about a name is odd about an answer. */
function readerIn(series: Series, locales: Locales, sample: Sample): Reader {
  const { firstName, firstMail } = sample
  const locale = locales.of(series.language)
  const ownFields = ownFieldsOf(series)
  const answer = firstName === ADA.firstName ? undefined : () => firstName
  const fields = firstName ? sampleAnswers(ownFields, answer) : {}
  const answers = sample.answered ? answered(series, locales) : null
  const reader = { ...sampleIn(locale), firstName, fields, answers, address: 'ada@example.com' }
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
  const found = read.folders.map((course) => onSite(course, settings))
  const faults = [...siteFaults, ...read.faults]
  const siteName = siteNameOf(settings, '')
  const { language } = settings
  const written =
    articles === null ? [] : await shownArticles(articles, found, { language, locales })
  const { whole, sources } = lookInto(found, sourceOf)
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
): Promise<ShownArticle[]> {
  const { articles, faults } = await readWritten(folder, terms)
  const findings = inOrder([...faults, ...checkArticles({ articles, courses })])
  return articles.map((article) => ({
    ...article,
    findings: findings.filter(({ file }) => file === article.file.file),
  }))
}

/** A letter with the newest articles of the folder; without any, as it was. */
function withArticles(mail: Written, allArticles: readonly ShownArticle[]): Written {
  const { content } = mail
  if (content.kind !== 'letter') return mail
  const { language } = content.series
  const articles = allArticles
    .flatMap(({ file, article }) => (article && file.draft === null ? [article] : []))
    .filter((article) => areOfOneLanguage(article.language, language))
    .sort((a, b) => Temporal.PlainDate.compare(b.date, a.date))
    .slice(0, SAMPLED)
  return articles.length > 0 ? { ...mail, content: { ...content, articles } } : mail
}
const SAMPLED = 3

const shownMail = (written: Written, index: number, mails: readonly Written[]): Shown => {
  const next = mails[index + 1]
  return { id: idOf(written), written, until: next?.file === written.file ? next.line : Infinity }
}

function idOf({ content }: Written): string {
  if (content.kind === 'lesson') return `day-${content.lesson.day}`
  if (content.kind !== 'inspiration') return content.kind
  const { inspirations } = content.series as Daily
  return `inspiration-${inspirations.indexOf(content.inspiration) + 1}`
}
