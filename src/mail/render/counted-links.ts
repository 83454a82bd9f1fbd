/**
 * Rewrites the countable links of a lesson if its course counts clicks: see
 * domain/counted-links.ts. Links to the site itself or with slots are not countable (standards.md
 * A19).
 */
import { countedLink } from '../../domain/counted-links.ts'
import { countsClicks } from '../../domain/course.ts'
import { mapHtml } from '../../domain/media.ts'
import type { Content } from '../edition.ts'

/** Longer links are not counted, because the index of the counts cannot hold them. */
const MAX_HREF_LENGTH = 1_000
const HREF = /(?<= href=")https?:\/\/[^"]+(?=")/g
/** No slots, backslashes, or characters that HTML writes as entities, except the ampersand. */
const PLAIN = /^(?!.*&(?!amp;))[^\s\\{}"<>]+$/

/** Returns the content with its countable links rewritten; the same object if there are none. */
export function withCountedLinks(content: Content, siteUrl: string): Content {
  if (content.kind !== 'lesson' || !countsClicks(content.series)) return content
  const { host } = new URL(siteUrl)
  const hrefs: string[] = []
  const written = (href: string) => {
    const url = URL.parse(href.replaceAll('&amp;', '&'))
    if (
      !url ||
      url.host === host ||
      url.username ||
      !PLAIN.test(href) ||
      href.length > MAX_HREF_LENGTH
    )
      return href
    const known = hrefs.indexOf(href)
    const index = known < 0 ? hrefs.push(href) - 1 : known
    return countedLink(index, href)
  }
  const lesson = mapHtml(content.lesson, (html) => html.replace(HREF, written))
  return hrefs.length === 0 ? content : { ...content, lesson }
}
