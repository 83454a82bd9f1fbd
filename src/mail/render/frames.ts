/** Layouts as HTML, before any text is in them: each is made once, however many texts it is for. */
import { mjmlToHtml } from './render-mjml.ts'

/** Kinds of mail by looks: a site has a few dozen. The least recently used are dropped. */
const KEPT = 60

const frames = new Map<string, Promise<string>>()

/** The HTML of a layout with marks in it. Rejects when it is not valid MJML. */
export function frameOf(mjml: string): Promise<string> {
  const frame = frames.get(mjml) ?? mjmlToHtml(mjml).then(finished(mjml))
  frames.delete(mjml)
  frames.set(mjml, frame)
  frame.catch(() => frames.delete(mjml))
  for (const oldest of [...frames.keys()].slice(0, -KEPT)) frames.delete(oldest)
  return frame
}

const finished = (mjml: string) => (html: string) =>
  alignedBy(mjml)(withGround(withoutIndentation(html)))

/** A quarter of what MJML writes is white space at the beginning of lines. */
const withoutIndentation = (html: string) => html.replace(/^\s+/gm, '')

/**
 * The ground of the page is that of its article: Roundcube puts a class of its own in place of the
 * body's, and then no rule holds.
 */
const withGround = (html: string) =>
  html.replace(/<div (?=[^>]*\brole="article")/, '<div class="paper" ')

/** MJML aligns its columns to the left, whatever their direction. */
const alignedBy = (mjml: string) => (html: string) =>
  /<mjml[^>]* dir="rtl"/.test(mjml)
    ? html.replace(/(<div class="mj-column-[^>]*?)text-align:left/g, '$1text-align:right')
    : html
