/** Checks a site's own templates at startup. */
import { checkTemplates } from '../content/check/template-rules.ts'
import { ConfigError } from '../platform/config-error.ts'
import { displayPathOf, type SiteFolder } from '../platform/site-folder.ts'

/**
 * Returns warnings about the templates, a sentence each. Throws ConfigError if one is unusable: no
 * page is better than a page without its form, and no mail than one that fails each morning.
 */
export async function expectTemplates(site: SiteFolder): Promise<string[]> {
  const found = await checkTemplates(site)
  const linesOf = (wanted: 'error' | 'warning') =>
    found
      .filter(({ severity }) => severity === wanted)
      .map(({ file, line, column, message }) => {
        const place = displayPathOf(file, site.courses, site.root)
        return `${place}:${line}:${column} ${message}`
      })
  const errors = linesOf('error')
  if (errors.length > 0) throw new ConfigError(errors)
  return linesOf('warning')
}
