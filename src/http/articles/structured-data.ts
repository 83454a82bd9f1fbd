/**
 * Metadata of an article for search engines and social networks: schema.org as JSON-LD, with the
 * fields that Google names for Article and BreadcrumbList, and the Open Graph protocol.
 */
import { articlePath, type LiveArticle } from '../../domain/article.ts'
import { ARTICLES_PATH, nameInPath, withQuery } from '../../domain/article-paths.ts'
import { latest } from '../../domain/time.ts'
import { publicTag } from '../shared/language.ts'
import type { VisitorSite } from '../shared/site.ts'
import { authorPath } from './cards.ts'

/** A picture for other sites, with an absolute address. */
export interface SharedPicture {
  readonly url: string
  readonly width: number
  readonly height: number
}

interface Details {
  readonly picture: SharedPicture | null
  /** The title of the list of all articles. */
  readonly listed: string
  readonly query: Readonly<Record<string, string>>
}

type PublisherSite = Pick<VisitorSite, 'siteUrl' | 'letterhead' | 'config'>

/** JSON for a script element; no text in it can close the element. */
export const jsonLd = (article: LiveArticle, app: PublisherSite, details: Details): string =>
  JSON.stringify({
    '@context': 'https://schema.org',
    '@graph': [posting(article, app, details), breadcrumbs(article, app, details)],
  }).replaceAll('<', '\\u003c')

function posting(article: LiveArticle, app: PublisherSite, { picture, query }: Details) {
  const { siteUrl, letterhead } = app
  const { title, summary, author, date, language, tags, words, minutes } = article
  const url = siteUrl + articlePath(article.slug)
  return {
    '@type': 'BlogPosting',
    headline: title,
    description: summary,
    url,
    mainEntityOfPage: { '@type': 'WebPage', '@id': url },
    datePublished: String(date),
    dateModified: String(modifiedOn(article)),
    author: {
      '@type': isOrganization(author, app) ? 'Organization' : 'Person',
      name: author,
      url: siteUrl + authorPath(article, query),
    },
    publisher: { '@type': 'Organization', name: letterhead.siteName, url: `${siteUrl}/` },
    inLanguage: publicTag(language),
    wordCount: words,
    timeRequired: `PT${minutes}M`,
    isAccessibleForFree: true,
    ...(tags.length > 0 && { keywords: tags }),
    ...imagesOf(article, siteUrl, picture),
  }
}

/**
 * Returns whether an author is the site itself or one of its configured organizations. Names are
 * compared as in addresses.
 */
const isOrganization = (author: string, { letterhead, config }: PublisherSite) =>
  [letterhead.siteName, ...(config.site.settings.organizations ?? [])].some(
    (name) => nameInPath(name) === nameInPath(author),
  )

/** The picture drawn from the title, then the article's own. */
function imagesOf({ picture }: LiveArticle, siteUrl: string, made: SharedPicture | null) {
  const all = [made, picture && { ...picture, url: siteUrl + picture.src }].filter(
    (candidate) => candidate !== null,
  )
  const image = all.map(({ url, width, height }) => ({
    '@type': 'ImageObject',
    url,
    width,
    height,
  }))
  return image.length > 0 ? { image } : {}
}

/** Returns the date of its last change, or its own date if that is later. */
export const modifiedOn = ({ date, updatedAt }: LiveArticle) =>
  latest(date, updatedAt.toZonedDateTimeISO('UTC').toPlainDate())

function breadcrumbs(
  { slug, title }: LiveArticle,
  { siteUrl, letterhead }: PublisherSite,
  details: Details,
) {
  const places = [
    { name: letterhead.siteName, item: `${siteUrl}/` },
    { name: details.listed, item: siteUrl + withQuery(ARTICLES_PATH, details.query) },
    { name: title, item: siteUrl + articlePath(slug) },
  ]
  return {
    '@type': 'BreadcrumbList',
    itemListElement: places.map((place, index) => ({
      '@type': 'ListItem',
      position: index + 1,
      ...place,
    })),
  }
}

/** A language in Open Graph's form, with the country of most of its readers: `en_US`. */
export function openGraphLocale(tag: string): string {
  const { language, region } = new Intl.Locale(publicTag(tag)).maximize()
  return region ? `${language}_${region}` : language
}
