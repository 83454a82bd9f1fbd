/** Imports flow one way, and the domain reaches for nothing (architecture: domain <- adapters <- actions <- edges). */
import { readdirSync, readFileSync } from 'node:fs'
import { posix } from 'node:path'
import { describe, expect, it } from 'vitest'

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

const LAYERS = [
  ...(['domain', 'content', 'mail', 'store', 'queue', 'actions', 'http'] as const),
  ...(['app', 'cli', 'worker', 'shared', 'scripts', 'test', 'package'] as const),
] as const
type Layer = (typeof LAYERS)[number]

/** What a file is part of. `shared`: the rooms that anyone may use. */
function layerOf(file: string): Layer {
  const [top = '', folder = ''] = file.split('/')
  if (top === 'worker' || top === 'test') return top
  if (top !== 'src') return 'package'
  if (file.endsWith('.mjs')) return 'scripts'
  if (folder === 'platform' || folder === 'security') return 'shared'
  return LAYERS.find((layer) => layer === folder) ?? 'package'
}

const ADAPTERS = ['content', 'mail', 'store', 'queue'] as const

/** What a layer may import besides itself and packages: as values, and as types only. */
const MAY_IMPORT: Readonly<Partial<Record<Layer, { values: readonly Layer[]; types: readonly Layer[] }>>> = {
  domain: { values: [], types: [] },
  shared: { values: ['domain'], types: ['domain'] },
  content: { values: ['domain', 'shared'], types: ['domain', 'shared'] },
  mail: { values: ['domain', 'shared'], types: ['domain', 'shared'] },
  store: { values: ['domain', 'shared'], types: ['domain', 'shared'] },
  queue: { values: ['domain', 'shared'], types: ['domain', 'shared'] },
  actions: { values: ['domain'], types: ['domain', 'shared', ...ADAPTERS] },
  http: { values: ['domain', 'shared'], types: ['domain', 'shared', 'app', 'actions', ...ADAPTERS] },
  app: {
    values: ['domain', 'shared', 'actions', ...ADAPTERS],
    types: ['domain', 'shared', 'actions', ...ADAPTERS],
  },
  worker: { values: ['domain', 'shared'], types: ['domain', 'shared', 'app'] },
  cli: {
    values: ['domain', 'shared', 'app', 'http', 'worker'],
    types: ['domain', 'shared', 'app', 'http', 'worker', ...ADAPTERS],
  },
  scripts: { values: ['cli'], types: [] },
}

interface Import {
  readonly file: string
  readonly line: number
  readonly target: string
  readonly typeOnly: boolean
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
  }))

const importedFile = ({ file, target }: Import) =>
  target.startsWith('.') ? posix.join(posix.dirname(file), target) : `package/${target}`

/** Imports that go where their layer may not go, as lines one can look up. */
function strays(all: Sources, layer: Layer): string[] {
  return [...all]
    .filter(([file]) => layerOf(file) === layer)
    .flatMap(([file, text]) => importsOf(file, text))
    .filter((one) => {
      const to = layerOf(importedFile(one))
      const allowed = MAY_IMPORT[layer]?.[one.typeOnly ? 'types' : 'values'] ?? []
      return to !== layer && to !== 'package' && !allowed.includes(to)
    })
    .map(({ file, line, target }) => `${file}:${line} imports ${target}`)
}

const present = LAYERS.filter((layer) => [...sources.keys()].some((file) => layerOf(file) === layer))

describe('imports', () => {
  it.each(present)('of %s go only where they may', (layer) => {
    expect(strays(sources, layer)).toEqual([])
  })

  it('are found in every file that has some', () => {
    const files = [...sources].filter(([file]) => file.endsWith('.ts'))
    const found = files.filter(([file, text]) => importsOf(file, text).length > 0)
    expect(found).toEqual(files.filter(([, text]) => /\b(from|import) '|\bimport\(/.test(text)))
    expect(present).toEqual(
      expect.arrayContaining(['domain', 'store', 'actions', 'http', 'app', 'cli', 'worker']),
    )
  })

  it('of the domain lead to the domain, and to no package', () => {
    const packages = [...sources]
      .filter(([file]) => layerOf(file) === 'domain')
      .flatMap(([file, text]) => importsOf(file, text))
      .filter(({ target }) => !target.startsWith('.'))
    expect(packages).toEqual([])
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
    const domain = [...sources].filter(([file]) => layerOf(file) === 'domain')
    expect(linesWith(REACHES, domain)).toEqual([])
  })
})

describe('the clock', () => {
  it('is read in one place, and set going in app.ts', () => {
    const others = [...sources].filter(
      ([file]) => file !== 'src/platform/clock.ts' && layerOf(file) !== 'cli',
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
  const planted = (file: string, text: string) => strays(new Map([[file, text]]), layerOf(file))

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
    ['src/platform/config.ts', "import { openCourier } from '../mail/smtp/courier.ts'"],
    ['src/platform/clock.ts', "import { testClock } from '../../test/support/app.ts'"],
    ['worker/jobs.ts', "import { openApp } from '../src/app/app.ts'"],
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
  ])('let pass in %s: %s', (file, text) => {
    expect(planted(file, text)).toEqual([])
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
})
