/**
 * Imports go in one direction, and the domain has no side effects: see support/rooms.ts for the
 * rooms.
 */
import { describe, expect, it } from 'vitest'
import { unasked } from './support/exports.ts'
import {
  assets,
  circles,
  importedFile,
  importsOf,
  linesWith,
  REACHES,
  ROOMS,
  roomOf,
  sources,
  strays,
  tests,
  tooLong,
  tools,
} from './support/rooms.ts'

describe('imports', () => {
  it.each(ROOMS)('of %s go only where they are allowed', (room) => {
    expect(strays(sources, room)).toEqual([])
  })

  it('are found in every file that has any', () => {
    const files = [...sources].filter(([file]) => file.endsWith('.ts'))
    const found = files.filter(([file, text]) => importsOf(file, text).length > 0)
    expect(found).toEqual(files.filter(([, text]) => /\b(from|import) '|\bimport\(/.test(text)))
    const rooms = new Set(files.map(([file]) => roomOf(file)))
    expect([...rooms].toSorted()).toEqual(ROOMS.toSorted())
  })

  it('of the domain name no package', () => {
    const packages = [...sources]
      .filter(([file]) => roomOf(file) === 'src/domain')
      .flatMap(([file, text]) => importsOf(file, text))
      .filter(({ target }) => !target.startsWith('.'))
    expect(packages).toEqual([])
  })

  it('are not circular', () => {
    expect(circles(sources)).toEqual([])
  })

  it('of the command line load neither the app nor zod before a command runs', () => {
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
      [...read].filter((file) =>
        /^((src\/(app|http|actions|store)|worker)\/|package\/zod$)/.test(file),
      ),
    ).toEqual([])
  })

  it('have a file extension, so that Node runs the files directly', () => {
    const bare = [...sources]
      .flatMap(([file, text]) => importsOf(file, text))
      .filter(({ target }) => target.startsWith('.') && !/\.(ts|mjs|json)$/.test(target))
    expect(bare).toEqual([])
  })
})

describe('the domain', () => {
  it('uses no clock, no randomness, no process and no file', () => {
    const domain = [...sources].filter(([file]) => roomOf(file) === 'src/domain')
    expect(linesWith(REACHES, domain)).toEqual([])
  })
})

describe('the clock', () => {
  it('is read only in clock.ts and by the command line', () => {
    const others = [...sources].filter(
      ([file]) => file !== 'src/platform/clock.ts' && roomOf(file) !== 'src/cli',
    )
    expect(linesWith(/Date\.now\(|new Date\(\)|Temporal\.Now/, others)).toEqual([])
  })
})

describe('the environment', () => {
  /** The entry point, and what runs before the program. */
  const READERS = ['src/cli/main.ts', 'src/bin.mjs', 'src/setup.mjs']

  it('is read at the start and nowhere else', () => {
    const others = [...sources].filter(([file]) => !READERS.includes(file))
    expect(linesWith(/process\.env|'node:process'|process\[/, others)).toEqual([])
  })
})

describe('an exported name', () => {
  it('is used by another file', () => {
    expect(unasked(sources, [...tests.values(), ...tools.values()])).toEqual([])
  })
})

describe('a file', () => {
  it.each([
    ['the program', sources],
    ['the tests', tests],
    ['what browsers load', assets],
  ])('of %s is short enough to be read at once', (_, files) => {
    expect(tooLong(files)).toEqual([])
  })
})
