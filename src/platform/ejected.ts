/**
 * Templates of ours that a site has taken for its own: the first line says which version of them,
 * so that a later one can tell that they have changed.
 */
import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join, sep } from 'node:path'
import manifest from '../../package.json' with { type: 'json' }
import { SAMPLES } from './paths.ts'

const MARK = /^\{\{!-- From Dawnpost (\S+), ([0-9a-f]{16})\b/

/** The first line of a template that was made of `source`. Handlebars leaves nothing of it. */
export const originMarkOf = (source: string) =>
  `{{!-- From Dawnpost ${manifest.version}, ${hashOf(source)}. "dawnpost check" says when the original has changed. --}}`

/** The version and the hash of what a template was made of; null where it does not say. */
export function madeOf(text: string): { version: string; hash: string } | null {
  const [, version, hash] = MARK.exec(text) ?? []
  return version !== undefined && hash !== undefined ? { version, hash } : null
}

/** Equal for equal templates, whatever their line ends. */
export const hashOf = (source: string) =>
  createHash('sha256').update(source.replace(/\r\n/g, '\n')).digest('hex').slice(0, 16)

/** What may stand in the `templates` of a site, by folder: of mails and of pages. */
export const KINDS = { mail: /\.(mjml|txt)$/, pages: /\.hbs$/ } as const

/** Our templates by their place in `templates`, such as mail/partials/footer.mjml, in order. */
export const ourTemplates = () => templatesBelow(SAMPLES)

/** Those of a folder `templates`; none where there is no such folder. */
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
 * The places of our templates that a person may mean by a name: `lesson.mjml`, `pages/front.hbs`,
 * `partials/footer.mjml`, or all of it.
 */
export const placesNamed = (name: string, places: Iterable<string>) => {
  const asked = name.replaceAll('\\', '/').replace(/^(\.\/)?(templates\/)?/, '')
  return [...places].filter((place) => place === asked || place.endsWith(`/${asked}`))
}
