/** Layouts as HTML, before texts are inserted: each is rendered once for all of its texts. */
import { mjmlToHtml } from './render-mjml.ts'

/** One per kind of mail and look; a site has a few dozen. The least recently used are evicted. */
const MAX_CACHED_FRAMES = 60

const frames = new Map<string, Promise<string>>()

/** Returns the HTML of a layout with marks. Rejects if it is not valid MJML. */
export function frameOf(mjml: string): Promise<string> {
  const frame = frames.get(mjml) ?? mjmlToHtml(mjml).then(finished(mjml))
  frames.delete(mjml)
  frames.set(mjml, frame)
  frame.catch(() => frames.delete(mjml))
  for (const oldest of [...frames.keys()].slice(0, -MAX_CACHED_FRAMES)) frames.delete(oldest)
  return frame
}

const finished = (mjml: string) => (html: string) =>
  alignedBy(mjml)(withGround(withoutIndentation(html)))

/** A quarter of MJML's output is white space at the beginning of lines. */
const withoutIndentation = (html: string) => html.replace(/^\s+/gm, '')

/**
 * Sets the background on the article as well: Roundcube replaces the class of the body, whose rules
 * then no longer apply.
 */
const withGround = (html: string) =>
  html.replace(/<div (?=[^>]*\brole="article")/, '<div class="paper" ')

/** MJML aligns its columns to the left, whatever their direction. */
const alignedBy = (mjml: string) => (html: string) =>
  /<mjml[^>]* dir="rtl"/.test(mjml)
    ? html.replace(/(<div class="mj-column-[^>]*?)text-align:left/g, '$1text-align:right')
    : html
