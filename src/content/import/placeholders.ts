/** What other systems write for the name of a reader, and for all else that they fill in. */
import { TODO } from '../draft.ts'

/**
 * `*|FNAME|*`, `{{first_name}}`, `{% if x %}`, `%FIRSTNAME%`, `[[firstname]]`,
 * `[subscriber:firstname]`, `{$name}`.
 */
const PLACEHOLDER =
  /\*\|(?<mailchimp>[^|\n]{1,80})\|\*|\{\{+(?<braces>[^{}\n]{1,200})\}\}+|\{%(?<tag>[^%\n]{1,200})%\}|%(?<percent>[A-Z][A-Z_-]{2,40})%|\[\[(?<brackets>[^[\]\n]{1,80})\]\]|\[subscriber:(?<subscriber>[^[\]\n]{1,80})\]|\{[$!](?<dollar>\w{1,40})\}/g

const FIRST_NAME =
  /^(contact|subscriber|user|person|people|recipient|customer|lead|profile|member|attributes?|fields?)*(firstname|fname|givenname|name|first)$/

/** The slot of a first name, with what stands in its place for readers without one. */
const named = (without: string) => `{{#if firstName}}{{firstName}}{{else}}${without}{{/if}}`

/**
 * Our slots for the first name, each within an `if`, so that readers without a name see no gap:
 * what is before a name, or else the comma behind it, goes with it. What we know nothing of is
 * marked for the author and told to `unknown`.
 */
export function withSlots(text: string, unknown: (placeholder: string) => void): string {
  const marked = text.replace(PLACEHOLDER, (whole, ...matched) => {
    const groups = matched.at(-1) as Record<string, string | undefined>
    const inner = Object.values(groups).find((group) => group !== undefined) ?? ''
    const [name = '', fallback = ''] = inner.split(/\|| or /i)
    if (groups.tag === undefined && FIRST_NAME.test(name.toLowerCase().replace(/[^a-z]/g, '')))
      return NAME + fallbackOf(fallback) + NAME
    unknown(whole)
    return `${TODO} {${inner.trim()}}`
  })
  const whole = marked
    .replace(/((?:,? )?)\uE000\uE000((?:, )?)/g, (_, before: string, after: string) =>
      before || !after
        ? `{{#if firstName}}${before}{{firstName}}{{/if}}${after}`
        : `{{#if firstName}}{{firstName}}${after}{{/if}}`,
    )
    .replace(/\uE000([^\uE000]+)\uE000/g, (_, without: string) => named(without))
  return literal(whole)
}

/**
 * Stands around what replaces a missing name until slots are made of it. Of a private range, and
 * taken out of texts.
 */
const NAME = '\uE000'

/** Braces that would open a slot nobody fills are set apart. */
export const literal = (text: string) =>
  text
    .replace(/\{(?=\{\{)/g, '{ ')
    .replace(/\{\{(?!(?:firstName|#if firstName|else|\/if)\}\})/g, '{ {')

/** `default: "friend"`, `default:'friend'`, `"friend"`. */
const fallbackOf = (filter: string) =>
  /(?:\b(?:default|fallback)\b\s*[:(=]?|^)\s*["'“‘]([^"'”’{}]*)["'”’]/i.exec(filter)?.[1]?.trim() ??
  /\b(?:default|fallback)\b\s*[:(=]?\s*([^"'{}()]+)/i.exec(filter)?.[1]?.trim() ??
  ''

/** A text as it is for readers without a name. */
export const withoutName = (text: string) =>
  text.replace(/\{\{#if firstName\}\}.*?(?:\{\{else\}\}(.*?))?\{\{\/if\}\}/g, '$1').trim()

/** Whether an address or a text holds something that a system fills in. */
export const hasPlaceholder = (text: string) =>
  text.search(PLACEHOLDER) >= 0 || /%7B%7B/i.test(text)

/**
 * Placeholders as Markdown leaves them alone: without the asterisks it takes for emphasis, or
 * spaces within an address.
 */
export const beforeMarkdown = (text: string) =>
  text.replace(/\*\|([^|\n]{1,80})\|\*/g, '{{$1}}').replace(/\{\{\s+([\w.]+)\s+\}\}/g, '{{$1}}')
