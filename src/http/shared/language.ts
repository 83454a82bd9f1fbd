/**
 * The only place that decides the language of a response: that of the series the request is about;
 * else the reader's, if a link identifies one; else the visitor's, among those the site offers;
 * else the site's. A route declares its subject as soon as it is known, so that later errors are
 * reported in the same language.
 */
import type { Context, MiddlewareHandler } from 'hono'
import { accepts } from 'hono/accepts'
import type { Series } from '../../domain/course.ts'
import { isSameLanguage } from '../../locales/catalogs.ts'
import type { Locale, Locales } from '../../locales/locale.ts'

export interface LanguageSite {
  readonly locales: Locales
  /** BCP 47 tags that a visitor can choose from; the first is the site's own. */
  readonly languages: readonly string[]
}

declare module 'hono' {
  interface ContextVariableMap {
    visitorLocale: Locale
    /** The locale of the request's subject; unset if it has none. */
    locale: Locale
  }
}

/** A site with the locale of the page being rendered. */
export type Localized<S> = S & { readonly locale: Locale }

export const localized = <S extends object>(app: S, c: Context): Localized<S> => ({
  ...app,
  locale: localeOf(c),
})

export const localeOf = (c: Context): Locale => c.get('locale') ?? c.get('visitorLocale')

/** Switches the response to the language of a series. */
export const useLanguage = (
  c: Context,
  { language }: Pick<Series, 'language'>,
  { locales }: LanguageSite,
) => c.set('locale', locales.of(language))

/** What a language calls itself: "Deutsch", "português (Brasil)", "Deutsch (formal)". */
export function languageName(tag: string): string {
  const [, manner] = /-x-(.+)$/.exec(tag) ?? []
  const name = new Intl.DisplayNames([tag], { type: 'language' }).of(publicTag(tag)) ?? tag
  return manner ? `${name} (${manner})` : name
}

/** Returns the tag without its private part: search engines know nothing of a manner of address. */
export const publicTag = (tag: string): string => tag.replace(/-x-.*$/, '')

/** A reader whose link was followed. */
interface LanguagePreference {
  readonly language: string | null
  readonly overviews?: readonly { readonly series: Pick<Series, 'language'> }[]
}

/**
 * Switches the response to a reader's language. For readers from before languages were recorded, it
 * is that of their series, if all share one.
 */
export function useReaderLanguage(
  c: Context,
  { language, overviews = [] }: LanguagePreference,
  app: LanguageSite,
) {
  const [only, ...others] = new Set(overviews.map(({ series }) => series.language))
  const known = language ?? (others.length === 0 ? only : undefined)
  if (known !== undefined) c.set('locale', app.locales.of(known))
}

/** Longer Accept-Language headers are ignored: nobody speaks that many languages. */
const MAX_HEADER_LENGTH = 300

/** Determines the visitor's language; must come before any middleware that may report a problem. */
export function detectLanguage({ locales, languages }: LanguageSite): MiddlewareHandler {
  const [siteLanguage = 'en', ...others] = languages
  const visitors = (c: Context) => {
    const asked = c.req.header('accept-language') ?? ''
    if (others.length === 0 || asked.length > MAX_HEADER_LENGTH) return siteLanguage
    return accepts(c, {
      header: 'Accept-Language',
      supports: [...languages],
      default: siteLanguage,
      match: (ranges) => nearest(ranges, languages) ?? siteLanguage,
    })
  }
  return async (c, next) => {
    c.set('visitorLocale', locales.of(visitors(c)))
    await next()
    if (others.length > 0 && !c.get('locale') && !c.req.path.startsWith('/assets/'))
      c.header('Vary', 'Accept-Language', { append: true })
  }
}

/**
 * Returns the best of `offered` for the ranges of RFC 9110, 12.5.4: the same tag, or the same
 * language with another country or manner of address.
 */
function nearest(
  ranges: readonly { readonly type: string; readonly q: number }[],
  offered: readonly string[],
): string | undefined {
  for (const { type } of ranges.filter(({ q }) => q > 0).toSorted((a, b) => b.q - a.q)) {
    if (type === '*') return offered[0]
    const found =
      offered.find((tag) => tag.toLowerCase() === type.toLowerCase()) ??
      offered.find((tag) => isSameLanguage(tag, type))
    if (found) return found
  }
  return undefined
}

interface Version {
  readonly slug: string
  readonly language: string
}

interface VersionPlaces {
  readonly pathOf: (slug: string) => string
  readonly siteUrl: string
  readonly languages: readonly string[]
}

/**
 * Returns links to the versions of a text in other languages, for people (`translations`) and for
 * search engines (`alternates`). `found` includes the text itself.
 */
export function versionsOf(
  of: Version,
  found: readonly Version[],
  { pathOf, siteUrl, languages }: VersionPlaces,
) {
  const pages = found.map(({ slug, language }) => ({
    slug,
    language,
    path: pathOf(slug),
    name: languageName(language),
    hreflang: publicTag(language),
    href: siteUrl + pathOf(slug),
  }))
  const defaultPage = pages.find(({ language }) => language === languages[0]) ?? pages[0]
  const alternates = pages.filter(
    ({ hreflang }, index) => pages.findIndex((page) => page.hreflang === hreflang) === index,
  )
  return {
    translations: pages.filter(({ slug }) => slug !== of.slug),
    alternates:
      defaultPage && pages.length > 1
        ? [...alternates, { ...defaultPage, hreflang: 'x-default' }]
        : [],
  }
}
