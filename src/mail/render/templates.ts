import { join } from 'node:path'
import Handlebars from 'handlebars/dist/handlebars.min.js'
import { IF_COUNTED } from '../../domain/counted-links.ts'
import { registerSentences } from '../../locales/html.ts'
import { type Locale, type Locales, openLocales } from '../../locales/locale.ts'
import { openCompileCache, templatesIn } from '../../platform/template-files.ts'
import type { Render } from '../edition.ts'

/** Renders a layout with its content, in the words of a language. */
export type LayoutRender = (data: object, locale: Locale) => string

/** The files of templates/mail, compiled for the first of two passes: see compile.ts. */
export interface MailTemplates {
  mjml(name: string): LayoutRender
  text(name: string): LayoutRender
  /** The languages in which layouts have words. */
  readonly locales: Locales
}

/**
 * Reads templates/mail: `<kind>.mjml`, its counterpart `<kind>.txt`, and the partials both share.
 * If several folders have a file of the same name, the last one wins. In a `.mjml` file values are
 * escaped for HTML; in a `.txt` file they are not (standards.md F3).
 */
export async function loadTemplates(
  folders: string | readonly string[],
  locales = openLocales(),
): Promise<MailTemplates> {
  const all = [folders].flat()
  const [mjml, text] = await Promise.all([
    compileAll(all, '.mjml', false),
    compileAll(all, '.txt', true),
  ])
  return { mjml: (name) => named(mjml, name), text: (name) => named(text, name), locales }
}

async function compileAll(folders: readonly string[], extension: string, noEscape: boolean) {
  const [partials, templates] = await Promise.all([
    templatesIn(partialsOf(folders), extension),
    templatesIn(folders, extension),
  ])
  return compileOnce({ partials, templates, noEscape }, compiled)
}

interface Sources {
  readonly partials: readonly (readonly [name: string, source: string])[]
  readonly templates: Sources['partials']
  readonly noEscape: boolean
}

function compiled({ partials, templates, noEscape }: Sources): Map<string, LayoutRender> {
  const handlebars = Handlebars.create()
  handlebars.registerHelper('eq', (a: unknown, b: unknown) => a === b)
  handlebars.registerHelper('unbroken', unbroken)
  handlebars.registerHelper('upper', upper)
  registerSentences(handlebars, noEscape ? 'text' : 'html')
  for (const [name, source] of partials) {
    handlebars.registerPartial(name, handlebars.compile(source, { strict: true, noEscape }))
  }
  const all = new Map<string, LayoutRender>()
  for (const [name, source] of templates) {
    const template = handlebars.compile(source, { strict: true, noEscape })
    all.set(name, (data, locale) => template(data, { data: { locale } }))
  }
  return all
}

const compileOnce = openCompileCache<Sources, Map<string, LayoutRender>>()

const partialsOf = (folders: readonly string[]) => folders.map((folder) => join(folder, 'partials'))

/** Keeps HTML on one line. */
const unbroken = (html: unknown) =>
  new Handlebars.SafeString(String(html).replaceAll(' ', '&nbsp;'))

/** A label in capitals: the page does the same by its style. */
const upper = (label: string, { data }: Handlebars.HelperOptions) =>
  label.toLocaleUpperCase((data as { locale: Locale }).locale.language)

function named(templates: Map<string, LayoutRender>, name: string): LayoutRender {
  const template = templates.get(name)
  if (!template) throw new RangeError(`templates/mail has no ${name}`)
  return template
}

const personal = Handlebars.create()
const usualIf = personal.helpers.if as Handlebars.HelperDelegate
personal.registerHelper('if', function (this: unknown, value: unknown, options) {
  if (!(value instanceof FieldMark)) return usualIf.call(this, value, options)
  const { given, none, end } = value.ways
  return `${given}${options.fn(this)}${none}${options.inverse(this)}${end}`
})

/**
 * Represents the answer to an own field while a text is cut up (skeleton.ts). Both what is shown
 * with an answer and what is shown without one are rendered, between the marks of `ways`. It is an
 * object so that nothing a reader enters can be mistaken for one.
 */
