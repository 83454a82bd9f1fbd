/**
 * Imports go in one direction, and the domain has no side effects (architecture: domain <- adapters
 * <- actions <- edges).
 */

import { readdirSync, readFileSync } from 'node:fs'
import { posix } from 'node:path'
import { ROOT } from './root.ts'

export const read = (file: string) => readFileSync(new URL(file, ROOT), 'utf8')

/** Source files by path from the root, with their text, so that the checks can be tested. */
export type Sources = ReadonlyMap<string, string>

const filesIn = (pattern: RegExp, ...folders: string[]): Sources =>
  new Map(
    folders.flatMap((folder) =>
      readdirSync(new URL(folder, ROOT), { recursive: true, encoding: 'utf8' })
        .filter((name) => pattern.test(name))
        .map((name) => `${folder}/${name}`)
        .map((file): [string, string] => [file, read(file)]),
    ),
  )

const CODE = /(?<!\.d)\.(ts|mjs)$/
export const sources = filesIn(CODE, 'src', 'worker')
export const tests = filesIn(CODE, 'test')
/** Other files that use exports of the program. */
export const tools = filesIn(CODE, 'bench', 'scripts')
/** Files that browsers load. */
export const assets = filesIn(/\.(css|js)$/, 'templates')

/** Rooms: folders of `src`, and `worker`. A file belongs to the innermost room that contains it. */
export const ROOMS = [
  'src/locales',
  'src/domain',
  'src/security',
  'src/platform',
  'src/content',
  'src/content/check',
  'src/content/import',
  'src/mail',
  'src/mail/render',
  'src/mail/message',
  'src/mail/smtp',
  'src/mail/receive',
  'src/mail/inbound',
  'src/mail/inbound/providers',
  'src/mail/check',
  'src/store',
  'src/store/postgres',
  'src/queue',
  'src/probes',
  'src/actions/shared',
  'src/actions/enrolling',
  'src/actions/readers',
  'src/actions/sending',
  'src/actions/courses',
  'src/actions/operating',
  'src/actions/articles',
  'src/actions/members',
  'src/actions/comments',
  'src/actions/bounces',
  'src/actions/hooks',
  'src/actions/receiving',
  'src/http',
  'src/http/shared',
  'src/http/readers',
  'src/http/author',
  'src/http/articles',
  'src/http/members',
  'src/http/hooks',
  'src/app',
  'src/cli',
  'worker',
] as const
export type Room = (typeof ROOMS)[number]

/** What a room may import: rooms, and layers with all their rooms. */
export interface May {
  /** As values. */
  readonly values: readonly string[]
  /** As types only. */
  readonly types?: readonly string[]
}

export const COMMON = ['src/locales', 'src/domain', 'src/security', 'src/platform'] as const
export const ADAPTERS = ['src/content', 'src/mail', 'src/store', 'src/queue', 'src/probes'] as const
export const adapter = (...own: readonly string[]): May => ({ values: [...COMMON, ...own] })
export const action = (...own: readonly string[]): May => ({
  values: ['src/locales', 'src/domain', ...own],
  types: [...COMMON, ...ADAPTERS],
})
export const page = (...own: readonly string[]): May => ({
  values: [...COMMON, ...own],
  types: ['src/app', 'src/actions', ...ADAPTERS],
})

/**
 * domain <- adapters <- actions <- edges, joined by src/app. Rooms of one layer import only those
 * rooms of it that are named here.
 */
export const MAY_IMPORT: Readonly<Record<Room, May>> = {
  'src/locales': { values: [] },
  'src/domain': { values: ['src/locales'] },
  'src/security': { values: ['src/locales', 'src/domain'] },
  'src/platform': { values: ['src/locales', 'src/domain', 'src/security'] },
  'src/content': adapter(),
  'src/content/check': adapter('src/content'),
  'src/content/import': adapter('src/content'),
  'src/mail': adapter(),
  'src/mail/render': adapter('src/mail'),
  'src/mail/message': adapter('src/mail'),
  'src/mail/smtp': adapter('src/mail'),
  'src/mail/receive': adapter('src/mail'),
  'src/mail/inbound': adapter(),
  'src/mail/inbound/providers': adapter(),
  'src/mail/check': adapter('src/mail', 'src/mail/render', 'src/mail/message'),
  'src/store/postgres': adapter(),
  'src/store': adapter('src/store/postgres'),
  'src/queue': adapter(),
  'src/probes': adapter(),
  'src/actions/shared': action(),
  'src/actions/enrolling': action('src/actions/shared'),
  'src/actions/readers': action('src/actions/shared'),
  'src/actions/sending': action('src/actions/shared'),
  'src/actions/courses': action('src/actions/shared'),
  'src/actions/operating': action('src/actions/shared'),
  'src/actions/articles': action('src/actions/shared'),
  'src/actions/members': action('src/actions/shared'),
  'src/actions/comments': action('src/actions/shared'),
  'src/actions/bounces': action('src/actions/shared'),
  'src/actions/hooks': action('src/actions/shared'),
  'src/actions/receiving': action('src/actions/shared'),
  'src/http/shared': page(),
  'src/http/readers': page('src/http/shared'),
  'src/http/author': page('src/http/shared'),
  'src/http/articles': page('src/http/shared', 'src/http/readers', 'src/http/members'),
  'src/http/members': page('src/http/shared'),
  'src/http/hooks': page('src/http/shared'),
  'src/http': page(
    'src/http/shared',
    'src/http/readers',
    'src/http/author',
    'src/http/articles',
    'src/http/members',
    'src/http/hooks',
  ),
  'src/app': { values: [...COMMON, ...ADAPTERS, 'src/actions'] },
  worker: { values: COMMON, types: ['src/app'] },
  'src/cli': { values: [...COMMON, 'src/app', 'src/http', 'worker'], types: ADAPTERS },
}

