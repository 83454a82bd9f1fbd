/**
 * Texts go round MJML, not through it. While a layout is made each text is represented by a mark,
 * and the text is put in afterwards: MJML indents what it is given, code blocks as well, and one
 * HTML page with marks in it serves every text of the same layout.
 */
import Handlebars from 'handlebars/dist/handlebars.min.js'

/**
 * Plane 15 is for private use: a character each. What stands in the texts themselves is never
 * looked at.
 */
const FIRST = 0xf0000
const MARK = /[\u{F0000}-\u{FFFFD}]/gu

export interface Marks {
  /** A mark for plain text. Nothing for nothing, so that `{{#if}}` sees it. */
  text(text: string | number): string
  /** A mark for HTML, or for whatever else is put in as it is. */
  raw(text: string): string
  /** A layout with the texts in the places of their marks. */
  fill(layout: string): string
}

export function openMarks(): Marks {
  const texts: string[] = []
  const keep = (text: string) => {
    texts.push(text)
    return text === '' ? '' : String.fromCodePoint(FIRST + texts.length - 1)
  }
  return {
    text: (text) => keep(Handlebars.escapeExpression(String(text))),
    raw: keep,
    fill: (layout) =>
      layout.replace(MARK, (mark) => texts[(mark.codePointAt(0) ?? 0) - FIRST] ?? mark),
  }
}
