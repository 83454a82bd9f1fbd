/** The languages of a site: the program's, and what the site words itself. */
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
import { faultsOf } from '../locales/check.ts'
import { type Locales, openLocales } from '../locales/locale.ts'

/**
 * Opens the languages of a site, with the sentences in its folder of catalogs over the program's. A
 * folder that is not there words nothing. Throws a Problem that names all places at which a page
 * could not be made.
 */
export function openSpeech(folder: string | undefined, shipped?: Catalogs): Locales {
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
 * What is wrong with the catalogs of a site's folder, which stands beside its courses; nothing
 * where there is none.
 */
export function catalogFindings(folder: string, shipped: Catalogs = shippedCatalogs()): Finding[] {
  if (!existsSync(folder)) return []
  return catalogFiles(folder).flatMap(([tag, file]) =>
    faultsOf({ tag, text: readFileSync(file, 'utf8'), shipped }).map(
      (fault): Finding => ({ ...fault, file: `../locales/${basename(file)}` }),
    ),
  )
}
