/** The subset of CSS that mails use: rules, in media queries or not, and their declarations. */
import { LRUCache } from 'lru-cache'

export interface Declaration {
  readonly property: string
  readonly value: string
  readonly important: boolean
}

export interface CssRule {
  /** The media query that contains the rule; empty for none. */
  readonly media: string
  readonly selector: string
  readonly declarations: readonly Declaration[]
}

export interface Sheet {
  readonly rules: readonly CssRule[]
  /** At-rules without their blocks, such as `@import url(x.css)`. */
  readonly at: readonly string[]
}

/** Cached, because all mails of a layout have the same sheet and styles. */
const sheets = new LRUCache<string, Sheet>({ max: 50 })
const styles = new LRUCache<string, readonly Declaration[]>({ max: 1_000 })

/** Returns the same sheet object for equal texts. */
export function readSheet(css: string, media = ''): Sheet {
  const key = JSON.stringify([media, css])
  const sheet = sheets.get(key) ?? sheetOf(css, media)
  sheets.set(key, sheet)
  return sheet
}

function sheetOf(css: string, media: string): Sheet {
  const rules: CssRule[] = []
  const at: string[] = []
  for (const { head, block } of blocks(css.replace(/\/\*[\s\S]*?\*\/|<!--|-->/g, ''))) {
    if (head.startsWith('@')) at.push(head)
    if (block === null) continue
    const [, query] = /^@media\s+(.*)$/s.exec(head) ?? []
    if (query !== undefined) {
      const inner = sheetOf(block, [media, query.trim()].filter(Boolean).join(' and '))
      rules.push(...inner.rules)
      at.push(...inner.at)
    } else if (!head.startsWith('@')) {
      rules.push({ media, selector: head, declarations: readDeclarations(block) })
    }
  }
  return { rules, at }
}

/** Yields the top-level statements: `head { block }` or `head;`. */
function* blocks(css: string): Generator<{ head: string; block: string | null }> {
  let [depth, begin, open] = [0, 0, 0]
  for (let index = 0; index < css.length; index++) {
    const char = css[index]
    if (char === '{' && depth++ === 0) open = index
    const ends = (char === '}' && --depth === 0) || (char === ';' && depth === 0)
    if (!ends) continue
    const [head, block] =
      char === ';'
        ? [css.slice(begin, index), null]
        : [css.slice(begin, open), css.slice(open + 1, index)]
    begin = index + 1
    if (head.trim()) yield { head: head.trim(), block }
  }
}

/** Returns the declarations of a block or a `style` attribute. */
export function readDeclarations(text: string): readonly Declaration[] {
  const declarations = styles.get(text) ?? declarationsOf(text)
  styles.set(text, declarations)
  return declarations
}

const declarationsOf = (text: string): Declaration[] =>
  text.split(/;(?![^(]*\))/).flatMap((part) => {
    const colon = part.indexOf(':')
    if (colon < 0) return []
    const value = part.slice(colon + 1).trim()
    return {
      property: part.slice(0, colon).trim().toLowerCase(),
      value: value.replace(/\s*!important$/i, ''),
      important: /!important$/i.test(value),
    }
  })

/** Returns a selector's specificity: ids, then classes and attributes, then elements. */
export function specificity(selector: string): number {
  const count = (pattern: RegExp) => selector.match(pattern)?.length ?? 0
  return (
    count(/#[\w-]+/g) * 100 +
    count(/\.[\w-]+|\[[^\]]*\]|(?<!:):(?!:)[\w-]+/g) * 10 +
    count(/(?:^|[\s>+~])[a-z][\w-]*/gi)
  )
}
