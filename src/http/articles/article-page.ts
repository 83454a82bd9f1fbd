import type { Context } from 'hono'
import { articlePath, type LiveArticle } from '../../domain/article.ts'
import type { Series } from '../../domain/course.ts'
import { translationsOf } from '../../domain/relations.ts'
import { dateIn } from '../../domain/time.ts'
import { isSameLanguage } from '../../locales/catalogs.ts'
import { formPage, wordingOf } from '../readers/course-page.ts'
import { freshValues } from '../readers/enroll-form.ts'
import { onFront } from '../readers/public.ts'
import { enrollPathBelow, redisplayedState } from '../readers/sent-form.ts'
import { cardOf } from '../shared/article-card.ts'
import { type Localized, versionsOf } from '../shared/language.ts'
import type { RedisplayedForm } from '../shared/redisplayed-form.ts'
import type { CommentSite, VisitorSite } from '../shared/site.ts'
import { dateWords } from '../shared/when.ts'
import { authorPath, linksTo } from './cards.ts'
import { commentsSection } from './comments.ts'
import { feedPath } from './list-page.ts'
import { type Shelf, shelfFor, shelvesOf } from './shelves.ts'
import { jsonLd, modifiedOn, openGraphLocale, type SharedPicture } from './structured-data.ts'

const RELATED = 3
/** With fewer sections no table of contents is needed. */
const LISTED_SECTIONS = 4

/** What is on an article's page in addition to its file's data. */
interface Shown {
  readonly html: string
  readonly picture: SharedPicture | null
  /** A form on the page that was sent and is given back. */
  readonly given: RedisplayedForm | null
}

/** Returns the data of an article's page. */
export async function articlePage(
  c: Context,
  app: Localized<CommentSite>,
  { article, ...content }: Shown & { readonly article: LiveArticle },
) {
  const { title, summary, language, minutes, date, tags, author, picture } = article
  const shelf = shelfOn(app, article)
  const sections = article.sections.filter(({ level }) => level === 2)
  const [invitation, letter, inspiration, comments] = await Promise.all([
    invitationOf(app, article, content.given),
    letterOf(app, article, content.given),
    inspirationFor(app, article),
    commentsSection(c, app, article),
  ])
  return {
    title,
    summary,
    language,
    minutes,
    author,
    authorPath: authorPath(article, shelf.query),
    on: dateWords(date, app.locale),
    tags: linksTo('tags', { names: tags, query: shelf.query }),
    picture,
    contents: sections.length >= LISTED_SECTIONS ? sections : [],
    html: content.html,
    ...translationsFor(app, article),
    related: relatedTo(app, article).map((related) => cardOf(related, app.locale)),
    ...neighborsIn(shelf, article),
    invitation,
    letter,
    inspiration,
    comments,
    script: invitation?.form || letter || comments ? 'form.js' : '',
    meta: metaOf(app, article, { shelf, picture: content.picture }),
  }
}

/** Stamps of the forms on the page. A new stamp is no reason to resend the page. */
export const stampsOn = ({ invitation, letter }: Awaited<ReturnType<typeof articlePage>>) =>
  [invitation?.form?.stamp, letter?.stamp].filter((stamp) => stamp !== undefined)

/**
 * Returns the form of the course that the article invites to. A course in another language keeps
 * its form on its own page: consent is worded in the language of the course.
 */
async function invitationOf(
  app: Localized<VisitorSite>,
  article: LiveArticle,
  given: RedisplayedForm | null,
) {
  const { invite, language } = article
  const series = invite === null ? undefined : app.series.get(invite)
  if (!series) return null
  const isAlike = isSameLanguage(series.language, language)
  return {
    series,
    address: `${app.siteUrl}/courses/${series.slug}`,
    form: isAlike ? await formBelow(app, { article, series, given }) : null,
  }
}

/** Returns the form of the letter about new articles, if the site has one in this language. */
async function letterOf(
  app: Localized<VisitorSite>,
  article: LiveArticle,
  given: RedisplayedForm | null,
) {
  const { invite, language } = article
  const letter = [...app.series.values()].find(
    (series) =>
      series.kind === 'letter' &&
      isSameLanguage(series.language, language) &&
      series.slug !== invite,
  )
  if (!letter) return null
  const page = { ...app, locale: app.locales.of(letter.language) }
  const form = await formBelow(app, { article, series: letter, given })
  return { ...form, wording: wordingOf(page, letter, 'short') }
}

interface FormBelow {
  readonly article: LiveArticle
  readonly series: Series
  readonly given: RedisplayedForm | null
}

/** The form: fresh, or as it was sent. */
function formBelow(app: Localized<VisitorSite>, { article, series, given }: FormBelow) {
  const action = enrollPathBelow(series, article)
  const form =
    given?.body.series === series.slug
      ? redisplayedState(action, given, series)
      : { action, values: freshValues(series) }
  return formPage({ ...app, locale: app.locales.of(series.language) }, series, form)
}

function inspirationFor(app: VisitorSite, { language }: LiveArticle) {
  const on = dateIn('UTC', app.now())
  const series = onFront(app, language).filter((series) =>
    isSameLanguage(series.language, language),
  )
  return app.visitor.inspirationOn(on, series)
}

const relatedTo = ({ articles }: VisitorSite, { nearest }: LiveArticle) =>
  nearest.flatMap((slug) => articles.get(slug) ?? []).slice(0, RELATED)

/** Returns all articles in its language; only itself if it has just been withdrawn. */
const shelfOn = (app: VisitorSite, article: LiveArticle): Shelf =>
  shelfFor(shelvesOf(app.articles.all(), app), article.language) ?? {
    language: article.language,
    articles: [article],
    query: {},
  }

/** Returns links to the articles before and after it, by date. */
function neighborsIn({ articles }: Shelf, { slug }: LiveArticle) {
  const at = articles.findIndex((article) => article.slug === slug)
  const link = (article: LiveArticle | undefined) =>
    article
      ? { href: articlePath(article.slug), title: article.title, language: article.language }
      : null
  return { previous: link(articles[at + 1]), next: link(at > 0 ? articles[at - 1] : undefined) }
}

const translationsFor = ({ articles, siteUrl, languages }: VisitorSite, article: LiveArticle) =>
  versionsOf(article, translationsOf(article, articles.all()), {
    pathOf: articlePath,
    siteUrl,
    languages,
  })

interface Around {
  readonly shelf: Shelf
  readonly picture: SharedPicture | null
}

function metaOf(app: Localized<VisitorSite>, article: LiveArticle, { shelf, picture }: Around) {
  const { title, summary, slug, language, date, tags, author } = article
  const { siteUrl, locale } = app
  return {
    type: 'article',
    title,
    description: summary,
    author,
    canonical: siteUrl + articlePath(slug),
    language: openGraphLocale(language),
    picture,
    published: String(date),
    modified: String(modifiedOn(article)),
    tags,
    previous: '',
    next: '',
    feed: feedPath(shelf),
    jsonLd: jsonLd(article, app, {
      picture,
      listed: locale.t('page.articles.heading'),
      query: shelf.query,
    }),
  }
}
