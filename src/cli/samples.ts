/** The samples that a series or a site begins with. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { SAMPLES } from '../platform/paths.ts'
import { OWN_SITE, type SiteFolder } from '../platform/site-folder.ts'

/** Files, by their names. */
export type Texts = readonly (readonly [name: string, text: string])[]

interface Words {
  readonly title: string
  /** Where the schema of course.yaml is, seen from there. */
  readonly schema: string
}

/** A small complete series. */
export async function sampleTexts(
  kind: 'course' | 'daily' | 'letter',
  { title, schema }: Words,
): Promise<Texts> {
  const sample = join(SAMPLES, kind)
  const names = (await readdir(sample)).sort()
  return Promise.all(
    names.map(async (name) => {
      const text = await readFile(join(sample, name), 'utf8')
      // By a function: a title may hold what means something in a replacement.
      return [
        name,
        text.replace('TITLE', () => JSON.stringify(title)).replace('SCHEMA', schema),
      ] as const
    }),
  )
}

/** A schema, as a course or an article of a site names it to an editor. */
export const schemaFor = (
  { root }: Pick<SiteFolder, 'root'> = OWN_SITE,
  what: 'course' | 'article' = 'course',
) => {
  const schemas = root === OWN_SITE.root ? 'docs/schema' : 'node_modules/dawnpost/docs/schema'
  return `${what === 'course' ? '../../' : '../'}${schemas}/${what}.json`
}

/** "morning-pages" to "Morning Pages". */
export const titleOf = (slug: string) =>
  slug
    .split('-')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join(' ')
