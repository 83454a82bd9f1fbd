/** Sentences within HTML, and the template helpers that render them. */
import Handlebars from 'handlebars/dist/handlebars.min.js'
import type { Key, Locale, Params } from './locale.ts'
import { keyForUnit } from './numbered.ts'

type Element = (inner: string, params: Params) => string

export const escaped = (text: string) => Handlebars.escapeExpression(text)

/** What the tags of a sentence become; `<link>` leads to the parameter `href`. */
const ELEMENTS: Readonly<Record<string, Element>> = {
  b: (inner) => `<strong>${inner}</strong>`,
  code: (inner) => `<code>${inner}</code>`,
  quiet: (inner) => `<span class="quiet">${inner}</span>`,
  link: (inner, { href = '' }) => `<a href="${escaped(String(href))}">${inner}</a>`,
}

/** HTML that is inserted as it is: see `SafeString` of Handlebars. */
interface Markup {
  toHTML(): string
}
const isMarkup = (value: unknown): value is Markup =>
  typeof value === 'object' && value !== null && 'toHTML' in value

/**
 * Returns the sentence as HTML. Parameters are escaped unless they are a SafeString, and tags
 * become elements.
 */
export function messageHtml(locale: Locale, key: Key, params: Params = {}): string {
  const elements = Object.entries(ELEMENTS).map(([tag, element]) => [
    tag,
    (chunks: unknown[]) =>
      new Handlebars.SafeString(element(chunks.map(htmlOfChunk).join(''), params)),
  ])
  const parts = locale.parts(key, { ...Object.fromEntries(elements), ...params })
  return parts.map(({ value }) => htmlOfChunk(value)).join('')
}

const htmlOfChunk = (value: unknown) => (isMarkup(value) ? value.toHTML() : escaped(String(value)))

/**
 * Registers `{{t "key" name=value}}`: the sentence in the locale from the `data` of the run, as
 * HTML, or as plain text for templates that are not HTML.
 */
export function registerSentences(handlebars: typeof Handlebars, as: 'html' | 'text') {
  handlebars.registerHelper('t', (key: Key, { hash, data }: Handlebars.HelperOptions) => {
    for (const [name, value] of Object.entries(hash))
      if (value === null || value === undefined) throw new RangeError(`${key} has no ${name}`)
    const { locale } = data as { locale: Locale }
    return as === 'text'
      ? locale.t(key, hash)
      : new Handlebars.SafeString(messageHtml(locale, key, hash))
  })
  handlebars.registerHelper('by', keyForUnit)
  handlebars.registerHelper('concat', (...parts: unknown[]) => parts.slice(0, -1).join(''))
}
