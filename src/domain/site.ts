/** What the owner of a site sets in dawnpost.yaml. */
import { fallbackChain } from '../locales/catalogs.ts'
import type { CommentSettings } from './comment-rules.ts'
import { DEFAULT_TIME, type Weekday } from './rhythm.ts'
import type { Theme } from './theme.ts'

/** Words for every language, or for each by its BCP 47 tag. */
export type Localizable<Words extends string | readonly string[]> =
  | Words
  | Readonly<Record<string, Words>>

export interface SiteSettings {
  /** Name of the site. */
  readonly name?: string
  /** One line about it, on the front page. */
  readonly tagline?: Localizable<string>
  /** BCP 47 tag of pages that belong to no single series. */
  readonly language: string
  /** Languages offered to visitors, `language` first. */
  readonly languages: readonly string[]
  /** Look of pages that belong to no single series, and of series without their own. */
  readonly theme?: Theme
  /** Lines at the foot of every page. */
  readonly footer: Localizable<readonly string[]>
  /** An https address, or a path on the same host. */
  readonly links: { readonly imprint?: string; readonly privacy?: string }
  /** Used in place of environment variables, and written the same way. */
  readonly url?: string
  readonly sender?: string
  readonly replyTo?: string
  readonly postalAddress?: string
  /** What a form proposes if its series sets nothing else. */
  readonly rhythm: { readonly time?: string; readonly weekdays?: readonly Weekday[] }
  /** Slugs of the series on the front page, in order; all if absent. */
  readonly front?: readonly string[]
  /** Authors that are not a person, besides the site itself. */
  readonly organizations?: readonly string[]
  /** Settings of comments under articles. */
  readonly comments?: CommentSettings
}

/** Settings of a site that sets none. */
export const DEFAULT_SITE_SETTINGS: SiteSettings = {
  language: 'en',
  languages: ['en'],
  footer: [],
  links: {},
  rhythm: {},
}

const isSame = <Words extends string | readonly string[]>(
  worded: Localizable<Words>,
): worded is Words => typeof worded === 'string' || Array.isArray(worded)

/** Words, and the BCP 47 tag of the language they are in. */
export interface LocalizedWords<Words> {
  readonly words: Words
  readonly language: string
}

/**
 * Returns the words for a page in `language`; if there are none, those in the site's own language,
 * else any.
 */
export function localizedFor<Words extends string | readonly string[]>(
  worded: Localizable<Words>,
  language: string,
  site: Pick<SiteSettings, 'language'>,
): LocalizedWords<Words> | undefined {
  if (isSame(worded)) return { words: worded, language: site.language }
  const byTag = new Map(Object.entries(worded as Readonly<Record<string, Words>>))
  const tags = [...byTag.keys()]
  const [tag = ''] = [
    ...fallbackChain(language, tags),
    ...fallbackChain(site.language, tags),
    ...tags,
  ]
  const words = byTag.get(tag)
  return words === undefined ? undefined : { words, language: tag }
}

/** Applies `make` to the words of each language. */
export const mapLocalizable = <Words extends string | readonly string[]>(
  worded: Localizable<Words>,
  siteLanguage: string,
  make: (words: Words, language: string) => Words,
): Localizable<Words> =>
  isSame(worded)
    ? make(worded, siteLanguage)
    : Object.fromEntries(Object.entries(worded).map(([tag, words]) => [tag, make(words, tag)]))

/** Returns the name of a site: from its settings, else its sender. */
export const siteNameOf = ({ name }: SiteSettings, sender: string) => name ?? (sender || 'Dawnpost')

/** Returns absolute links to the site's own pages, for mails; empty for those it does not have. */
export function linksFrom({ links }: SiteSettings, siteUrl: string) {
  const whole = (place = '') => (place.startsWith('/') ? siteUrl + place : place)
  return { imprint: whole(links.imprint), privacy: whole(links.privacy) }
}

/** Time that a form proposes. */
export const proposedTime = ({ rhythm }: SiteSettings) => rhythm.time ?? DEFAULT_TIME