/**
 * Files of adapters that actions may import as values, too: they contain pure functions, and are
 * next to the package that these need.
 */
export const PURE: readonly string[] = [
  // The text of a comment as HTML and as plain text, by markdown-it.
  'src/content/comment-markdown.ts',
  // A stored text for one reader: Handlebars fills in its values, nodemailer encodes its body.
  'src/mail/render/edition-from-source.ts',
  // The same text as a web page, filled in by Handlebars.
  'src/mail/render/readable.ts',
]

/** Null for the two files that start the program, which are in no room. */
export const roomOf = (file: string): Room | null =>
  ROOMS.filter((room) => file.startsWith(`${room}/`)).toSorted((a, b) => b.length - a.length)[0] ??
  null

/**
 * Whether a room is named, or is in a named layer other than `own`. Within a layer, the name of a
 * room does not include the rooms below it.
 */
export const isAmong = (room: Room, names: readonly string[], own: Room) =>
  names.some(
    (name) => name === room || (layerOf(name) !== layerOf(own) && room.startsWith(`${name}/`)),
  )

export const layerOf = (room: string) => room.split('/').slice(0, 2).join('/')

export interface Import {
  readonly file: string
  readonly line: number
  readonly target: string
  readonly typeOnly: boolean
  /** Loaded only when execution reaches it. */
  readonly isDynamic: boolean
}

/** `import … from`, `export … from`, `import '…'` and `import('…')`, also over several lines. */
export const IMPORT =
  /^(?:import|export)\s+(?<type>type\s+)?(?:[\w$*]|\{)[^'"`;=]*?\sfrom\s+'(?<from>[^']+)'|^import\s+'(?<bare>[^']+)'|(?<of>typeof\s+)?\bimport\(\s*['"`](?<dynamic>[^'"`]+)['"`]/gm

export const importsOf = (file: string, text: string): Import[] =>
  [...text.matchAll(IMPORT)].map(({ groups = {}, index }) => ({
    file,
    line: text.slice(0, index).split('\n').length,
    target: groups.from ?? groups.bare ?? groups.dynamic ?? '',
    typeOnly: groups.type !== undefined || groups.of !== undefined,
    isDynamic: groups.dynamic !== undefined,
  }))

export const importedFile = ({ file, target }: Import) =>
  target.startsWith('.') ? posix.join(posix.dirname(file), target) : `package/${target}`

/** Imports that their room may not make, with file and line. */
export function strays(all: Sources, room: Room): string[] {
  return [...all]
    .filter(([file]) => roomOf(file) === room)
    .flatMap(([file, text]) => importsOf(file, text))
    .filter(({ target }) => target.startsWith('.') && !target.endsWith('.json'))
    .filter((one) => {
      const to = roomOf(importedFile(one))
      const { values, types = [] } = MAY_IMPORT[room]
      const allowed = one.typeOnly ? [...values, ...types] : values
      if (layerOf(room) === 'src/actions' && PURE.includes(importedFile(one))) return false
      return to !== room && !(to && isAmong(to, allowed, room))
    })
    .map(({ file, line, target }) => `${file}:${line} imports ${target}`)
}

/** Circular imports, with the first file named again at the end. */
export function circles(all: Sources): string[] {
  const found: string[] = []
  const done = new Set<string>()
  const visit = (file: string, path: readonly string[]) => {
    if (path.includes(file)) found.push([...path.slice(path.indexOf(file)), file].join(' -> '))
    if (done.has(file) || path.includes(file)) return
    for (const one of importsOf(file, all.get(file) ?? ''))
      visit(importedFile(one), [...path, file])
    done.add(file)
  }
  for (const file of all.keys()) visit(file, [])
  return found
}

/** A longer file should be split. */
const MAX_LINES = 300

/**
 * The style sheet stays one file: every page would have to request a second one as well, and a site
 * replaces all of it with a style.css of its own (docs/site.md).
 */
const MAY_BE_LONGER = new Map([['templates/pages/assets/style.css', 340]])

/** The files that are too long, with their numbers of lines. */
export const tooLong = (files: Iterable<[string, string]>) =>
  [...files]
    .map(([file, text]) => ({ file, lines: text.split('\n').length - 1 }))
    .filter(({ file, lines }) => lines > (MAY_BE_LONGER.get(file) ?? MAX_LINES))
    .map(({ file, lines }) => `${file} has ${lines} lines`)

/** Matching lines outside comments. */
export const linesWith = (pattern: RegExp, files: Iterable<[string, string]>) =>
  [...files].flatMap(([file, text]) =>
    text
      .split('\n')
      .map((line, index) => ({ line, place: `${file}:${index + 1}` }))
      .filter(({ line }) => !/^\s*(\*|\/\/|\/\*)/.test(line) && pattern.test(line))
      .map(({ line, place }) => `${place} ${line.trim()}`),
  )

export const REACHES =
  /'node:|process\.|Date\.now|new Date\(\)|Math\.random|Temporal\.Now|performance\.|globalThis|fetch\(|crypto\./
