/** Data of the preview's pages: courses, a mail, an article. */
import type { PreviewedArticle, PreviewedMail, Previewer } from '../../app/previewer.ts'
import { unitOf } from '../../domain/course.ts'
import { Problem } from '../../domain/problem.ts'
import type { Locale } from '../../locales/locale.ts'
import { keyForUnit } from '../../locales/numbered.ts'
import type { Companion } from '../../mail/edition.ts'
import { dateWords } from '../shared/when.ts'
import { mailView, parseMail } from './mail-view.ts'

const SCHEMES = ['light', 'dark'] as const

interface ViewOptions {
  readonly reader: string
  readonly scheme: (typeof SCHEMES)[number]
  /** The companion that could be added. */
  readonly offered: Companion | null
  readonly companion: Companion | null
}

export async function viewOptionsFrom(
  previewer: Previewer,
  query: Readonly<Record<string, string>>,
): Promise<ViewOptions> {
  const asked = query.reader ?? ''
  const reader = Object.hasOwn(previewer.readers, asked) ? asked : 'ada'
  const scheme = query.scheme === 'dark' ? 'dark' : 'light'
  const offered = await anyInspiration(previewer)
  return { reader, scheme, offered, companion: query.beside === 'yes' ? offered : null }
}

interface MailKey {
  readonly slug: string
  readonly id: string
}

/** Returns a mail and its neighbors. Throws a Problem if there is none of this name. */
export async function findMail(previewer: Previewer, { slug, id }: MailKey) {
  const all = (await previewer.folder()).mails.get(slug) ?? []
  const index = all.findIndex((mail) => mail.id === id)
  const shownMail = all[index]
  if (!shownMail) throw new Problem('not_found', 'preview.not-found')
  return { shown: shownMail, before: all[index - 1]?.id ?? null, after: all[index + 1]?.id ?? null }
}

/** Composes a mail as it would be sent, and parses it. */
export async function mailFor(
  previewer: Previewer,
  shownMail: PreviewedMail,
  { reader, companion }: Pick<ViewOptions, 'reader' | 'companion'>,
) {
  const raw = await previewer.render(shownMail, reader, companion)
  return { raw, mail: await parseMail(raw) }
}

/** Returns everything in the folder, and what is broken in it. */
export async function folderView(previewer: Previewer) {
  const { found, faults, mails, articles } = await previewer.folder()
  const series = await Promise.all(
    found.map(async ({ slug, series: content, draft, waiting }) => ({
      slug,
      title: content?.title ?? slug,
      draft,
      waiting,
      mails: await Promise.all(
        (mails.get(slug) ?? []).map((shownMail) => mailRow(shownMail, previewer)),
      ),
    })),
  )
  return { series, articles: articles.map(articleRow), faults: faults.map(placed) }
}

/** Returns a mail with all options for viewing it. */
export async function mailPage(
  previewer: Previewer,
  { slug, id }: MailKey,
  asked: Readonly<Record<string, string>>,
) {
  const { shown, before, after } = await findMail(previewer, { slug, id })
  const how = await viewOptionsFrom(previewer, asked)
  const { raw, mail } = await mailFor(previewer, shown, how)
  const query = new URLSearchParams({
    reader: how.reader,
    scheme: how.scheme,
    ...(how.companion && { beside: 'yes' }),
  })
  return {
    slug,
    before,
    after,
    query: String(query),
    file: `courses/${shown.written.file}`,
    ...mailView(raw, mail, `/${slug}/${id}/html?${query}`),
    subject: mail.subject ?? '',
    kilobytes: Math.ceil(Buffer.byteLength(mail.html ?? '') / 1_000),
    readers: options(previewer.readers, how.reader),
    schemes: options(schemesIn(previewer.locale), how.scheme),
    offersCompanion: shown.written.content.kind === 'lesson' && how.offered !== null,
    hasCompanion: how.companion !== null,
    findings: (await previewer.findings(shown, { mail: true })).map(placed),
  }
}

const schemesIn = (locale: Locale) =>
  Object.fromEntries(
    SCHEMES.map((scheme) => [scheme, { words: locale.t(`preview.${scheme}`) }] as const),
  )

const options = (all: Readonly<Record<string, { readonly words: string }>>, chosen: string) =>
  Object.entries(all).map(([id, { words }]) => ({ id, chosen: id === chosen, words }))

async function anyInspiration(previewer: Previewer): Promise<Companion | null> {
  const { found } = await previewer.folder()
  const [series] = found.flatMap(({ series }) => (series?.kind === 'daily' ? [series] : []))
  const [inspiration] = series?.inspirations ?? []
  return series && inspiration ? { series, inspiration } : null
}

async function mailRow(shownMail: PreviewedMail, previewer: Previewer) {
  const { content } = shownMail.written
  const { locale } = previewer
  const label =
    content.kind === 'lesson'
      ? locale.t(keyForUnit(unitOf(content.series), 'preview.day'), { day: content.lesson.day })
      : locale.t(`mail-kind.${content.kind}`)
  const subject =
    'lesson' in content
      ? content.lesson.subject
      : 'inspiration' in content
        ? content.inspiration.title
        : 'letter' in content
          ? content.letter.subject
          : 'articles' in content
            ? (content.articles[0]?.title ?? '')
            : ''
  const findings = (await previewer.findings(shownMail, { mail: false })).length
  return { id: shownMail.id, label, subject, findings }
}

const articleRow = ({ file: { slug, draft }, article, findings }: PreviewedArticle) => ({
  slug,
  draft,
  title: article?.title ?? slug,
  on: article ? String(article.date) : '',
  findings: findings.length,
})

/** An article as the site shows it, with its findings; only the findings if it is broken. */
export const articleView = (
  { file: { file, slug, draft }, article, findings }: PreviewedArticle,
  locale: Locale,
) => ({
  ...article,
  article,
  title: article?.title ?? slug,
  on: article && dateWords(article.date, locale),
  draft,
  file: file.replace(/^\.\.\//, ''),
  findings: findings.map(placed),
})

const placed = ({ file, line, ...finding }: { file: string; line: number }) => ({
  ...finding,
  place: `${file.replace(/^\.\.\//, '')}:${line}`,
})
