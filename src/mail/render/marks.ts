/**
 * Texts bypass MJML. While a layout is rendered each text is represented by a mark, which is
 * replaced by the text afterwards: MJML indents everything it is given, even code blocks, and one
 * HTML page with marks serves every text of the same layout.
 */
import Handlebars from 'handlebars/dist/handlebars.min.js'

/** Each mark is a private-use character of plane 15. The texts themselves are never searched. */
const FIRST = 0xf0000
const MARK = /[\u{F0000}-\u{FFFFD}]/gu

export interface Marks {
  /** Returns a mark for plain text; '' for an empty text, so that `{{#if}}` works. */
  text(text: string | number): string
  /** Returns a mark for HTML, or anything else inserted unchanged. */
  raw(text: string): string
  /** Returns a layout with its marks replaced by the texts. */
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