export class FieldMark {
  readonly text: string
  readonly ways: Readonly<Record<'given' | 'none' | 'end', string>>
  constructor(text: string, ways: FieldMark['ways']) {
    this.text = text
    this.ways = ways
  }
  toString() {
    return this.text
  }
}

/** Returns the names of the own fields a text uses. */
export const fieldsIn = (source: string): string[] => [
  ...new Set(
    [...source.matchAll(/\{\{(?:#if |#unless )?fields\.(\w+)/g)].map(([, name = '']) => name),
  ),
]

/** Expands `{{fields.goal or …}}` to an `if`; behind a backslash it is text. */
const expandFallbacks = (source: string) =>
  source.replace(
    /(?<!(?<!\\)\\)\{\{fields\.(\w+) or ([^{}]+)\}\}/g,
    '{{#if fields.$1}}{{fields.$1}}{{else}}$2{{/if}}',
  )

/**
 * Represent a literal brace and backslash in the text part; the page has entities. Handlebars' own
 * escape does not work next to a backslash of the text itself. These are control characters, which
 * no author's text may contain.
 */
export const [BRACE, BACKSLASH] = ['\u0001', '\u0002']

const OPTIONS = {
  strict: true,
  knownHelpersOnly: true,
  knownHelpers: { if: true, unless: true, each: false, with: false, lookup: false, log: false },
}

/**
 * Compiles the second pass: a text with slots for one person's data. Only plain values and `if` are
 * allowed; an unfilled slot is an error, not a blank (standards.md F29). An unfilled own field is a
 * blank, because a reader may have enrolled before it was asked for.
 */
export function compileSlots(source: string, { noEscape }: { noEscape: boolean }): Render {
  const isMarked = noEscape && (source.includes(BRACE) || source.includes(BACKSLASH))
  if (!source.includes('{{')) return () => (isMarked ? restoreBracesIn(source) : source)
  const names = fieldsIn(source)
  const slots = names.length > 0 ? expandFallbacks(source) : source
  const template = personal.compile(isMarked ? withLiteralBraces(slots) : slots, {
    ...OPTIONS,
    noEscape,
  })
  const filled = names.length > 0 ? withBlanks(template, names) : template
  // Only mails that are sent have counted links: see skeleton.ts.
  return source.includes(IF_COUNTED) ? (data) => filled({ counted: false, ...data }) : filled
}

const withBlanks =
  (template: Render, names: readonly string[]): Render =>
  (data) => {
    const { fields = {} } = data as { fields?: Readonly<Record<string, unknown>> }
    const values = Object.fromEntries(names.map((name) => [name, fields[name] ?? '']))
    return template({ ...data, fields: values })
  }

function withLiteralBraces(source: string) {
  const program = personal.parse(source)
  restoreBraces(program)
  return program
}

const restoreBracesIn = (text: string) => text.replaceAll(BRACE, '{').replaceAll(BACKSLASH, '\\')

/** Applies only to what an author wrote; a reader's name stays unchanged. */
function restoreBraces({ body }: hbs.AST.Program) {
  for (const statement of body) {
    if (statement.type === 'ContentStatement') {
      const content = statement as hbs.AST.ContentStatement
      content.value = restoreBracesIn(content.value)
    }
    const { program, inverse } = statement as Partial<hbs.AST.BlockStatement>
    if (program) restoreBraces(program)
    if (inverse) restoreBraces(inverse)
  }
}

/**
 * Returns the words of a text part as a line, in which a backslash before braces means they are not
 * a slot.
 */
export const asLine = (text: string): string =>
  text
    .replaceAll(BRACE + BRACE, '\\{{')
    .replaceAll(`${BRACE}{`, '\\{{')
    .replaceAll(BRACE, '{')
    .replaceAll(BACKSLASH, '')

/** Returns the number of literal `{{` in a text with slots. */
export const literalBraces = (source: string): number =>
  source.replaceAll(BRACE, '\\{').match(/\\\{\\?\{/g)?.length ?? 0
