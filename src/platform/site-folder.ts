/** Which folder is the site, and where in it everything is. */
import { existsSync } from 'node:fs'
import { join, relative, resolve, sep } from 'node:path'
import { Problem } from '../domain/problem.ts'
import type { SiteSettings } from '../domain/site.ts'
import type { Env } from './config-values.ts'
import { ASSETS, MAIL_TEMPLATES, PAGE_TEMPLATES, PROGRAM } from './paths.ts'

/** Its settings. A folder is a site by this file. */
export const SITE_FILE = 'dawnpost.yaml'

/** What a site has. Only its settings are there for certain. */
export interface SiteFolder {
  readonly root: string
  readonly settings: string
  /** Settings that stand in the environment elsewhere. */
  readonly env: string
  readonly courses: string
  /** It need not be there. */
  readonly articles: string
  readonly locales: string
  /** What is named here wins over the program's of the same name. */
  readonly templates: string
  readonly assets: string
  /** Where the DATA_DIR is that nobody names. */
  readonly data: string
}

/** A site that was found: where, and what its settings say. */
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
export const OWN_SITE = siteAt(resolve(PROGRAM))

interface Found {
  /** As `--site` names it. */
  readonly named: string | undefined
  readonly env: Env
  readonly cwd: string
}

/**
 * The folder that is named, else SITE_DIR, else the working folder where it is a site, else the
 * program's own. Throws a Problem `invalid` for a folder that is named and is no site, and where
 * there is none.
 */
export function findSite({ named, env, cwd }: Found): SiteFolder {
  const given = named ?? (env.SITE_DIR?.trim() || undefined)
  const folder = siteAt(resolve(cwd, given ?? '.'))
  if (existsSync(folder.settings)) return folder
  if (given !== undefined)
    throw new Problem('invalid', 'operator.site.none', {
      params: { folder: given, file: SITE_FILE },
    })
  // A package brings no samples.
  if (existsSync(OWN_SITE.settings)) return OWN_SITE
  throw new Problem('invalid', 'operator.site.none-here', { params: { file: SITE_FILE } })
}

/**
 * The folders of templates and of assets, the program's first: a later one wins by name. And that
 * of sentences, if it is not the program's.
 */
export const layersOf = ({ root, templates, assets, locales }: SiteFolder) => {
  const isOwnSite = root !== OWN_SITE.root
  return {
    mail: [MAIL_TEMPLATES, ...(isOwnSite ? [join(templates, 'mail')] : [])],
    pages: [PAGE_TEMPLATES, ...(isOwnSite ? [join(templates, 'pages')] : [])],
    assets: [ASSETS, ...(isOwnSite ? [assets] : [])],
    /** The program's own are read anyway. */
    locales: isOwnSite ? locales : undefined,
  }
}

/**
 * How a finding tells its place: `file` is relative to the courses folder, and what is told to the
 * working folder where the site is in it, else to the site.
 */
export function placeOf(file: string, courses: string, cwd: string): string {
  const from = relative(cwd, join(courses, file))
  const outside = from.startsWith('..') || resolve(cwd, from) !== join(cwd, from)
  return (outside ? join('courses', file) : from).replaceAll(sep, '/')
}
