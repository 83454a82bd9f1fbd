import { join } from 'node:path'
import Handlebars, { type HelperOptions } from 'handlebars'
import { escaped, registerSentences } from '../../locales/html.ts'
import type { Locale } from '../../locales/locale.ts'
import { templatesIn } from '../../platform/template-files.ts'

/** Renders a page of templates/pages; what `data` lacks is an error, not a blank. */
export interface Pages {
  (name: string, data: object): string
  /** The language that they are in. */
  readonly locale: Locale
}

/** What pages show of a site that says nothing of itself. */
export const BARE = { siteSheet: '', tagline: '', footer: [], imprint: '', privacy: '' } as const

/**
 * Reads templates/pages and its partials; of several folders, a later one wins by name. `common` is
 * what every page may show.
 */
export async function loadPages(
  folders: readonly string[],
  common: object,
  locale: Locale,
): Promise<Pages> {
  const handlebars = Handlebars.create()
  handlebars.registerHelper('eq', (a: unknown, b: unknown) => a === b)
  handlebars.registerHelper('date', dateElement)
  handlebars.registerHelper('links', linksTo)
  handlebars.registerHelper('list', listOf)
  registerSentences(handlebars, 'html')
  const partials = folders.map((folder) => join(folder, 'partials'))
  for (const [name, source] of await templatesIn(partials, '.hbs'))
    handlebars.registerPartial(name, source)
  const pages = new Map<string, Handlebars.TemplateDelegate>()
  for (const [name, source] of await templatesIn(folders, '.hbs'))
    pages.set(name, handlebars.compile(source, { strict: true, preventIndent: true }))
  const render = (name: string, data: object) => {
    const page = pages.get(name)
    if (!page) throw new RangeError(`templates/pages has no ${name}`)
    return page({ ...common, ...data }, { data: { locale } })
  }
  return Object.assign(render, { locale })
}

/** A date of when.ts as an element that can stand in a sentence. */
function dateElement({ words, on = '', at = on }: { words: string; on?: string; at?: string }) {
  return new Handlebars.SafeString(`<time datetime="${escaped(at)}">${escaped(words)}</time>`)
}

/** Links to places on the page, in a row that can stand in a sentence. */
const linksTo = (places: readonly { id: string; label: string }[], options: HelperOptions) =>
  row(
    places.map(({ id, label }) => `<a href="#${escaped(id)}">${escaped(label)}</a>`),
    options,
  )

/** Names in a row that can stand in a sentence. */
const listOf = (names: readonly string[], options: HelperOptions) =>
  row(
    names.map((name) => `<strong>${escaped(name)}</strong>`),
    options,
  )

function row(elements: readonly string[], { data }: HelperOptions) {
  const { locale } = data as { locale: Locale }
  return new Handlebars.SafeString(elements.join(escaped(locale.t('list.separator'))))
}
