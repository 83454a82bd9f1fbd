/** Markdown from other systems, with embedded HTML. */
import markdownIt from 'markdown-it'
import deflist from 'markdown-it-deflist'
import footnote from 'markdown-it-footnote'
import { type BlockMeta, isBlock, withBlocks } from '../blocks.ts'
import { outsideCode } from './outside-code.ts'
import { protectPlaceholders } from './placeholders.ts'

const md = withBlocks(markdownIt({ html: true }))
  .use(deflist)
  .use(footnote)
md.core.ruler.push('data-block', ({ tokens }) => {
  for (const token of tokens) {
    if (token.type !== 'block_open') continue
    const { name, minutes } = token.meta as unknown as BlockMeta
    token.attrSet('data-block', minutes === null ? ourName(name) : `${name} ${minutes} minutes`)
  }
})

/** Maps the callouts of other programs to notes; empty for unknown names. */
function ourName(name: string): string {
  if (isBlock(name)) return name
  return /^\{?(tip|info|warning|danger|important|caution|hint|callout|aside|notice)\b/i.test(name)
    ? 'note'
    : ''
}

/**
 * A list nested in a numbered one is often indented by two spaces, as older parsers allowed;
 * CommonMark requires three and would take it for the same list.
 */
function listsWithin(markdown: string): string {
  let isNumbered = false
  return outsideCode(markdown, (text) =>
    text
      .split('\n')
      .map((line) => {
        if (/^\S/.test(line)) isNumbered = /^\d{1,9}[.)] /.test(line)
        return isNumbered && /^ {2}(?:\d{1,9}[.)]|[-*+]) /.test(line) ? `  ${line}` : line
      })
      .join('\n'),
  )
}

/** Renders for conversion back to Markdown; never for a mail. */
export const htmlOfSource = (markdown: string) =>
  md.render(protectPlaceholders(listsWithin(markdown)))
