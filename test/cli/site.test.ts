/** A site is a folder, and every command is about the one that is named. */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { BUILT_IN_SITE, displayPathOf, findSite } from '../../src/platform/site-folder.ts'
import { command, run } from '../support/program.ts'
import { ROOT } from '../support/root.ts'

/** With a fault that nothing else has. */
const BROKEN =
  'name: Mornings\ntagline: {}\nfront: [none]\ntheme:\n  light: { accent: "#eeeeee" }\n'
const FAULT = 'dawnpost.yaml:2:1 tagline: must be one line of text'

/** What each command needs to be run, with what it says or does about the settings of its site. */
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
/** All but the one that makes a site, and the one that reads files of any place. */
const FOR_A_SITE = Object.entries(COMMANDS).filter(([name]) => !['init', 'bounces'].includes(name))
/** These look at what a site holds, broken settings or not. */
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
  it('is tried on all commands that there are', async () => {
    const { stdout } = await command(['--help'])
    const named = stdout.matchAll(/^ {2}(?!help)([a-z][a-z-]+) .*\S$/gm)
    expect(Object.keys(COMMANDS)).toEqual([...named].map(([, name]) => name))
  })

  it.each(Object.keys(COMMANDS))('README has a row that tells of %s', async (name) => {
    const readme = await readFile(new URL('README.md', ROOT), 'utf8')
    expect(readme).toMatch(new RegExp(`^\\| (\`[^|]*, )?\`${name}[\` ][^|]* \\|`, 'm'))
  })

  it.each(FOR_A_SITE)('of %s has to be a site', async (name, args) => {
    const said = { code: 2, stdout: '', stderr: expect.stringContaining(`${empty} is not a site`) }
    expect(await command([name, ...args, '--site', empty])).toEqual(said)
    expect(await command([name, ...args], { SITE_DIR: empty })).toEqual(said)
  })

  it.each(FOR_A_SITE.filter(([name]) => !LOOKING.includes(name)))(
    'before %s and behind it says whose settings count',
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

  it('says what is checked, and where a new course goes', async () => {
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

  it('reaches the program through the start of the process', async () => {
    const { code, stderr } = await run(['--site', folder, 'status'])
    expect([code, stderr]).toEqual([1, expect.stringContaining(FAULT)])
    const within = await run(['status'], {}, { cwd: folder })
    expect([within.code, within.stderr]).toEqual([1, expect.stringContaining(FAULT)])
  })
})

describe('the site', () => {
  it('is what is named, else SITE_DIR, else the working folder, else the program', () => {
    const root = (named: string | undefined, SITE_DIR: string, cwd: string) =>
      findSite({ named, env: { SITE_DIR }, cwd }).root
    const own = BUILT_IN_SITE.root
    expect(root(folder, own, own)).toBe(folder)
    expect(root(undefined, folder, own)).toBe(folder)
    expect(root(undefined, ' ', folder)).toBe(folder)
    expect(root(undefined, '', empty)).toBe(own)
    expect(root('..', own, empty)).toBe(folder)
  })

  it('names a place from the working folder, or from itself where that is elsewhere', () => {
    const place = (cwd: string) => displayPathOf('pages/01.md', join(folder, 'courses'), cwd)
    expect(place(folder)).toBe('courses/pages/01.md')
    expect(place(join(folder, 'courses', 'pages'))).toBe('01.md')
    expect(place(empty)).toBe('courses/pages/01.md')
    expect(displayPathOf('../dawnpost.yaml', join(folder, 'courses'), empty)).toBe('dawnpost.yaml')
  })
})
