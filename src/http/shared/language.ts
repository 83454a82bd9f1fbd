/**
 * In which language a request is answered, decided in this one place: that of the series it is
 * about; else the reader's, where a link tells who reads; else the visitor's, of those that the
 * site offers; else the site's. A route says what it is about as soon as it knows, so that what
 * goes wrong after that is told in the same language.
 */
import type { Context, MiddlewareHandler } from 'hono'
import { accepts } from 'hono/accepts'
import type { Series } from '../../domain/course.ts'
import { areOfOneLanguage } from '../../locales/catalogs.ts'
import type { Locale, Locales } from '../../locales/locale.ts'

export interface Speaking {
  readonly locales: Locales
  /** BCP 47 tags that a visitor has the choice of; the first is the site's own. */
  readonly languages: readonly string[]
}

declare module 'hono' {
  interface ContextVariableMap {
    /** The visitor's. */
    visitorLocale: Locale
    /** Of what the request is about; unset where it is about nothing. */
    locale: Locale
  }
}

/** A site, and the language in which a page of it is. */
export type In<S> = S & { readonly locale: Locale }

export const inLanguage = <S extends object>(app: S, c: Context): In<S> => ({
  ...app,
  locale: localeOf(c),
})

export const localeOf = (c: Context): Locale => c.get('locale') ?? c.get('visitorLocale')

/** Answers in the language of a series from here on. */
export const speakOf = (
  c: Context,
  { language }: Pick<Series, 'language'>,
  { locales }: Speaking,
) => c.set('locale', locales.of(language))

/** What a language calls itself: "Deutsch", "português (Brasil)", "Deutsch (formal)". */
export function languageName(tag: string): string {
  const [, manner] = /-x-(.+)$/.exec(tag) ?? []
  const name = new Intl.DisplayNames([tag], { type: 'language' }).of(publicTag(tag)) ?? tag
  return manner ? `${name} (${manner})` : name
}

/** The tag without what is known here alone: search engines know of no manner of a language. */
export const publicTag = (tag: string): string => tag.replace(/-x-.*$/, '')

/** Somebody whose link was followed. */
interface Known {
  readonly language: string | null
  readonly overviews?: readonly { readonly series: Pick<Series, 'language'> }[]
}

/**
 * Answers in the language of a reader from here on. Who came before languages were kept is spoken
 * to as their series speak, where all of them speak one.
 */
export function speakTo(c: Context, { language, overviews = [] }: Known, app: Speaking) {
  const [only, ...others] = new Set(overviews.map(({ series }) => series.language))
  const known = language ?? (others.length === 0 ? only : undefined)
  if (known !== undefined) c.set('locale', app.locales.of(known))
}

/** What a browser may list of languages is read so far: nobody speaks more. */
const LONGEST = 300

/** Finds out the visitor's language; must come before whatever may tell of a problem. */
export function speaking({ locales, languages }: Speaking): MiddlewareHandler {
  const [siteLanguage = 'en', ...others] = languages
  const visitors = (c: Context) => {
    const asked = c.req.header('accept-language') ?? ''
    if (others.length === 0 || asked.length > LONGEST) return siteLanguage
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
 * The best of `offered` for ranges of RFC 9110, 12.5.4: the same tag, or the same language where a
 * country or a manner is another.
 */
function nearest(
  ranges: readonly { readonly type: string; readonly q: number }[],
  offered: readonly string[],
): string | undefined {
  for (const { type } of ranges.filter(({ q }) => q > 0).toSorted((a, b) => b.q - a.q)) {
    if (type === '*') return offered[0]
    const found =
      offered.find((tag) => tag.toLowerCase() === type.toLowerCase()) ??
      offered.find((tag) => areOfOneLanguage(tag, type))
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

/** One text in other languages, for people and for search engines; `found` holds it, too. */
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
