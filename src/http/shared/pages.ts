import { join } from 'node:path'
import type { HelperOptions } from 'handlebars'
import Handlebars from 'handlebars/dist/handlebars.min.js'
import type { Context } from 'hono'
import { directionOf } from '../../domain/direction.ts'
import { escaped, registerSentences } from '../../locales/html.ts'
import type { Locale } from '../../locales/locale.ts'
import { openCompileCache, templatesIn } from '../../platform/template-files.ts'
import { localeOf } from './language.ts'

/**
 * Renders a page of templates/pages in the language of the request; a value missing from `data` is
 * an error, not a blank.
 */
export type Pages = (c: Context, name: string, data: object) => string

/** Page data of a site that configures none of these. */
export const DEFAULT_PAGE_DATA = {
  siteSheet: '',
  tagline: '',
  taglineLanguage: '',
  footer: [],
  footerLanguage: '',
  imprint: '',
  privacy: '',
} as const

/**
 * Loads templates/pages and its partials; if several folders have one of the same name, the last
 * folder wins. `common` returns the data available to every page in a language.
 */
export async function loadPages(
  folders: readonly string[],
  common: (language: string) => object,
): Promise<Pages> {
  const [partials, pages] = await Promise.all([
    templatesIn(
      folders.map((folder) => join(folder, 'partials')),
      '.hbs',
    ),
    templatesIn(folders, '.hbs'),
  ])
  const compiled = compileOnce({ partials, pages }, compilePages)
  return (c, name, data) => {
    const page = compiled.get(name)
    if (!page) throw new RangeError(`templates/pages has no ${name}`)
    const locale = localeOf(c)
    const { direction } = directionOf(locale.language)
    return page({ ...common(locale.language), ...data }, { data: { locale, direction } })
  }
}

interface Sources {
  readonly partials: readonly (readonly [name: string, source: string])[]
  readonly pages: Sources['partials']
}

function compilePages({ partials, pages }: Sources) {
  const handlebars = Handlebars.create()
  handlebars.registerHelper('eq', (a: unknown, b: unknown) => a === b)
  handlebars.registerHelper('or', (a: unknown, b: unknown) => a || b)
  handlebars.registerHelper('date', dateElement)
  handlebars.registerHelper('links', linksTo)
  handlebars.registerHelper('faulty', faultyAmong)
  handlebars.registerHelper('withFault', (fields: readonly { fault: string }[]) =>
    fields.filter(({ fault }) => fault),
  )
  handlebars.registerHelper('slot', () => new Handlebars.SafeString('<slot></slot>'))
  handlebars.registerHelper('list', listOf)
  handlebars.registerHelper('languages', languagesIn)
  handlebars.registerHelper('arrow', arrow)
  handlebars.registerHelper('in', languageAttributes)
  handlebars.registerHelper('named', named)
  registerSentences(handlebars, 'html')
  for (const [name, source] of partials) handlebars.registerPartial(name, source)
  const compiled = new Map<string, Handlebars.TemplateDelegate>()
  for (const [name, source] of pages)
    compiled.set(name, handlebars.compile(source, { strict: true, preventIndent: true }))
  return compiled
}

const compileOnce = openCompileCache<Sources, Map<string, Handlebars.TemplateDelegate>>()

/** Runtime data of a template, in addition to the page's data. */
interface Run {
  readonly locale: Locale
  readonly direction: 'ltr' | 'rtl'
}

/** Returns `lang` and `dir` for an element whose text is in another language than the page. */
function languageAttributes(language: string, { data }: HelperOptions) {
  const { locale } = data as Run
  if (language === locale.language) return ''
  const { direction } = directionOf(language)
  return new Handlebars.SafeString(` lang="${escaped(language)}" dir="${direction}"`)
}

/** Arrows for back and onward, by text direction. */
const ARROWS = { ltr: { back: '←', on: '→' }, rtl: { back: '→', on: '←' } } as const
const arrow = (way: 'back' | 'on', { data }: HelperOptions) => ARROWS[(data as Run).direction][way]

/** A title that can be used in a sentence of another language. */
function named(title: string, language: string, options: HelperOptions) {
  const attributes = languageAttributes(language, options)
  return attributes === ''
    ? title
    : new Handlebars.SafeString(`<bdi${attributes}>${escaped(title)}</bdi>`)
}

/** A date of when.ts as an element that can be used in a sentence. */
function dateElement({ words, on = '', at = on }: { words: string; on?: string; at?: string }) {
  return new Handlebars.SafeString(`<time datetime="${escaped(at)}">${escaped(words)}</time>`)
}

interface Place {
  readonly id: string
  readonly label: string | Handlebars.SafeString
}

/** Links to places on the page, as a list that can be used in a sentence. */
const linksTo = (places: readonly Place[], options: HelperOptions) =>
  row(
    places.map(({ id, label }) => {
      const words = typeof label === 'string' ? escaped(label) : label.toHTML()
      return `<a href="#${escaped(id)}">${words}</a>`
    }),
    options,
  )

/**
 * The fields with a fault, as places: `(faulty "email" (t "…") faults.email "name" …)` takes an id,
 * a label and a fault per field, in the order of the form.
 */
function faultyAmong(...given: unknown[]): Place[] {
  const parts = given.slice(0, -1)
  return Array.from({ length: parts.length / 3 }, (_, index) => ({
    id: String(parts[index * 3]),
    label: parts[index * 3 + 1] as Place['label'],
    fault: parts[index * 3 + 2],
  })).filter(({ fault }) => fault)
}

/** Links to a page in other languages, each by its own name for itself. */
const languagesIn = (
  pages: readonly { path: string; language: string; name: string; hreflang: string }[],
  options: HelperOptions,
) =>
  row(
    pages.map(({ path, language, name, hreflang }) => {
      const attributes = languageAttributes(language, options)
      return `<a href="${escaped(path)}" hreflang="${escaped(hreflang)}"${attributes}>${escaped(name)}</a>`
    }),
    options,
  )

/** Names as a list that can be used in a sentence. */
const listOf = (names: readonly string[], options: HelperOptions) =>
  row(
    names.map((name) => `<strong>${escaped(name)}</strong>`),
    options,
  )

function row(elements: readonly string[], { data }: HelperOptions) {
  const { locale } = data as Run
  return new Handlebars.SafeString(elements.join(escaped(locale.t('list.separator'))))
}
