/** The checks of layers.test.ts notice planted violations. */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { folder } from './content/folder.ts'
import { unasked } from './support/exports.ts'
import {
  circles,
  linesWith,
  PURE,
  REACHES,
  type Room,
  read,
  roomOf,
  sources,
  strays,
  tooLong,
} from './support/rooms.ts'
import { ROOT } from './support/root.ts'

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
    // Not named in PURE, or allowed only for actions.
    ['src/actions/readers/days.ts', "import { compile } from '../../mail/render/compile.ts'"],
    [
      'src/http/readers/public.ts',
      "import { subjectFor } from '../../mail/render/edition-from-source.ts'",
    ],
    ['src/store/editions.ts', "import { subjectFor } from '../mail/render/edition-from-source.ts'"],
    // Between rooms of one layer.
    ['src/security/links.ts', "import { openLog } from '../platform/log.ts'"],
    ['src/content/lessons.ts', "import { textRules } from './check/text-rules.ts'"],
    ['src/content/import/mail.ts', "import { textRules } from '../check/text-rules.ts'"],
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
    [
      'src/actions/readers/days.ts',
      "import { subjectFor } from '../../mail/render/edition-from-source.ts'",
    ],
  ])('allow in %s: %s', (file, text) => {
    expect(planted(file, text)).toEqual([])
  })

  it('list only existing files as pure', () => {
    expect(PURE.filter((file) => !sources.has(file))).toEqual([])
  })

  it('notice a circular import of three files, even of types', () => {
    const to = (file: string) => `import type { X } from './${file}.ts'\n`
    const ring = new Map([
      ['src/domain/a.ts', to('b')],
      ['src/domain/b.ts', to('c')],
      ['src/domain/c.ts', to('a')],
    ])
    const [a, b, c] = [...ring.keys()]
    expect(circles(ring)).toEqual([`${a} -> ${b} -> ${c} -> ${a}`])
  })

  it('notice side effects in a file', () => {
    const lines = [
      'const now = Date.now()',
      'const x = process.env.X',
      ' * new Date() in a comment',
      'Math.random()',
    ]
    expect(linesWith(REACHES, [['src/domain/x.ts', lines.join('\n')]])).toHaveLength(3)
  })

  it('notice a file of 301 lines, even a test', () => {
    const file = (name: string, lines: number): [string, string] => [name, 'x()\n'.repeat(lines)]
    expect(
      tooLong([file('src/domain/x.ts', 301), file('test/x.test.ts', 301), file('test/y.ts', 300)]),
    ).toEqual(['src/domain/x.ts has 301 lines', 'test/x.test.ts has 301 lines'])
  })

  it('notice a style sheet longer than its limit', () => {
    const sheet = (name: string, lines: number): [string, string] => [
      `templates/pages/assets/${name}.css`,
      'p {}\n'.repeat(lines),
    ]
    expect(tooLong([sheet('style', 340), sheet('style', 341), sheet('other', 301)])).toEqual([
      'templates/pages/assets/style.css has 341 lines',
      'templates/pages/assets/other.css has 301 lines',
    ])
  })

  it.each([
    ['src/domain/x.ts', 51, 1],
    ['src/domain/x.ts', 50, 0],
    // Lists of routes are exempt by name: no other page may be as long.
    ['src/http/readers/x.ts', 51, 1],
    ['src/http/author/x.ts', 51, 1],
    ['src/http/readers/reading.ts', 83, 1],
    ['src/http/readers/reading.ts', 82, 0],
  ])('let Biome judge in %s a function of %i lines', async (file, lines, code) => {
    const { linter, overrides } = JSON.parse(read('biome.json'))
    await using project = await folder({
      'biome.json': JSON.stringify({ linter, overrides }),
      [file]: `export function long() {\n${'  console.log(1)\n'.repeat(lines)}}\n`,
    })
    const biome = fileURLToPath(new URL('node_modules/.bin/biome', ROOT))
    const { status } = spawnSync(biome, ['lint'], { cwd: project.path })
    expect(status).toBe(code)
  })

  it('notice an unused export', () => {
    const files = new Map([
      ['src/a.ts', 'export const used = 1\nexport async function unused() {}\nunused(used)'],
      [
        'src/b.ts',
        "import { used } from './a.ts'\nexport type Anything = 1\nexport const tested = 2",
      ],
    ])
    expect(unasked(files, ['expect(tested)'])).toEqual(['src/a.ts unused'])
  })
})
