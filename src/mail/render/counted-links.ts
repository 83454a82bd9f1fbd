/**
 * Links of a lesson that may be counted, where its course does: in the place of each stands what
 * leads there directly, and by way of the site for readers who agree. A kept text tells where each
 * of them leads. What leads to the site itself, or holds a slot, is none of them (standards.md A19).
 */
import { countsClicks } from '../../domain/course.ts'
import { inHtml } from '../../domain/media.ts'
import type { Content } from '../edition.ts'
import { IF_COUNTED } from './templates.ts'

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
    return `${IF_COUNTED}{{countedUrls.[${index}]}}{{else}}${href}{{/if}}`
  }
  const lesson = inHtml(content.lesson, (html) => html.replace(HREF, written))
  return hrefs.length === 0 ? content : { ...content, lesson }
}

const COUNTED = new RegExp(
  `${RegExp.escape(IF_COUNTED)}\\{\\{countedUrls\\.\\[(\\d+)\\]\\}\\}\\{\\{else\\}\\}(https?://[^{}]+)\\{\\{/if\\}\\}`,
  'g',
)

/** Where the counted links of a kept page lead, each once, in their order. */
export function countedLinksIn(html: string): string[] {
  const links: string[] = []
  for (const [, index, href = ''] of html.matchAll(COUNTED))
    links[Number(index)] = href.replaceAll('&amp;', '&')
  return links
}
