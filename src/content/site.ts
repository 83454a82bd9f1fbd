/** The settings of a site on disk, and those that series inherit. */
import { readFile } from 'node:fs/promises'
import { parse } from 'yaml'
import type { Series } from '../domain/course.ts'
import { Faults, type Finding } from '../domain/finding.ts'
import { messageOf } from '../domain/problem.ts'
import { DEFAULT_SITE_SETTINGS, mapLocalizable, type SiteSettings } from '../domain/site.ts'
import { SITE_FILE } from '../platform/site-folder.ts'
import type { CourseFolder } from './courses.ts'
import { decodeText } from './decode-text.ts'
import { readYaml, type TextFile } from './front-matter.ts'
import { typographic } from './markdown.ts'
import { siteKeys } from './site-keys.ts'
import { typographicTheme } from './theme.ts'

const FILE = `../${SITE_FILE}`

export interface LoadedSite {
  /** Those of a plain site if they cannot be read. */
  readonly settings: SiteSettings
  readonly faults: readonly Finding[]
  /** The keys it has. */
  readonly keys: readonly string[]
  /** The file, with its path relative to the courses folder. Empty if it is not text. */
  readonly source: TextFile
  /** The line of the value at a path of keys. */
  readonly lineOf: (...path: PropertyKey[]) => number
}

/** A site without a dawnpost.yaml. */
export const NO_SITE: LoadedSite = {
  settings: DEFAULT_SITE_SETTINGS,
  faults: [],
  keys: [],
  source: { file: FILE, text: '' },
  lineOf: () => 1,
}

/** Reads dawnpost.yaml. If it is missing, the settings are those of a plain site. */
export async function readSite(file: string): Promise<LoadedSite> {
  const faults = new Faults()
  const text = await readFile(file).then(decodeText, (error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') faults.add(FILE, 1, `cannot be read: ${messageOf(error)}`)
    return ''
  })
  if (typeof text !== 'string') {
    faults.add(FILE, text.line, text.message, { column: text.column })
    return { ...NO_SITE, faults: faults.all }
  }
  const source = { file: FILE, text }
  const read = readYaml(siteKeys, source, faults)
  return read
    ? {
        settings: typographicSettings(read.data),
        keys: Object.keys(parse(text) ?? {}),
        source,
        lineOf: read.lineOf,
        faults: faults.all,
      }
    : { ...NO_SITE, source, faults: faults.all }
}

function typographicSettings(settings: SiteSettings): SiteSettings {
  const { language, tagline, footer, theme } = settings
  const line = (text: string) => typographic(text, language)
  return {
    ...settings,
    ...(tagline !== undefined && { tagline: mapLocalizable(tagline, language, typographic) }),
    ...(theme && { theme: typographicTheme(theme, line) }),
    footer: mapLocalizable(footer, language, (lines, tag) =>
      lines.map((words) => typographic(words, tag)),
    ),
  }
}

/** Reports names on the front page that no series has. */
export const unknownFrontSlugs = (
  { settings: { front = [] }, lineOf }: LoadedSite,
  folders: readonly CourseFolder[],
): Finding[] => {
  const faults = new Faults()
  for (const [index, name] of front.entries())
    if (!folders.some(({ slug }) => slug === name))
      faults.add(FILE, lineOf('front', index), `front: there is no courses/${name}`)
  return faults.all
}

const filled = new WeakMap<CourseFolder, Map<SiteSettings, CourseFolder>>()

/**
 * Returns a series as it is on a site: with the site's look, hour and weekdays if it has none of
 * its own. For the same folder and settings the result is the same object.
 */
export function withSiteDefaults(folder: CourseFolder, settings: SiteSettings): CourseFolder {
  const { theme, rhythm, language } = settings
  if (!folder.series || (!theme && !rhythm.time && !rhythm.weekdays)) return folder
  const known = filled.get(folder) ?? new Map<SiteSettings, CourseFolder>()
  filled.set(folder, known)
  const series: Series = {
    ...(theme && { theme: { ...theme, footerLanguage: language } }),
    ...rhythm,
    ...folder.series,
  }
  const made = known.get(settings) ?? { ...folder, series }
  known.set(settings, made)
  return made
}
