/** After a backslash, braces are text rather than a slot. */
const SHORT = /(?<!\\)\{\{fields\.\w+ or ([^{}]+)\}\}/g
/** An `if` without another one nested in it. */
const IF =
  /(?<!\\)\{\{#if [^{}]+\}\}(?:(?!(?<!\\)\{\{(?:#if|else|\/if)).)*(?:\{\{else\}\}((?:(?!(?<!\\)\{\{(?:#if|\/if)).)*))?\{\{\/if\}\}/gs
const SLOT = /(?<!\\)\{\{(?:firstName|fields\.\w+)\}\}/g

/**
 * Returns an author's text as shown to somebody about whom nothing is known, such as the visitor of
 * a page: the same as for a reader who has given neither name nor answers. Escaped braces stay
 * escaped.
 */
export function anonymousText(text: string): string {
  if (!text.includes('{{')) return text
  let said = text.replace(SHORT, '$1')
  for (let before = ''; before !== said; ) {
    before = said
    said = said.replace(IF, (_, otherwise = '') => otherwise)
  }
  return said.replace(SLOT, '')
}

/** The same for a line shown as it is, such as a subject or a title: `\{{` becomes two braces. */
export const anonymousLine = (line: string): string =>
  anonymousText(line).replace(/\\(?=\{\{)/g, '')
