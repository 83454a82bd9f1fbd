/** What the owner of a site says of it, in dawnpost.yaml. */
import { chainOf } from '../locales/catalogs.ts'
import type { CommentSettings } from './comment-rules.ts'
import { MORNING, type Weekday } from './rhythm.ts'
import type { Theme } from './theme.ts'

/** The same in every language, or what is said in each, by its BCP 47 tag. */
export type Worded<Words extends string | readonly string[]> =
  | Words
  | Readonly<Record<string, Words>>

export interface SiteSettings {
  /** What it calls itself. */
  readonly name?: string
  /** One line about it, on the front page. */
  readonly tagline?: Worded<string>
  /** BCP 47 tag of the pages that are of no one series. */
  readonly language: string
  /** Those that are offered to visitors, `language` first. */
  readonly languages: readonly string[]
  /** How pages look that are of no one series, and series without a look of their own. */
  readonly theme?: Theme
  /** Lines at the foot of every page. */
  readonly footer: Worded<readonly string[]>
  /** An https address, or a path on the same host. */
  readonly links: { readonly imprint?: string; readonly privacy?: string }
  /** What stands in for variables of the environment, written as they are. */
  readonly url?: string
  readonly sender?: string
  readonly replyTo?: string
  readonly postalAddress?: string
  /** What a form proposes whose series names nothing else. */
  readonly rhythm: { readonly time?: string; readonly weekdays?: readonly Weekday[] }
  /** Slugs of the series that the front page shows, in order. All where it is not given. */
  readonly front?: readonly string[]
  /** Authors who are no one person, beside the site itself. */
  readonly organizations?: readonly string[]
  /** Of comments under articles. */
  readonly comments?: CommentSettings
}

/** Of a site that says nothing. */
export const PLAIN_SITE: SiteSettings = {
  language: 'en',
  languages: ['en'],
  footer: [],
  links: {},
  rhythm: {},
}

const isSame = <Words extends string | readonly string[]>(worded: Worded<Words>): worded is Words =>
  typeof worded === 'string' || Array.isArray(worded)

/** What a page says, and the BCP 47 tag of the language that it says it in. */
export interface Said<Words> {
  readonly words: Words
  readonly language: string
}

/** What a page in `language` says; where that is not worded, what the site's own language says. */
export function wordedIn<Words extends string | readonly string[]>(
  worded: Worded<Words>,
  language: string,
  site: Pick<SiteSettings, 'language'>,
): Said<Words> | undefined {
  if (isSame(worded)) return { words: worded, language: site.language }
  const byTag = new Map(Object.entries(worded as Readonly<Record<string, Words>>))
  const tags = [...byTag.keys()]
  const [tag = ''] = [...chainOf(language, tags), ...chainOf(site.language, tags), ...tags]
  const words = byTag.get(tag)
  return words === undefined ? undefined : { words, language: tag }
}

/** The same with each of its words made anew, in the language they are in. */
export const mapWorded = <Words extends string | readonly string[]>(
  worded: Worded<Words>,
  siteLanguage: string,
  make: (words: Words, language: string) => Words,
): Worded<Words> =>
  isSame(worded)
    ? make(worded, siteLanguage)
    : Object.fromEntries(Object.entries(worded).map(([tag, words]) => [tag, make(words, tag)]))

/** What a site calls itself: by its settings, else by its sender. */
export const siteNameOf = ({ name }: SiteSettings, sender: string) => name ?? (sender || 'Dawnpost')

/** The site's own pages, as a mail leads to them; empty where there are none. */
export function linksFrom({ links }: SiteSettings, siteUrl: string) {
  const whole = (place = '') => (place.startsWith('/') ? siteUrl + place : place)
  return { imprint: whole(links.imprint), privacy: whole(links.privacy) }
}

/** The hour that a form proposes. */
export const proposedTime = ({ rhythm }: SiteSettings) => rhythm.time ?? MORNING
