/** How stored text represents links that may be counted, and where they lead. */

/** Begins the placeholder of such a link. */
export const IF_COUNTED = '{{#if counted}}'

/**
 * Returns the placeholder of a link: rendered as its own address, or as one through the site for
 * readers who agree to that.
 */
export const countedLink = (index: number, href: string) =>
  `${IF_COUNTED}{{countedUrls.[${index}]}}{{else}}${href}{{/if}}`

const COUNTED = new RegExp(
  `${RegExp.escape(IF_COUNTED)}\\{\\{countedUrls\\.\\[(\\d+)\\]\\}\\}\\{\\{else\\}\\}(https?://[^{}]+)\\{\\{/if\\}\\}`,
  'g',
)

/** Returns where the counted links of a stored page lead, each once, in order. */
export function countedLinksIn(html: string): string[] {
  const links: string[] = []
  for (const [, index, href = ''] of html.matchAll(COUNTED))
    links[Number(index)] = href.replaceAll('&amp;', '&')
  return links
}
