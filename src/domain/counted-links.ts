/** How a kept text writes a link that may be counted, and where each of them leads. */

/** Begins what stands in the place of such a link. */
export const IF_COUNTED = '{{#if counted}}'

/**
 * What stands in the place of a link: it leads there directly, and by way of the site for readers
 * who agree.
 */
export const countedLink = (index: number, href: string) =>
  `${IF_COUNTED}{{countedUrls.[${index}]}}{{else}}${href}{{/if}}`

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
