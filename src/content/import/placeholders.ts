/** Other systems' placeholders for a reader's name, and for everything else they fill in. */
import { TODO } from '../draft.ts'
import { oneLine } from './lines.ts'
import { outsideCode } from './outside-code.ts'

/**
 * `*|FNAME|*`, `{{first_name}}`, `{% if x %}`, `%FIRSTNAME%`, `[[firstname]]`,
 * `[subscriber:firstname]`, `{$name}`.
 */
const PLACEHOLDER =
  /\*\|(?<mailchimp>[^|\n]{1,80})\|\*|\{{2,3}(?<braces>[^{}\n]{1,200})\}\}+|\{%(?<tag>[^%\n]{1,200})%\}|%(?<percent>[A-Z][A-Z_-]{2,40})%|\[\[(?<brackets>[^[\]\n]{1,80})\]\]|\[subscriber:(?<subscriber>[^[\]\n]{1,80})\]|\{[$!](?<dollar>\w{1,40})\}/g

const FIRST_NAME =
  /^(contact|subscriber|user|person|people|recipient|customer|lead|profile|member|attributes?|fields?)*(firstname|fname|givenname|name|first)$/

/** Returns the slot for a first name, with a text for readers without one. */
const named = (without: string) => `{{#if firstName}}{{firstName}}{{else}}${without}{{/if}}`

const isFirstName = (name: string) => FIRST_NAME.test(name.toLowerCase().replace(/[^a-z]/g, ''))

/** `{% if name %} … {% else %} … {% endif %}`, and `*|IF:NAME|* … *|ELSE:|* … *|END:IF|*`. */
const CONDITIONS = [
  /\{%-?\s*if\s+([\w.]+)\s*(?:!=\s*(?:blank|nil|empty|["']{2})\s*)?-?%\}((?:(?!\{%).)*)(?:\{%-?\s*else\s*-?%\}((?:(?!\{%).)*))?\{%-?\s*endif\s*-?%\}/gs,
  /(?:\*\||\{\{)IF:(\w+)(?:\|\*|\}\})((?:(?!(?:\*\||\{\{)(?:IF|ELSE|END):).)*)(?:(?:\*\||\{\{)ELSE:(?:\|\*|\}\})((?:(?!(?:\*\||\{\{)(?:IF|END):).)*))?(?:\*\||\{\{)END:IF(?:\|\*|\}\})/gs,
]
/** Stand for our own slots while those of other systems are replaced. */
const OURS = {
  '\uE010': '{{#if firstName}}',
  '\uE011': '{{else}}',
  '\uE012': '{{/if}}',
  '\uE013': '{{firstName}}',
} as const

function withConditions(text: string): string {
  const bare = (part: string) =>
    part.replace(PLACEHOLDER, (whole, ...matched) =>
      isFirstName(nameOf(innerOf(matched))) ? '\uE013' : whole,
    )
  return CONDITIONS.reduce(
    (changed, condition) =>
      changed.replace(condition, (whole, name: string, yes: string, no = '') =>
        isFirstName(name) ? `\uE010${bare(yes)}${no && `\uE011${no}`}\uE012` : whole,
      ),
    text,
  )
}

function innerOf(matched: readonly unknown[]): string {
  const groups = matched.at(-1) as Record<string, string | undefined>
  return groups.tag === undefined
    ? (Object.values(groups).find((group) => group !== undefined) ?? '')
    : `% ${groups.tag} %`
}
const nameOf = (inner: string) => inner.split(/\|| or /i)[0] ?? ''

/**
 * Replaces placeholders with our slots for the first name, each within an `if`, so that readers
 * without a name see no gap: the comma or space before the name, or else the comma after it, is in
 * the `if`. Unknown placeholders are marked for the author and reported to `unknown`.
 */
export function withSlots(text: string, unknown: (placeholder: string) => void): string {
  const marked = withConditions(text).replace(PLACEHOLDER, (whole, ...matched) => {
    const inner = innerOf(matched)
    if (isFirstName(nameOf(inner)))
      return NAME + fallbackOf(inner.slice(nameOf(inner).length + 1)) + NAME
    unknown(whole)
    return `${TODO} {${inner.replace(/^% | %$/g, '').trim()}}`
  })
  return marked
    .replace(/((?:,? )?)\uE000\uE000((?:, )?)/g, (_, before: string, after: string) =>
      before || !after
        ? `{{#if firstName}}${before}{{firstName}}{{/if}}${after}`
        : `{{#if firstName}}{{firstName}}${after}{{/if}}`,
    )
    .replace(/\uE000([^\uE000]+)\uE000/g, (_, without: string) => named(without))
    .replace(/[\uE010-\uE013]/g, (sign) => OURS[sign as keyof typeof OURS])
}

/** Like withSlots, but as one line in which all other braces are escaped. */
export const lineWithSlots = (text: string, unknown: (placeholder: string) => void = () => {}) =>
  escapeBraces(withSlots(oneLine(text), unknown))

/**
 * Surrounds the replacement for a missing name until slots are made. In the private use area, and
 * removed from texts.
 */
const NAME = '\uE000'

const SLOT = /^(?:firstName|#if firstName|else|\/if)\}\}/

/** Escapes braces that would open a slot nothing fills. */
export const escapeBraces = (text: string) =>
  text.replace(/\{{2,}/g, (braces, at: number) => {
    if (!SLOT.test(text.slice(at + braces.length))) return braces.replaceAll('{', '\\{')
    return `${'\\{'.repeat(braces.length - 2)}{{`
  })

/** `default: "friend"`, `default:'friend'`, `"friend"`. */
const fallbackOf = (filter: string) =>
  /(?:\b(?:default|fallback)\b\s*[:(=]?|^)\s*["'“‘]([^"'”’{}]*)["'”’]/i.exec(filter)?.[1]?.trim() ??
  /\b(?:default|fallback)\b\s*[:(=]?\s*([^"'{}()]+)/i.exec(filter)?.[1]?.trim() ??
  ''

/** Returns a text as readers without a name see it. */
export const withoutName = (text: string) =>
  text.replace(/\{\{#if firstName\}\}.*?(?:\{\{else\}\}(.*?))?\{\{\/if\}\}/g, '$1').trim()

/** Returns whether an address or a text contains something that a system fills in. */
export const hasPlaceholder = (text: string) =>
  text.search(PLACEHOLDER) >= 0 || /%7B%7B/i.test(text)

/** Returns whether a text names the old sender: its address, its list, the year. */
export const namesOldSender = (text: string) =>
  /(?:\*\||\{\{)\s*(?:HTML:|IF:|IFNOT:)?(?:LIST|USER|REWARDS|UNSUB|ARCHIVE|FORWARD|UPDATE_PROFILE|CURRENT_YEAR|address\b|unsubscribe|subscriber_preferences)/i.test(
    text,
  )

/** Returns whether a mail asks to confirm an address. */
export const asksToConfirm = (text: string) => /(?:\*\||\{\{)\s*\w*confirm\w*/i.test(text)

/**
 * Rewrites placeholders so that Markdown leaves them alone: without the asterisks that it takes for
 * emphasis, or spaces within an address.
 */
export const protectPlaceholders = (markdown: string) =>
  outsideCode(markdown, (text) =>
    text.replace(/\*\|([^|\n]{1,80})\|\*/g, '{{$1}}').replace(/\{\{\s+([\w.]+)\s+\}\}/g, '{{$1}}'),
  )
