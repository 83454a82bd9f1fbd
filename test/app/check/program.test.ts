/** The command as a build runs it, and what it reports about the built-in site. */
import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { checkFolder } from '../../../src/app/checker.ts'
import { SOURCE_RULES } from '../../../src/content/check/rules.ts'
import { SITE_RULES } from '../../../src/content/check/template-rules.ts'
import type { Finding } from '../../../src/domain/finding.ts'
import { MAIL_RULES } from '../../../src/mail/check/rules.ts'
import { BUILT_IN_SITE } from '../../../src/platform/site-folder.ts'
import { type Files, type Folder, folder } from '../../content/folder.ts'
import { command, isPlain, run } from '../../support/program.ts'
import { SOUND, soundLesson, soundLetter } from './sound.ts'

/** A build machine has none of our settings, and without them no other command would start. */
let build: Readonly<Record<string, string>>
/** What a check remembers for the next check of the same folder. */
let cache: Folder
let broken: Folder
beforeAll(async () => {
  cache = await folder({})
  build = { NODE_ENV: 'production', XDG_CACHE_HOME: cache.path }
  broken = await folder({ ...SOUND, ...BROKEN })
})
afterAll(async () => {
  for (const one of [cache, broken]) await one?.[Symbol.asyncDispose]()
})

const checked = (path: string, ...options: string[]) =>
  command(['check', '--courses', path, ...options], build)

const WARNED: Files = { 'c/02-two.md': soundLesson(2, { minutes: '60' }) }
const BROKEN: Files = {
  ...WARNED,
  'c/welcome.md': soundLetter('Welcome', '[here](/list)'),
  'd/course.yaml': 'kind: daily\n',
}

describe('dawnpost check', () => {
  it('exits with 0 and prints the number of findings if there are none', async () => {
    await using courses = await folder(SOUND)
    const whole = await run(['check', '--courses', courses.path], build)
    expect(whole).toMatchObject({ code: 0, stdout: '0 errors, 0 warnings\n', stderr: '' })
  })

  it('exits with 0 if there are only warnings', async () => {
    await using courses = await folder({ ...SOUND, ...WARNED })
    const { code, stdout, stderr } = await checked(courses.path)
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toBe(
      'courses/c/02-two.md:4:1 warning practice-minutes the practice takes 60 minutes; make it 5 to 15\n' +
        '0 errors, 1 warning\n',
    )
  })

  it('exits with 1 on errors, and prints all findings in order, even of broken courses', async () => {
    const { code, stdout, stderr } = await checked(broken.path)
    expect([code, stderr]).toEqual([1, ''])
    const lines = stdout.trimEnd().split('\n')
    expect(lines.slice(0, 3)).toEqual([
      expect.stringMatching(/^courses\/c\/02-two\.md:4:1 warning practice-minutes ./),
      expect.stringMatching(/^courses\/c\/welcome\.md:7:1 error link-address ./),
      expect.stringMatching(/^courses\/c\/welcome\.md:7:1 warning link-text ./),
    ])
    for (const line of lines.slice(3, -1))
      expect(line).toMatch(/^courses\/d\/course\.yaml:1:1 error front-matter ./)
    expect(lines.at(-1)).toBe(`${lines.length - 3} errors, 2 warnings`)
  })

  it('prints a single object with --json', async () => {
    const { code, stdout, stderr } = await checked(broken.path, '--json')
    expect([code, stderr]).toEqual([1, ''])
    expect(stdout.trimEnd().split('\n')).toHaveLength(1)
    const { findings, ...totals } = JSON.parse(stdout) as { findings: Finding[] }
    expect(totals).toEqual({ errors: findings.length - 2, warnings: 2, drafts: [] })
    expect(findings[1]).toEqual({
      file: 'c/welcome.md',
      line: 7,
      column: 1,
      severity: 'error',
      rule: 'link-address',
      message: expect.stringContaining('absolute https://'),
    })
    for (const { message } of findings) expect(message).not.toBe('')
  })

  it.each([
    ['a folder that is not there', ['--courses', '/nowhere/courses']],
    ['a file for a folder', ['--courses', new URL(import.meta.url).pathname]],
    ['an unknown option', ['--fix']],
    ['an argument', ['courses']],
  ])('exits with 2 for %s', async (_, args) => {
    const { code, stdout, stderr } = await command(['check', ...args], build)
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr.trim()).not.toBe('')
    expect(isPlain(stderr)).toBe(true)
  })
})

it('docs/checking.md lists every rule with its severity', async () => {
  const text = await readFile(new URL('../../../docs/checking.md', import.meta.url), 'utf8')
  const told = [...text.matchAll(/^\| `([a-z-]+)` \| (error|warning) \|/gm)].map(
    ([, name, severity]) => [name, severity],
  )
  const rules = [...SOURCE_RULES, ...SITE_RULES, ...MAIL_RULES].map(({ name, severity }) => [
    name,
    severity,
  ])
  const others = [
    ...['format', 'front-matter', 'slot', 'unmailable', 'translations', 'offers', 'logo'].map(
      (name) => [name, 'error'],
    ),
    ...['message', 'placeholder', 'aliases', 'article-link', 'invite'].map((name) => [
      name,
      'error',
    ]),
    ...['plural', 'foreign-key', 'missing-key', 'letter'].map((name) => [name, 'warning']),
  ]
  const unique = new Map([...rules, ...others].map((one) => [one.join(), one]))
  expect([...new Map(told.map((one) => [one.join(), one])).values()].sort()).toEqual(
    [...unique.values()].sort(),
  )
})

it('the built-in site has no findings', async () => {
  expect(await checkFolder({ site: BUILT_IN_SITE })).toEqual({
    findings: [],
    errors: 0,
    warnings: 0,
    drafts: [],
  })
})
