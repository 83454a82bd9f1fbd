/** The samples that a new series or site starts from. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { SAMPLES } from '../platform/paths.ts'
import { BUILT_IN_SITE, type SiteFolder } from '../platform/site-folder.ts'

/** Files by name. */
export type Texts = readonly (readonly [name: string, text: string])[]

interface Words {
  readonly title: string
  /** Path of the schema, relative to course.yaml. */
  readonly schema: string
}

/** Returns the files of a small, complete series. */
export async function sampleTexts(
  kind: 'course' | 'daily' | 'letter',
  { title, schema }: Words,
): Promise<Texts> {
  const sample = join(SAMPLES, kind)
  const names = (await readdir(sample)).sort()
  return Promise.all(
    names.map(async (name) => {
      const text = await readFile(join(sample, name), 'utf8')
      // Replaced by a function, since a title may contain replacement patterns such as `$&`.
      return [
        name,
        text.replace('TITLE', () => JSON.stringify(title)).replace('SCHEMA', schema),
      ] as const
    }),
  )
}

/** Returns the path by which a course or an article of a site names its schema to an editor. */
export const schemaFor = (
  { root }: Pick<SiteFolder, 'root'> = BUILT_IN_SITE,
  what: 'course' | 'article' = 'course',
) => {
  const schemas = root === BUILT_IN_SITE.root ? 'docs/schema' : 'node_modules/dawnpost/docs/schema'
  return `${what === 'course' ? '../../' : '../'}${schemas}/${what}.json`
}

/** Turns "morning-pages" into "Morning Pages". */
export const titleOf = (slug: string) =>
  slug
    .split('-')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join(' ')
