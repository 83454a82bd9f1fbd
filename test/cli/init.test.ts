/**
 * A new site is complete: it passes the check as it is, and `init` says what comes next.
 */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import manifest from '../../package.json' with { type: 'json' }
import { init } from '../../src/cli/init.ts'
import { readSite } from '../../src/content/site.ts'
import { siteKeys } from '../../src/content/site-keys.ts'
import { SETTINGS } from '../../src/platform/settings.ts'
import { command } from '../support/program.ts'

let cwd: string
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'dawnpost-init-'))
})
afterEach(() => rm(cwd, { recursive: true }))

async function begun(folder: string) {
  const said: string[] = []
  await init(folder, { cwd, print: (line) => said.push(line) })
  return said.join('\n')
}
const inSite = (name: string) => readFile(join(cwd, 'my-site', name), 'utf8')
const allIn = async (folder: string) => (await readdir(folder, { recursive: true })).toSorted()

describe('a new site', () => {
  it('is a folder that passes the check and has the files it needs', async () => {
    const said = await begun('my-site')
    expect(said).toMatch(/Next:\n {2}cd my-site\n {2}npm install\n {2}npm start$/)
    expect(await readdir(cwd)).toEqual(['my-site'])
    expect((await readdir(join(cwd, 'my-site'))).toSorted()).toEqual([
      '.env.example',
      '.gitignore',
      'README.md',
      'courses',
      'dawnpost.yaml',
      'package.json',
    ])
    const checked = await command(['check', '--site', join(cwd, 'my-site')], {
      XDG_CACHE_HOME: cwd,
    })
    expect(checked).toMatchObject({ code: 0, stdout: '0 errors, 0 warnings\n' })
    expect(JSON.parse(await inSite('package.json'))).toMatchObject({
      private: true,
      dependencies: { dawnpost: manifest.version },
      scripts: { start: 'dawnpost start', check: 'dawnpost check', preview: 'dawnpost preview' },
    })
  })

  it('has valid settings, both as created and with all of them uncommented', async () => {
    await begun('my-site')
    const file = join(cwd, 'my-site', 'dawnpost.yaml')
    expect(await readSite(file)).toMatchObject({ faults: [], settings: { name: 'My Site' } })
    const text = await inSite('dawnpost.yaml')
    await writeFile(file, text.replace(/^#(?! )(?=\S)/gm, '').replace(/^# {2}(?=\S)/gm, '  '))
    const { faults, keys } = await readSite(file)
    expect(faults).toEqual([])
    const known = Object.keys(siteKeys.in.shape)
    expect(keys.toSorted()).toEqual(
      known.filter((key) => !['languages', 'url'].includes(key)).toSorted(),
    )
    const docs = await readFile(new URL('../../docs/site.md', import.meta.url), 'utf8')
    expect(known.filter((key) => !docs.includes(`| \`${key}\` |`))).toEqual([])
    const env = parseEnv((await inSite('.env.example')).replace(/^#(?=[A-Z])/gm, ''))
    expect(Object.keys(env).filter((name) => !(name in SETTINGS.shape))).toEqual([])
  })

  it('can be created in the current folder if that is empty', async () => {
    const said = await begun('.')
    expect(said).toMatch(/Next:\n {2}npm install\n {2}npm start\n {2}npm run preview$/)
    expect(await readdir(cwd)).toContain('dawnpost.yaml')
    expect((await allIn(cwd)).filter((name) => name.includes('.init-'))).toEqual([])
  })

  it('is not created in a folder that is not empty or cannot be written', async () => {
    await writeFile(join(cwd, 'mine'), 'mine')
    await expect(begun('.')).rejects.toThrow('is not empty. Nothing was written')
    await expect(begun('mine')).rejects.toThrow('mine is not empty')
    await expect(begun(`new/${'a'.repeat(300)}`)).rejects.toThrow('cannot be written')
    expect(await allIn(cwd)).toEqual(['mine'])
  })
})
