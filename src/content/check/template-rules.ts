/** What can be wrong with a site's templates and assets, before a mail or a page is rendered. */
import { readdir } from 'node:fs/promises'
import { basename, dirname, extname, join } from 'node:path'
import type { Finding, Severity } from '../../domain/finding.ts'
import { isKey } from '../../locales/locale.ts'
import {
  hashOf,
  KINDS,
  madeOf,
  originMarkOf,
  ourTemplates,
  templatesBelow,
} from '../../platform/ejected.ts'
import { isServed } from '../../platform/served.ts'
import { BUILT_IN_SITE, type SiteFolder } from '../../platform/site-folder.ts'
import { isIgnoredFile } from '../file-names.ts'
import { type Call, callsIn } from './template-calls.ts'

/** The rules of this file, and their severity. */
export const SITE_RULES: readonly { readonly name: string; readonly severity: Severity }[] = [
  { name: 'template', severity: 'error' },
  { name: 'template-changed', severity: 'warning' },
  { name: 'asset', severity: 'warning' },
]

const BUILT_IN = ['if', 'unless', 'each', 'with', 'lookup', 'log']

type Texts = ReadonlyMap<string, string>

/** Makes a finding in a template, given its path in `templates`. */
const finding = (
  place: string,
  message: string,
  { line = 1, column = 1, rule = 'template', severity = 'error' as Severity } = {},
): Finding => ({ file: `../templates/${place}`, line, column, severity, rule, message })

/** Returns everything wrong with a site's own templates. */
export async function checkTemplates(site: SiteFolder): Promise<Finding[]> {
  if (site.root === BUILT_IN_SITE.root) return []
  const [shippedTexts, ownTexts] = await Promise.all([
    ourTemplates(),
    templatesBelow(site.templates),
  ])
  const calls = new Map([...ownTexts].map(([place, text]) => [place, callsIn(text)]))
  const readable = [...calls].flatMap(([place, found]) =>
    'message' in found ? [] : [[place, found] as const],
  )
  const known = knownOf(shippedTexts, ownTexts)
  const used = new Set(readable.flatMap(([place, found]) => partialsOf(place, found)))
  return [
    ...(await strayFiles(site.templates, ownTexts)),
    ...[...ownTexts.keys()]
      .filter((place) => !shippedTexts.has(place) && !used.has(place))
      .map((place) => finding(place, unknownName(place, shippedTexts))),
    ...[...calls].flatMap(([place, found]) =>
      'message' in found ? finding(place, `is not valid Handlebars: ${found.message}`, found) : [],
    ),
    ...readable.flatMap(([place, found]) => found.flatMap((call) => wrongCall(place, call, known))),
    ...[...ownTexts].flatMap(([place, text]) => outdated(place, text, shippedTexts)),
  ]
}

/** Templates that share helpers and partials have the same extension. */
const familyOf = (place: string) => extname(place)

const partialsOf = (place: string, found: readonly Call[]) =>
  found
    .filter(({ kind }) => kind === 'partial')
    .map(({ name }) => `${place.split('/')[0]}/partials/${name}${extname(place)}`)

interface Known {
  readonly partials: ReadonlySet<string>
  /** Helpers by family. A helper that none of our templates calls counts as unknown. */
  readonly helpers: ReadonlyMap<string, ReadonlySet<string>>
}

function knownOf(shippedTexts: Texts, ownTexts: Texts): Known {
  const helpers = new Map<string, Set<string>>()
  for (const [place, text] of shippedTexts) {
    const found = callsIn(text)
    const family = helpers.get(familyOf(place)) ?? new Set(BUILT_IN)
    helpers.set(familyOf(place), family)
    if ('message' in found) continue
    for (const { kind, name } of found) if (kind === 'helper') family.add(name)
  }
  const partials = [...shippedTexts.keys(), ...ownTexts.keys()].filter((place) =>
    place.includes('/partials/'),
  )
  return { partials: new Set(partials), helpers }
}

function wrongCall(place: string, call: Call, { partials, helpers }: Known): Finding[] {
  const { kind, name } = call
  if (kind === 'sentence')
    return isKey(name) ? [] : [finding(place, `there is no sentence "${name}"`, call)]
  if (kind === 'partial') {
    const [partial = ''] = partialsOf(place, [call])
    return partials.has(partial) ? [] : [finding(place, `there is no ${partial}`, call)]
  }
  const isKnown = helpers.get(familyOf(place))?.has(name)
  return isKnown ? [] : [finding(place, `there is no helper "${name}"`, call)]
}

const unknownName = (place: string, shippedTexts: Texts) => {
  const like = [...shippedTexts.keys()].find((candidate) => stem(candidate) === stem(place))
  return `is not used: there is no template of this name${like ? `, but there is ${like}` : ''}. dawnpost eject --list shows all`
}
const stem = (place: string) => basename(place, extname(place)).toLowerCase()

function outdated(place: string, text: string, shippedTexts: Texts): Finding[] {
  const made = madeOf(text)
  const source = shippedTexts.get(place)
  if (!made || source === undefined || made.hash === hashOf(source)) return []
  return [
    finding(
      place,
      `was copied from the template of Dawnpost ${made.version}, which has changed since; merge what is new in it, then make this the first line: ${originMarkOf(source)}`,
      { rule: 'template-changed', severity: 'warning' },
    ),
  ]
}

/** Files there that are not templates: a typo in the extension, or in the folder. */
async function strayFiles(folder: string, ownTexts: Texts): Promise<Finding[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  return entries
    .filter((entry) => !entry.isDirectory() && !isIgnoredFile(entry.name))
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(folder.length + 1)
        .replaceAll('\\', '/'),
    )
    .filter((place) => !ownTexts.has(place))
    .map((place) => {
      const kind = dirname(place).split('/')[0] ?? ''
      const endings = kind in KINDS ? (kind === 'mail' ? '.mjml or .txt' : '.hbs') : null
      const what = endings
        ? `templates/${kind} contains files ending in ${endings}, and a folder partials`
        : 'templates has two folders, mail and pages'
      return finding(place, `is not used: ${what}`)
    })
}

/** Files among a site's assets that are not served. */
export async function checkAssets(site: SiteFolder): Promise<Finding[]> {
  if (site.root === BUILT_IN_SITE.root) return []
  const entries = await readdir(site.assets, { withFileTypes: true }).catch(() => [])
  return entries
    .filter(({ name }) => !isIgnoredFile(name))
    .filter((entry) => entry.isDirectory() || !isServed(entry.name))
    .map((entry) => ({
      ...finding(
        '',
        'is not served: /assets serves pictures, style sheets, scripts, fonts, PDF and text with plain names, and no folders',
        { rule: 'asset', severity: 'warning' },
      ),
      file: `../assets/${entry.name}`,
    }))
}
