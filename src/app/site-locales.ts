/** The languages of a site: the program's sentences, and the site's own. */
import { existsSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import type { Finding } from '../domain/finding.ts'
import { Problem } from '../domain/problem.ts'
import {
  type Catalogs,
  catalogFiles,
  shippedCatalogs,
  withOwnCatalogs,
} from '../locales/catalogs.ts'
import { catalogFaults } from '../locales/check.ts'
import { type Locales, openLocales } from '../locales/locale.ts'

/**
 * Opens the languages of a site, with the catalogs in its folder overriding the program's. A
 * missing folder overrides nothing. Throws a Problem that lists every fault that would break a
 * page.
 */
export function openSiteLocales(folder: string | undefined, shipped?: Catalogs): Locales {
  const catalogs = shipped ?? shippedCatalogs()
  if (folder === undefined || !existsSync(folder)) return openLocales(catalogs)
  const errors = catalogFindings(folder, catalogs).filter(({ severity }) => severity === 'error')
  if (errors.length > 0) {
    const faults = errors
      .map(({ file, line, message }) => `${basename(file)}:${line} ${message}`)
      .join('\n')
    throw new Problem('unavailable', 'operator.locales.broken', { params: { faults } })
  }
  return openLocales(withOwnCatalogs(catalogs, folder))
}

/**
 * Returns what is wrong with the catalogs in a site's folder, which is next to its courses; nothing
 * if there is none.
 */
export function catalogFindings(folder: string, shipped: Catalogs = shippedCatalogs()): Finding[] {
  if (!existsSync(folder)) return []
  return catalogFiles(folder).flatMap(([tag, file]) =>
    catalogFaults({ tag, text: readFileSync(file, 'utf8'), shipped }).map(
      (fault): Finding => ({ ...fault, file: `../locales/${basename(file)}` }),
    ),
  )
}
