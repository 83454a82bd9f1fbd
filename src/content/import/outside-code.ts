/** Changes Markdown outside code: inside, everything is literal. */

/** A whole fenced block, also within a list or a quotation; or a span. */
const CODE =
  /^[ \t>]*(?:[-+*]|\d{1,9}[.)])?[ \t]*(`{3,}|~{3,})[^\n]*\n[\s\S]*?(?:^[ \t>]*\1[`~]*[ \t]*$|(?![\s\S]))|(?<![`\\])(`+)(?!`)(?:(?!\n\s*\n)[\s\S])*?[^`]\2(?!`)/gm

export function outsideCode(markdown: string, change: (text: string) => string): string {
  let [at, changed] = [0, '']
  for (const { index, 0: code } of markdown.matchAll(CODE)) {
    changed += change(markdown.slice(at, index)) + code
    at = index + code.length
  }
  return changed + change(markdown.slice(at))
}
