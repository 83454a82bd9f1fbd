/**
 * Imports flow one way, and the domain reaches for nothing (architecture: domain <- adapters <-
 * actions <- edges).
 */
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { folder } from './content/folder.ts'

const ROOT = new URL('../', import.meta.url)
const read = (file: string) => readFileSync(new URL(file, ROOT), 'utf8')

/** Source files, by path from the root; with their text, so that the checks can be checked. */
type Sources = ReadonlyMap<string, string>

const sources: Sources = new Map(
  ['src', 'worker'].flatMap((folder) =>
    readdirSync(new URL(folder, ROOT), { recursive: true, encoding: 'utf8' })
      .filter((name) => /(?<!\.d)\.(ts|mjs)$/.test(name))
      .map((name) => `${folder}/${name}`)
      .map((file): [string, string] => [file, read(file)]),
  ),
)

/** Rooms: folders of `src` and what stands beside it. A file is in the innermost that holds it. */
const ROOMS = [
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
  'src/mail/check',
  'src/store',
  'src/store/postgres',
  'src/queue',
  'src/actions/shared',
  'src/actions/enrolling',
  'src/actions/readers',
  'src/actions/sending',
  'src/actions/courses',
  'src/actions/operating',
  'src/http',
  'src/http/shared',
  'src/http/readers',
  'src/http/author',
  'src/app',
  'src/cli',
  'worker',
] as const
type Room = (typeof ROOMS)[number]

/** What may be imported: rooms, and layers with all their rooms. */
interface May {
  /** As values. */
  readonly values: readonly string[]
  /** As types only. */
  readonly types?: readonly string[]
}

const COMMON = ['src/domain', 'src/security', 'src/platform'] as const
const ADAPTERS = ['src/content', 'src/mail', 'src/store', 'src/queue'] as const
const adapter = (...own: readonly string[]): May => ({ values: [...COMMON, ...own] })
const action = (...own: readonly string[]): May => ({
  values: ['src/domain', ...own],
  types: [...COMMON, ...ADAPTERS],
})
const page = (...own: readonly string[]): May => ({
  values: [...COMMON, ...own],
  types: ['src/app', 'src/actions', ...ADAPTERS],
})

/**
 * domain <- adapters <- actions <- edges, joined by src/app. Rooms of one layer know none of each
 * other but what is named.
 */
const MAY_IMPORT: Readonly<Record<Room, May>> = {
  'src/domain': { values: [] },
  'src/security': { values: ['src/domain'] },
  'src/platform': { values: ['src/domain', 'src/security'] },
  'src/content': adapter(),
  'src/content/check': adapter('src/content'),
  'src/content/import': adapter('src/content'),
  'src/mail': adapter(),
  'src/mail/render': adapter('src/mail'),
  'src/mail/message': adapter('src/mail'),
  'src/mail/smtp': adapter('src/mail'),
  'src/mail/check': adapter('src/mail', 'src/mail/render', 'src/mail/message'),
  'src/store/postgres': adapter(),
  'src/store': adapter('src/store/postgres'),
  'src/queue': adapter(),
  'src/actions/shared': action(),
  'src/actions/enrolling': action('src/actions/shared'),
  'src/actions/readers': action('src/actions/shared'),
  'src/actions/sending': action('src/actions/shared'),
  'src/actions/courses': action('src/actions/shared'),
  'src/actions/operating': action('src/actions/shared'),
  'src/http/shared': page(),
  'src/http/readers': page('src/http/shared'),
  'src/http/author': page('src/http/shared'),
  'src/http': page('src/http/shared', 'src/http/readers', 'src/http/author'),
  'src/app': { values: [...COMMON, ...ADAPTERS, 'src/actions'] },
  worker: { values: COMMON, types: ['src/app'] },
  'src/cli': { values: [...COMMON, 'src/app', 'src/http', 'worker'], types: ADAPTERS },
}

