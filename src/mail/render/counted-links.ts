/**
 * Links of a lesson that may be counted, where its course does: see domain/counted-links.ts. What
 * leads to the site itself, or holds a slot, is none of them (standards.md A19).
 */
import { countedLink } from '../../domain/counted-links.ts'
import { countsClicks } from '../../domain/course.ts'
import { inHtml } from '../../domain/media.ts'
import type { Content } from '../edition.ts'

/** Longer ones lead there directly: an index of the counts holds no more. */
const LONGEST = 1_000
const HREF = /(?<= href=")https?:\/\/[^"]+(?=")/g
/** Without slots, backslashes, and what HTML writes by a sign of its own; but an ampersand. */
const PLAIN = /^(?!.*&(?!amp;))[^\s\\{}"<>]+$/

/** The same with its links written so; of a course that does not count, the very same. */
export function withCountedLinks(content: Content, siteUrl: string): Content {
  if (content.kind !== 'lesson' || !countsClicks(content.series)) return content
  const { host } = new URL(siteUrl)
  const hrefs: string[] = []
  const written = (href: string) => {
    const url = URL.parse(href.replaceAll('&amp;', '&'))
    if (!url || url.host === host || url.username || !PLAIN.test(href) || href.length > LONGEST)
      return href
    const known = hrefs.indexOf(href)
    const index = known < 0 ? hrefs.push(href) - 1 : known
    return countedLink(index, href)
  }
  const lesson = inHtml(content.lesson, (html) => html.replace(HREF, written))
  return hrefs.length === 0 ? content : { ...content, lesson }
}
