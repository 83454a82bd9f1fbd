/** What is behind a backslash is no slot, but text. */
const SHORT = /(?<!\\)\{\{fields\.\w+ or ([^{}]+)\}\}/g
/** An `if` without another one in it. */
const IF =
  /(?<!\\)\{\{#if [^{}]+\}\}(?:(?!(?<!\\)\{\{(?:#if|else|\/if)).)*(?:\{\{else\}\}((?:(?!(?<!\\)\{\{(?:#if|\/if)).)*))?\{\{\/if\}\}/gs
const SLOT = /(?<!\\)\{\{(?:firstName|fields\.\w+)\}\}/g

/**
 * What an author wrote, as it is for somebody of whom nothing is known: the visitor of a page. It
 * says what it says to a reader who has given neither name nor answers. Braces that are meant as
 * such stay marked as they are.
 */
export function forNobody(text: string): string {
  if (!text.includes('{{')) return text
  let said = text.replace(SHORT, '$1')
  for (let before = ''; before !== said; ) {
    before = said
    said = said.replace(IF, (_, otherwise = '') => otherwise)
  }
  return said.replace(SLOT, '')
}

/** The same of a line, a subject or a title, as it is read: `\{{` is two braces. */
export const lineForNobody = (line: string): string => forNobody(line).replace(/\\(?=\{\{)/g, '')
