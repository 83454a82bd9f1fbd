/** What a start asks of the templates that a site has of its own. */
import { checkTemplates } from '../content/check/template-rules.ts'
import { ConfigError } from '../platform/config-error.ts'
import { placeOf, type SiteFolder } from '../platform/site-folder.ts'

/**
 * What should be looked at in them, a sentence each. Throws ConfigError where one cannot be used:
 * no page is better than a page without its form, and no mail than one that fails each morning.
 */
export async function expectTemplates(site: SiteFolder): Promise<string[]> {
  const found = await checkTemplates(site)
  const linesOf = (wanted: 'error' | 'warning') =>
    found
      .filter(({ severity }) => severity === wanted)
      .map(({ file, line, column, message }) => {
        const place = placeOf(file, site.courses, site.root)
        return `${place}:${line}:${column} ${message}`
      })
  const errors = linesOf('error')
  if (errors.length > 0) throw new ConfigError(errors)
  return linesOf('warning')
}
