/** What can be wrong with an article besides its form, and with links to articles. */
import type { Article } from '../../domain/article.ts'
import { type Finding, findingsOf, type Rule, type Spot } from '../../domain/finding.ts'
import type { ArticleFile } from '../articles.ts'
import type { CourseFolder } from '../courses.ts'
import { fileNameIn } from '../file-names.ts'
import { lessonFiles } from '../lessons.ts'
import type { Mark } from '../marks.ts'
import { isReference } from '../references.ts'
import { articleOf, type SeriesSource, type SourcePage } from '../source.ts'
import { ARTICLE, isAddress, MARKDOWN_RULES, markRule, shown } from './markdown-rules.ts'
import { TEXT_RULES } from './text-rules.ts'

/** An article in its folder. */
export interface WrittenArticle {
  readonly file: ArticleFile
  /** Null if it has faults. */
  readonly article: Article | null
}

/** What articles and lessons can link to. */
export interface Targets {
  readonly articles: readonly WrittenArticle[]
  readonly courses: readonly CourseFolder[]
}

/** Pages show images that the site serves, and no others. */
const articleImage = markRule('image', ({ target }) =>
  isReference(target, 'image')
    ? null
    : `the image ${shown(target)} would not be shown; put its file beside the article`,
)

const articleAddress = markRule('link', ({ target }) =>
  isAddress(target, ['https:', 'mailto:']) ||
  isReference(target, 'link') ||
  /^(article:.+|lesson:.+|#.+|\/(?!\/).*)$/.test(target)
    ? null
    : `the link to ${shown(target)} leads nowhere; use an absolute https:// address, a path of this site, article:its-name or lesson:course/its-name`,
)

/** The rules for mails that also apply to pages. */
const SHARED = new Set(
  ['image-alt', 'link-text', 'bare-address', 'raw-html', 'broken-link', 'heading-order'].concat([
    'unfinished',
    'no-letter',
  ]),
)

const RULES: readonly Rule<SeriesSource>[] = [
  ...[...MARKDOWN_RULES, ...TEXT_RULES].filter(({ name }) => SHARED.has(name)),
  { name: 'image-address', severity: 'error', find: articleImage },
  { name: 'link-address', severity: 'error', find: articleAddress },
]

/** Returns what is wrong within and between articles. */
export function checkArticles({ articles, courses }: Targets): Finding[] {
  const pages = articles.map(({ file }) => articleOf(file))
  return [
    ...findingsOf(RULES, { slug: '', kind: 'course', pages }),
    ...pages.flatMap((page, index) => {
      const ownArticle = articles[index]?.article
      return [
        ...(ownArticle ? namesIn(page, ownArticle, { articles, courses }) : []),
        ...linksIn(page, ownArticle ?? null, { articles, courses }),
      ]
    }),
  ]
}

/** Returns what is wrong with the links from series to articles. */
export const checkArticleLinks = (
  sources: readonly SeriesSource[],
  articles: readonly WrittenArticle[],
): Finding[] =>
  sources.flatMap(({ pages }) =>
    pages.flatMap((page) => linksIn(page, null, { articles, courses: [] })),
  )

const spot = (place: Spot, rule: string, severity: Finding['severity'] = 'error'): Finding => ({
  column: 1,
  ...place,
  rule,
  severity,
})

/** Finds an article by its current name, or by a former one. */
function findArticle(slug: string, articles: readonly WrittenArticle[]) {
  const now = articles.find(({ file }) => file.slug === slug)
  const moved = articles.find(({ article }) => article?.aliases.includes(slug))
  return { now, moved: now ? undefined : moved }
}

const none = (slug: string) => `there is no articles/${slug}.md; correct the name, or remove it`

/** Checks the names in its front matter. */
function namesIn(page: SourcePage, ownArticle: Article, { articles, courses }: Targets): Finding[] {
  const at = (key: string, message: string) => {
    const { line = 1, column = 1 } = page.keys.get(key) ?? {}
    return spot({ file: page.file, line, column, message: `${key}: ${message}` }, key)
  }
  const findingsIn = (
    key: 'related' | 'translations',
    faultOf: (other: Article) => string | null,
  ) =>
    ownArticle[key].flatMap((slug) => {
      if (slug === ownArticle.slug) return [at(key, `${slug} is this article itself; remove it`)]
      const { now, moved } = findArticle(slug, articles)
      if (moved) return [at(key, `${slug} was renamed to ${moved.file.slug}; use that name`)]
      if (!now) return [at(key, none(slug))]
      const fault = now.article && faultOf(now.article)
      return fault ? [at(key, fault)] : []
    })
  const aliases = ownArticle.aliases.flatMap((alias) => {
    if (alias === ownArticle.slug) return [at('aliases', `${alias} is its current name; remove it`)]
    const { now } = findArticle(alias, articles)
    if (now)
      return [at('aliases', `${alias} is another article; remove it, or rename that article`)]
    const first = articles.find(({ article }) => article?.aliases.includes(alias))
    return first?.file.slug === ownArticle.slug
      ? []
      : [at('aliases', `${alias} already leads to ${first?.file.slug}; remove it here`)]
  })
  const isCourse =
    ownArticle.invite === null || courses.some(({ slug }) => slug === ownArticle.invite)
  return [
    ...findingsIn('related', () => null),
    ...findingsIn('translations', ({ slug, language }) =>
      language === ownArticle.language
        ? `${slug} is in the same language, ${language}; remove it`
        : null,
    ),
    ...aliases,
    ...(isCourse
      ? []
      : [at('invite', `there is no courses/${ownArticle.invite}; name one that exists`)]),
  ]
}

type Link = Extract<Mark, { kind: 'link' }>

/** Checks where the links of a text lead within the site. */
function linksIn(page: SourcePage, ownArticle: Article | null, targets: Targets): Finding[] {
  const links = page.passages
    .filter(({ isWithin }) => !isWithin)
    .flatMap(({ marks }) => marks.filter((mark): mark is Link => mark.kind === 'link'))
  return links.flatMap(({ target, line, column }) => {
    const place = { file: page.file, line, column }
    const [, slug] = ARTICLE.exec(target) ?? []
    if (slug !== undefined) return articleLink(slug, place, targets)
    const message = ownArticle
      ? (lessonFault(target, targets) ?? sectionFault(target, ownArticle))
      : null
    return message ? [spot({ ...place, message }, 'link-address')] : []
  })
}

function articleLink(slug: string, place: Omit<Spot, 'message'>, { articles }: Targets): Finding[] {
  const { now, moved } = findArticle(slug, articles)
  const { file } = now ?? moved ?? {}
  if (!file)
    return [spot({ ...place, message: `the link leads nowhere: ${none(slug)}` }, 'article-link')]
  const message = `the link leads to ${slug}, which is a draft; publish it first`
  return file.draft && !file.comes ? [spot({ ...place, message }, 'article-link', 'warning')] : []
}

function lessonFault(target: string, { courses }: Targets): string | null {
  const [, rest] = /^lesson:(.*)$/.exec(target) ?? []
  if (rest === undefined) return null
  const [, slug, name] = /^([^/]+)\/([^/]+)$/.exec(rest) ?? []
  if (!slug || !name) return 'the link names no lesson; write lesson:course/its-name'
  const course = courses.find((folder) => folder.slug === slug)
  if (!course) return `the link leads nowhere: there is no courses/${slug}`
  return lessonFiles(course.texts).some((lesson) => lesson.name === fileNameIn(name))
    ? null
    : `the link leads nowhere: courses/${slug} has no lesson ${name}; use its file name without number and .md`
}

function sectionFault(target: string, { sections }: Article): string | null {
  const [, id] = /^#(.+)$/.exec(target) ?? []
  if (id === undefined) return null
  const known = sections.map((section) => section.id)
  return known.includes(fileNameIn(id))
    ? null
    : `the link leads to no heading here; the headings of this article are ${known.map((anchor) => `#${anchor}`).join(', ') || 'none'}`
}
