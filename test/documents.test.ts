/** What documents and comments point to is there. */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

const ROOT = new URL('../', import.meta.url)
const read = (file: string) => readFileSync(new URL(file, ROOT), 'utf8')
const tracked = (...patterns: string[]) =>
  execFileSync('git', ['ls-files', '-co', '--exclude-standard', ...patterns], {
    cwd: ROOT,
    encoding: 'utf8',
  })
    .trim()
    .split('\n')

/** `standards.md A5, A9`, also where a comment goes on in the next line. */
const CITED = /standards\.md,?[\s*/]+((?:[A-J]\d+(?:,[\s*/]+)?)+)/g

it('every rule that is cited stands in docs/standards.md', () => {
  const rules = new Set(
    [...read('docs/standards.md').matchAll(/^- \*\*(\w+)\*\*/gm)].map(([, rule]) => rule),
  )
  const cited = tracked('src', 'worker', 'templates', 'test', 'bench').flatMap((file) =>
    [...read(file).matchAll(CITED)].flatMap(([, rules = '']) =>
      rules
        .split(/[^A-Z0-9]+/)
        .filter(Boolean)
        .map((rule) => ({ file, rule })),
    ),
  )
  expect(cited.length).toBeGreaterThan(50)
  expect(cited.filter(({ rule }) => !rules.has(rule))).toEqual([])
})

it('every file that is named in the documents exists', () => {
  const named = tracked('*.md', ':!:CHANGELOG.md').flatMap((file) =>
    [...read(file).matchAll(/`((?:src|test|worker|bench|templates|deploy|docs)\/[\w./-]+?)`/g)].map(
      ([, path = '']) => ({ file, path }),
    ),
  )
  expect(named.length).toBeGreaterThan(40)
  expect(named.filter(({ path }) => !existsSync(new URL(path, ROOT)))).toEqual([])
})

it('every link between the documents leads somewhere', () => {
  const links = tracked('*.md').flatMap((file) =>
    [
      ...read(file)
        .replace(/^```[\s\S]*?^```|`[^`\n]*`/gm, '')
        .matchAll(/\]\((?!https?:|article:|lesson:|node_modules\/|#)([^)#\s]+)(?:#[^)]*)?\)/g),
    ].map(([, path = '']) => ({
      file,
      path,
    })),
  )
  expect(links.length).toBeGreaterThan(20)
  expect(links.filter(({ file, path }) => !existsSync(new URL(path, new URL(file, ROOT))))).toEqual(
    [],
  )
})
