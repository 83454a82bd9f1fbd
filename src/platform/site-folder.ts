/** Finds the folder of the site, and names what is in it. */
import { existsSync } from 'node:fs'
import { join, relative, resolve, sep } from 'node:path'
import { Problem } from '../domain/problem.ts'
import type { SiteSettings } from '../domain/site.ts'
import type { Env } from './config-values.ts'
import { ASSETS, MAIL_TEMPLATES, PAGE_TEMPLATES, PROGRAM } from './paths.ts'

/** The site's settings. This file makes a folder a site. */
export const SITE_FILE = 'dawnpost.yaml'

/** The paths of a site. Only its settings are certain to exist. */
export interface SiteFolder {
  readonly root: string
  readonly settings: string
  /** Settings that come from the environment in production. */
  readonly env: string
  readonly courses: string
  /** May be missing. */
  readonly articles: string
  readonly locales: string
  /** Templates here override the program's of the same name. */
  readonly templates: string
  readonly assets: string
  /** The default DATA_DIR. */
  readonly data: string
}

/** A site that was found: its folder and its settings. */
export interface Site {
  readonly folder: SiteFolder
  readonly settings: SiteSettings
}

export const siteAt = (root: string): SiteFolder => ({
  root,
  settings: join(root, SITE_FILE),
  env: join(root, '.env'),
  courses: join(root, 'courses'),
  articles: join(root, 'articles'),
  locales: join(root, 'locales'),
  templates: join(root, 'templates'),
  assets: join(root, 'assets'),
  data: join(root, 'data'),
})

/** The samples that come with the program. */
export const BUILT_IN_SITE = siteAt(resolve(PROGRAM))

interface SiteSearch {
  /** The value of `--site`. */
  readonly named: string | undefined
  readonly env: Env
  readonly cwd: string
}

/**
 * Returns the named folder, else SITE_DIR, else the working folder if it is a site, else the
 * program's own. Throws a Problem `invalid` if the named folder or SITE_DIR is not a site, or if
 * there is none.
 */
export function findSite({ named, env, cwd }: SiteSearch): SiteFolder {
  const given = named ?? (env.SITE_DIR?.trim() || undefined)
  const folder = siteAt(resolve(cwd, given ?? '.'))
  if (existsSync(folder.settings)) return folder
  if (given !== undefined)
    throw new Problem('invalid', 'operator.site.none', {
      params: { folder: given, file: SITE_FILE },
    })
  // The npm package has no samples.
  if (existsSync(BUILT_IN_SITE.settings)) return BUILT_IN_SITE
  throw new Problem('invalid', 'operator.site.none-here', { params: { file: SITE_FILE } })
}

/**
 * Returns the folders of templates and assets, the program's first: a later one overrides by name.
 * Also the folder of sentences, unless it is the program's.
 */
export const layersOf = ({ root, templates, assets, locales }: SiteFolder) => {
  const isCustomSite = root !== BUILT_IN_SITE.root
  return {
    mail: [MAIL_TEMPLATES, ...(isCustomSite ? [join(templates, 'mail')] : [])],
    pages: [PAGE_TEMPLATES, ...(isCustomSite ? [join(templates, 'pages')] : [])],
    assets: [ASSETS, ...(isCustomSite ? [assets] : [])],
    /** The program's own are always read. */
    locales: isCustomSite ? locales : undefined,
  }
}

/**
 * Returns the path that a finding reports. `file` is relative to the courses folder; the result is
 * relative to the working folder if the site is inside it, else to the site.
 */
export function displayPathOf(file: string, courses: string, cwd: string): string {
  const from = relative(cwd, join(courses, file))
  const outside = from.startsWith('..') || resolve(cwd, from) !== join(cwd, from)
  return (outside ? join('courses', file) : from).replaceAll(sep, '/')
}
