/**
 * Templates that a site has copied from ours. The first line of a copy names the version and the
 * hash of its original, so that a later version can tell whether the original has changed.
 */
import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join, sep } from 'node:path'
import manifest from '../../package.json' with { type: 'json' }
import { SAMPLES } from './paths.ts'

const MARK = /^\{\{!-- From Dawnpost (\S+), ([0-9a-f]{16})\b/

/** Returns the first line for a copy of `source`. Handlebars renders nothing for it. */
export const originMarkOf = (source: string) =>
  `{{!-- From Dawnpost ${manifest.version}, ${hashOf(source)}. "dawnpost check" says when the original has changed. --}}`

/** Returns the version and the hash of a template's original; null if it names none. */
export function madeOf(text: string): { version: string; hash: string } | null {
  const [, version, hash] = MARK.exec(text) ?? []
  return version !== undefined && hash !== undefined ? { version, hash } : null
}

/** Returns the template's hash, which does not depend on line endings. */
export const hashOf = (source: string) =>
  createHash('sha256').update(source.replace(/\r\n/g, '\n')).digest('hex').slice(0, 16)

/** What a site's `templates` may hold, by folder: templates of mails and of pages. */
export const KINDS = { mail: /\.(mjml|txt)$/, pages: /\.hbs$/ } as const

/**
 * Returns our templates by their path in `templates`, such as mail/partials/footer.mjml, sorted.
 */
export const ourTemplates = () => templatesBelow(SAMPLES)

/** Returns those of a `templates` folder; empty if it does not exist. */
export async function templatesBelow(folder: string): Promise<Map<string, string>> {
  const names = await readdir(folder, { recursive: true }).catch(() => [])
  const places = names
    .map((name) => name.split(sep).join('/'))
    .filter((place) => isPlace(place))
    .sort()
  const texts = places.map((place) => readFile(join(folder, place), 'utf8'))
  return new Map((await Promise.all(texts)).map((text, index) => [places[index] ?? '', text]))
}

const isPlace = (place: string) =>
  Object.entries(KINDS).some(
    ([kind, endings]) =>
      new RegExp(`^${kind}/(partials/)?[^/.][^/]*$`).test(place) && endings.test(place),
  )

/**
 * Returns the paths of the templates that a name may mean: `lesson.mjml`, `pages/front.hbs`,
 * `partials/footer.mjml`, or a whole path.
 */
export const placesNamed = (name: string, places: Iterable<string>) => {
  const asked = name.replaceAll('\\', '/').replace(/^(\.\/)?(templates\/)?/, '')
  return [...places].filter((place) => place === asked || place.endsWith(`/${asked}`))
}
