/** What documents and comments refer to exists. */

import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { ADAPTERS, COMMON, MAY_IMPORT, type May } from './support/rooms.ts'
import { ROOT } from './support/root.ts'

const read = (file: string) => readFileSync(new URL(file, ROOT), 'utf8')
const tracked = (...patterns: string[]) =>
  execFileSync('git', ['ls-files', '-co', '--exclude-standard', ...patterns], {
    cwd: ROOT,
    encoding: 'utf8',
  })
    .trim()
    .split('\n')

/** `standards.md A5, A9`, also when the comment continues on the next line. */
const CITED = /standards\.md\)?,?[\s*/]+((?:[A-J]\d+(?:,[\s*/]+)?)+)/g
/** Text in parentheses, where rules are cited in short form, as (A5), (as A6) or (A17, D3). */
const IN_BRACKETS = /\([^()]*\)/g
const RULE = /(?<![\w%=+#$'-])[A-J]\d{1,2}(?![\w-])/g

const citationsIn = (text: string) => {
  const inFull = [...text.matchAll(CITED)].flatMap(([, rules = '']) => rules.match(RULE) ?? [])
  const inShort = [...text.replace(CITED, '').matchAll(IN_BRACKETS)].flatMap(
    ([inside]) => inside.match(RULE) ?? [],
  )
  return {
    rules: [...inFull, ...inShort.filter((rule) => !rule.startsWith('I'))],
    // Security rules are cited only in full: the short form means an invariant.
    invariants: inShort.filter((rule) => rule.startsWith('I')),
  }
}

const boldIn = (document: string) =>
  new Set([...read(document).matchAll(/^- \*\*(\w+)\*\*/gm)].map(([, name]) => name))

describe('citations', () => {
  const found = tracked('src', 'worker', 'templates', 'test', 'bench', 'docs/*.md')
    .filter((file) => !/\.(png|woff2)$|^docs\/standards\.md|^test\/documents\.test/.test(file))
    .map((file) => ({ file, ...citationsIn(read(file)) }))

  it('of rules refer to rules in docs/standards.md', () => {
    const rules = boldIn('docs/standards.md')
    const cited = found.flatMap(({ file, rules }) => rules.map((rule) => ({ file, rule })))
    expect(cited.length).toBeGreaterThan(100)
    expect(cited.filter(({ rule }) => !rules.has(rule))).toEqual([])
  })

  it('of invariants refer to invariants in docs/architecture.md', () => {
    const invariants = boldIn('docs/architecture.md')
    const cited = found.flatMap(({ file, invariants }) =>
      invariants.map((invariant) => ({ file, invariant })),
    )
    expect(cited.length).toBeGreaterThan(20)
    expect(cited.filter(({ invariant }) => !invariants.has(invariant))).toEqual([])
  })

  it.each([
    ['/** Counted once (standards.md C18). */', ['C18'], []],
    ['/**\n * As asked (standards.md A1,\n * A15), or not (A17). */', ['A1', 'A15', 'A17'], []],
    ['// Given up (C11, D24; as A6).', ['C11', 'D24', 'A6'], []],
    [' * Never seen (GDPR, 17; standards.md I2), and sent again (I5).', ['I2'], ['I5']],
    [' * For a spreadsheet (I10).', [], ['I10']],
    ["it.each(['A4', 'Letter'])('%E0%A4%A', '=C3=B6', '\\x1b$B0')", [], []],
  ])('are found in %j', (text, rules, invariants) => {
    expect(citationsIn(text)).toEqual({ rules, invariants })
  })
})

it('every file named in the documents exists', () => {
  const named = tracked('*.md', ':!:CHANGELOG.md').flatMap((file) =>
    [...read(file).matchAll(/`((?:src|test|worker|bench|templates|deploy|docs)\/[\w./-]+?)`/g)].map(
      ([, path = '']) => ({ file, path }),
    ),
  )
  expect(named.length).toBeGreaterThan(40)
  expect(named.filter(({ path }) => !existsSync(new URL(path, ROOT)))).toEqual([])
})

it('every link between the documents has an existing target', () => {
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

describe('the table of rooms in docs/architecture.md', () => {
  const document = read('docs/architecture.md')
  const pathOf = (name: string) => (name === 'worker' ? name : `src/${name}`)
  const groups = new Map(
    [...document.matchAll(/^- \*(\w+)\*: (.+)$/gm)].map(([, name = '', rooms = '']) => [
      name,
      rooms.split(', ').map(pathOf),
    ]),
  )
  const roomsIn = (cell: string) =>
    cell === '' || cell === 'nothing'
      ? []
      : cell.split(', ').flatMap((name) => groups.get(name) ?? [pathOf(name)])
  const rows = [...document.matchAll(/^\| (`[^|]+`) \| [^|]+ \| ([^|]+) \|$/gm)].flatMap(
    ([, rooms = '', imports = '']) => {
      const [values = '', types = ''] = imports.split(/; types: /)
      return roomsIn(rooms.replaceAll('`', '')).map((room) => ({
        room,
        values: roomsIn(values).toSorted(),
        types: roomsIn(types).toSorted(),
      }))
    },
  )
  const byRoom = <T extends { readonly room: string }>(all: readonly T[]) =>
    all.toSorted((a, b) => a.room.localeCompare(b.room))

  it('matches rooms.ts', () => {
    const rules = Object.entries<May>(MAY_IMPORT).map(([room, { values, types = [] }]) => ({
      room,
      values: values.toSorted(),
      types: types.toSorted(),
    }))
    expect(byRoom(rows)).toEqual(byRoom(rules))
  })

  it('has the groups of rooms.ts', () => {
    expect(Object.fromEntries(groups)).toEqual({ common: COMMON, adapters: ADAPTERS })
  })
})