/** Null: in none, as the two files that start the program. */
const roomOf = (file: string): Room | null =>
  ROOMS.filter((room) => file.startsWith(`${room}/`)).toSorted((a, b) => b.length - a.length)[0] ??
  null

/**
 * A room of those that are named, or within a layer that is. A room with rooms of its own is named
 * without them.
 */
const isAmong = (room: Room, names: readonly string[], own: Room) =>
  names.some(
    (name) => name === room || (layerOf(name) !== layerOf(own) && room.startsWith(`${name}/`)),
  )

const layerOf = (room: string) => room.split('/').slice(0, 2).join('/')

interface Import {
  readonly file: string
  readonly line: number
  readonly target: string
  readonly typeOnly: boolean
  /** It is read when it is come to. */
  readonly isDynamic: boolean
}

/** `import … from`, `export … from`, `import '…'` and `import('…')`, over several lines too. */
const IMPORT =
  /^(?:import|export)\s+(?<type>type\s+)?(?:[\w$*]|\{)[^'"`;=]*?\sfrom\s+'(?<from>[^']+)'|^import\s+'(?<bare>[^']+)'|(?<of>typeof\s+)?\bimport\(\s*['"`](?<dynamic>[^'"`]+)['"`]/gm

const importsOf = (file: string, text: string): Import[] =>
  [...text.matchAll(IMPORT)].map(({ groups = {}, index }) => ({
    file,
    line: text.slice(0, index).split('\n').length,
    target: groups.from ?? groups.bare ?? groups.dynamic ?? '',
    typeOnly: groups.type !== undefined || groups.of !== undefined,
    isDynamic: groups.dynamic !== undefined,
  }))

const importedFile = ({ file, target }: Import) =>
  target.startsWith('.') ? posix.join(posix.dirname(file), target) : `package/${target}`

/** Imports that go where their room may not go, as lines one can look up. */
function strays(all: Sources, room: Room): string[] {
  return [...all]
    .filter(([file]) => roomOf(file) === room)
    .flatMap(([file, text]) => importsOf(file, text))
    .filter(({ target }) => target.startsWith('.') && !target.endsWith('.json'))
    .filter((one) => {
      const to = roomOf(importedFile(one))
      const { values, types = [] } = MAY_IMPORT[room]
      const allowed = one.typeOnly ? [...values, ...types] : values
      return to !== room && !(to && isAmong(to, allowed, room))
    })
    .map(({ file, line, target }) => `${file}:${line} imports ${target}`)
}

/** Files that import each other in a ring, the first of them named again at the end. */
function circles(all: Sources): string[] {
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

describe('imports', () => {
  it.each(ROOMS)('of %s go only where they may', (room) => {
    expect(strays(sources, room)).toEqual([])
  })

  it('are found in every file that has some', () => {
    const files = [...sources].filter(([file]) => file.endsWith('.ts'))
    const found = files.filter(([file, text]) => importsOf(file, text).length > 0)
    expect(found).toEqual(files.filter(([, text]) => /\b(from|import) '|\bimport\(/.test(text)))
    const rooms = new Set(files.map(([file]) => roomOf(file)))
    expect([...rooms].toSorted()).toEqual(ROOMS.toSorted())
  })

  it('of the domain lead to the domain, and to no package', () => {
    const packages = [...sources]
      .filter(([file]) => roomOf(file) === 'src/domain')
      .flatMap(([file, text]) => importsOf(file, text))
      .filter(({ target }) => !target.startsWith('.'))
    expect(packages).toEqual([])
  })

  it('lead in no circle', () => {
    expect(circles(sources)).toEqual([])
  })

  it('of the commands read nothing of the app until one runs', () => {
    const read = new Set<string>()
    const visit = (file: string) => {
      if (read.has(file)) return
      read.add(file)
      for (const one of importsOf(file, sources.get(file) ?? ''))
        if (!one.typeOnly && !one.isDynamic) visit(importedFile(one))
    }
    visit('src/cli/program.ts')
    expect(read.size).toBeGreaterThan(20)
    expect(
      [...read].filter((file) => /^(src\/(app|http|actions|store)|worker)\//.test(file)),
    ).toEqual([])
  })

  it('carry their extension, so that Node runs the files as they are', () => {
    const bare = [...sources]
      .flatMap(([file, text]) => importsOf(file, text))
      .filter(({ target }) => target.startsWith('.') && !/\.(ts|mjs|json)$/.test(target))
    expect(bare).toEqual([])
  })
})

/** Lines outside comments that match. */
const linesWith = (pattern: RegExp, files: Iterable<[string, string]>) =>
  [...files].flatMap(([file, text]) =>
    text
      .split('\n')
      .map((line, index) => ({ line, place: `${file}:${index + 1}` }))
      .filter(({ line }) => !/^\s*(\*|\/\/|\/\*)/.test(line) && pattern.test(line))
      .map(({ line, place }) => `${place} ${line.trim()}`),
  )

const REACHES =
  /'node:|process\.|Date\.now|new Date\(\)|Math\.random|Temporal\.Now|performance\.|globalThis|fetch\(|crypto\./

describe('the domain', () => {
  it('reaches for no clock, no chance, no process and no file', () => {
    const domain = [...sources].filter(([file]) => roomOf(file) === 'src/domain')
    expect(linesWith(REACHES, domain)).toEqual([])
  })
})

describe('the clock', () => {
  it('is read in one place, and set going in app.ts', () => {
    const others = [...sources].filter(
      ([file]) => file !== 'src/platform/clock.ts' && roomOf(file) !== 'src/cli',
    )
    expect(linesWith(/Date\.now\(|new Date\(\)|Temporal\.Now/, others)).toEqual([])
  })
})

describe('the environment', () => {
  /** The start, and what runs before the program. */
  const READERS = ['src/cli/main.ts', 'src/bin.mjs', 'src/setup.mjs']

  it('is read at the start and nowhere else', () => {
    const others = [...sources].filter(([file]) => !READERS.includes(file))
    expect(linesWith(/process\.env|'node:process'|process\[/, others)).toEqual([])
  })
})

describe('a file', () => {
  it.each([...sources])('is small enough to be read at once: %s', (_, text) => {
    expect(text.split('\n').length - 1).toBeLessThanOrEqual(300)
  })
})

describe('these checks', () => {
  const planted = (file: string, text: string) =>
    strays(new Map([[file, text]]), roomOf(file) as Room)

  it.each([
    ['src/domain/plan.ts', "import { openSecrets } from '../security/secrets.ts'"],
    ['src/domain/plan.ts', "import type { Db } from '../store/postgres/sql.ts'"],
    ['src/mail/message/compose.ts', "import type { Db } from '../../store/postgres/sql.ts'"],
    [
      'src/mail/message/compose.ts',
      "import {\n  type Db,\n  openDatabase,\n} from '../../store/postgres/sql.ts'",
    ],
    ['src/actions/sending/plan.ts', "import { add } from '../../store/deliveries.ts'"],
    ['src/actions/sending/plan.ts', "import { type Db } from '../../store/postgres/sql.ts'"],
    ['src/actions/sending/plan.ts', "import * as stores from '../../store/index.ts'"],
    ['src/actions/sending/plan.ts', "export { add } from '../../store/deliveries.ts'"],
    ['src/actions/sending/plan.ts', "import '../../store/postgres/sql.ts'"],
    ['src/actions/sending/plan.ts', "const { add } = await import('../../store/deliveries.ts')"],
    ['src/actions/sending/plan.ts', "import type { App } from '../../app/app.ts'"],
    ['src/http/readers/public.ts', "import { enroll } from '../../actions/enrolling/enroll.ts'"],
    ['src/http/readers/public.ts', "import { startWorker } from '../../../worker/main.ts'"],
    ['src/app/app.ts', "import { jobs } from '../../worker/jobs.ts'"],
    ['src/cli/run.ts', "import { openEmbedded } from '../store/postgres/embedded.ts'"],
    ['src/platform/config.ts', "import { openTransport } from '../mail/smtp/transport.ts'"],
    ['src/platform/clock.ts', "import { testClock } from '../../test/support/app.ts'"],
    ['worker/jobs.ts', "import { openApp } from '../src/app/app.ts'"],
    // From room to room of one layer.
    ['src/security/links.ts', "import { openLog } from '../platform/log.ts'"],
    ['src/content/lessons.ts', "import { marksOf } from './check/marks.ts'"],
    ['src/content/import/mail.ts', "import type { Source } from '../check/source.ts'"],
    ['src/mail/render/compile.ts', "import type { Mail } from '../message/compose.ts'"],
    ['src/mail/edition.ts', "import type { MailTemplates } from './render/templates.ts'"],
    ['src/store/postgres/sql.ts', "import type { Claimed } from '../deliveries.ts'"],
    ['src/actions/sending/plan.ts', "import type { Lineage } from '../operating/lineage.ts'"],
    ['src/actions/shared/mail-of.ts', "import type { Deps } from '../sending/deliver.ts'"],
    ['src/http/shared/pages.ts', "import { publicPages } from '../readers/public.ts'"],
    ['src/http/author/outbox.ts', "import { publicPages } from '../readers/public.ts'"],
  ])('notice in %s: %s', (file, text) => {
    expect(planted(file, `// A comment.\n${text}\nexport const x = 1\n`)).toEqual([
      expect.stringMatching(`^${file}:2 imports `),
    ])
  })

  it.each([
    ['src/actions/sending/plan.ts', "import type * as stores from '../../store/index.ts'"],
    ['src/actions/sending/plan.ts', "import { nextStep } from '../../domain/plan.ts'"],
    ['src/http/readers/public.ts', "import type { App } from '../../app/app.ts'"],
    ['src/cli/run.ts', "import { startWorker } from '../../worker/main.ts'"],
    ['src/mail/message/compose.ts', "import type { Sender } from '../../platform/config.ts'"],
    ['src/store/postgres/sql.ts', "import pg from 'pg'"],
    ['src/mail/check/rules.ts', "import { compile } from '../render/compile.ts'"],
    ['src/app/checker.ts', "import { SOURCE_RULES } from '../content/check/rules.ts'"],
    ['src/actions/sending/plan.ts', "import { mailOf } from '../shared/mail-of.ts'"],
    ['src/http/server.ts', "import { publicPages } from './readers/public.ts'"],
  ])('let pass in %s: %s', (file, text) => {
    expect(planted(file, text)).toEqual([])
  })

  it('notice a circle of three files, by types too', () => {
    const to = (file: string) => `import type { X } from './${file}.ts'\n`
    const ring = new Map([
      ['src/domain/a.ts', to('b')],
      ['src/domain/b.ts', to('c')],
      ['src/domain/c.ts', to('a')],
    ])
    const [a, b, c] = [...ring.keys()]
    expect(circles(ring)).toEqual([`${a} -> ${b} -> ${c} -> ${a}`])
  })

  it('notice what a file reaches for', () => {
    const lines = [
      'const now = Date.now()',
      'const x = process.env.X',
      ' * new Date() in a comment',
      'Math.random()',
    ]
    expect(linesWith(REACHES, [['src/domain/x.ts', lines.join('\n')]])).toHaveLength(3)
  })

  it.each([
    [51, 1],
    [50, 0],
  ])('notice a function of %i lines, by Biome', async (lines, code) => {
    await using project = await folder({
      'biome.json': JSON.stringify({ linter: JSON.parse(read('biome.json')).linter }),
      'x.ts': `export function long() {\n${'  console.log(1)\n'.repeat(lines)}}\n`,
    })
    const biome = fileURLToPath(new URL('node_modules/.bin/biome', ROOT))
    const { status } = spawnSync(biome, ['lint'], { cwd: project.path })
    expect(status).toBe(code)
  })
})
