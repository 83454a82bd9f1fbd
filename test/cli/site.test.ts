/** A site is a folder, and every command applies to the one that is named. */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { BUILT_IN_SITE, displayPathOf, findSite } from '../../src/platform/site-folder.ts'
import { command, run } from '../support/program.ts'
import { ROOT } from '../support/root.ts'

/** Has a fault that occurs nowhere else. */
const BROKEN =
  'name: Mornings\ntagline: {}\nfront: [none]\ntheme:\n  light: { accent: "#eeeeee" }\n'
const FAULT = 'dawnpost.yaml:2:1 tagline: must be one line of text'

/** The arguments that each command needs to get as far as the settings of its site. */
const COMMANDS: Readonly<Record<string, readonly string[]>> = {
  start: [],
  web: [],
  worker: [],
  migrate: [],
  enroll: ['ada@example.com'],
  unsubscribe: ['ada@example.com'],
  mails: ['ada@example.com'],
  export: ['ada@example.com'],
  erase: ['ada@example.com'],
  simulate: [],
  init: ['mine'],
  new: ['course', 'pages'],
  preview: ['--port', '0'],
  eject: ['lesson.mjml'],
  'send-test': ['pages', '1', '--to', 'ada@example.com'],
  check: [],
  diff: [],
  doctor: [],
  dkim: ['list'],
  status: [],
  clicks: ['pages'],
  comments: ['list'],
  bounces: ['read', '-'],
  suppress: ['list'],
  pause: ['--all'],
  resume: ['--all'],
  unknown: [],
  servers: [],
  backup: [],
  restore: ['no-such-file'],
  'resume-from-backup': [],
  config: [],
}
/** All but the command that creates a site, and the one that reads files from anywhere. */
const FOR_A_SITE = Object.entries(COMMANDS).filter(([name]) => !['init', 'bounces'].includes(name))
/** These look at what a site contains, even with broken settings. */
const LOOKING = ['new', 'preview', 'eject', 'check', 'doctor', 'config']

let folder: string
let empty: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dawnpost-site-'))
  empty = join(folder, 'empty')
  await mkdir(empty)
  await mkdir(join(folder, 'courses'))
  await writeFile(join(folder, 'dawnpost.yaml'), BROKEN)
})
afterAll(() => rm(folder, { recursive: true }))

describe('--site', () => {
  it('is tested with every command', async () => {
    const { stdout } = await command(['--help'])
    const named = stdout.matchAll(/^ {2}(?!help)([a-z][a-z-]+) .*\S$/gm)
    expect(Object.keys(COMMANDS)).toEqual([...named].map(([, name]) => name))
  })

  it.each(Object.keys(COMMANDS))('has a row in README.md for %s', async (name) => {
    const readme = await readFile(new URL('README.md', ROOT), 'utf8')
    expect(readme).toMatch(new RegExp(`^\\| (\`[^|]*, )?\`${name}[\` ][^|]* \\|`, 'm'))
  })

  it.each(FOR_A_SITE)('of %s must name a site', async (name, args) => {
    const said = { code: 2, stdout: '', stderr: expect.stringContaining(`${empty} is not a site`) }
    expect(await command([name, ...args, '--site', empty])).toEqual(said)
    expect(await command([name, ...args], { SITE_DIR: empty })).toEqual(said)
  })

  it.each(FOR_A_SITE.filter(([name]) => !LOOKING.includes(name)))(
    'before or after %s chooses the settings',
    async (name, args) => {
      for (const line of [
        ['--site', folder, name, ...args],
        [name, ...args, '--site', folder],
      ]) {
        const { code, stderr } = await command(line)
        expect([code, stderr]).toEqual([1, expect.stringContaining(FAULT)])
      }
    },
  )

  it('chooses the site to check, and where a new course is created', async () => {
    expect(await command(['new', 'course', 'pages', '--site', folder])).toMatchObject({ code: 0 })
    expect(await readdir(join(folder, 'courses'))).toEqual(['pages'])
    await mkdir(join(folder, 'templates', 'pages'), { recursive: true })
    await writeFile(join(folder, 'templates', 'pages', 'fron.hbs'), '')
    const { code, stdout } = await command(['check', '--site', folder], { XDG_CACHE_HOME: folder })
    expect([code, stdout]).toEqual([
      1,
      expect.stringContaining(`${FAULT}`.replace(' ', ' error front-matter ')),
    ])
    expect(stdout).toContain('templates/pages/fron.hbs:1:1 error template is not used')
    expect(stdout).toMatch(/^dawnpost\.yaml:5:12 error contrast the accent #eeeeee/m)
    expect(stdout).toContain('courses/pages is a draft')
  })

  it('works in a process of its own, and so does the working folder', async () => {
    const { code, stderr } = await run(['--site', folder, 'status'])
    expect([code, stderr]).toEqual([1, expect.stringContaining(FAULT)])
    const within = await run(['status'], {}, { cwd: folder })
    expect([within.code, within.stderr]).toEqual([1, expect.stringContaining(FAULT)])
  })
})

describe('the site', () => {
  it('is the named one, or else SITE_DIR, the working folder, or the built-in site', () => {
    const root = (named: string | undefined, SITE_DIR: string, cwd: string) =>
      findSite({ named, env: { SITE_DIR }, cwd }).root
    const own = BUILT_IN_SITE.root
    expect(root(folder, own, own)).toBe(folder)
    expect(root(undefined, folder, own)).toBe(folder)
    expect(root(undefined, ' ', folder)).toBe(folder)
    expect(root(undefined, '', empty)).toBe(own)
    expect(root('..', own, empty)).toBe(folder)
  })

  it('shows paths relative to the working folder, or to itself when that is elsewhere', () => {
    const place = (cwd: string) => displayPathOf('pages/01.md', join(folder, 'courses'), cwd)
    expect(place(folder)).toBe('courses/pages/01.md')
    expect(place(join(folder, 'courses', 'pages'))).toBe('01.md')
    expect(place(empty)).toBe('courses/pages/01.md')
    expect(displayPathOf('../dawnpost.yaml', join(folder, 'courses'), empty)).toBe('dawnpost.yaml')
  })
})
