/** `npm run release`, in a repository created for the test. */
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { folder } from './content/folder.ts'

const SCRIPT = fileURLToPath(new URL('../scripts/release.mjs', import.meta.url))
const CHANGELOG =
  '# Changelog\n\n## Unreleased\n\n### Added\n- Mornings.\n\n## 0.1.0, 2026-01-01\n- All.\n'

async function repository(changelog = CHANGELOG) {
  const made = await folder({
    'package.json': JSON.stringify({ name: 'a-program', version: '0.1.0', license: 'MIT' }),
    'CHANGELOG.md': changelog,
    '.gitignore': '*.tgz\n',
  })
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b.example', ...args], {
      cwd: made.path,
      encoding: 'utf8',
    })
  git('init', '--quiet')
  git('config', 'user.name', 'a')
  git('config', 'user.email', 'a@b.example')
  git('add', '--all')
  git('commit', '--quiet', '--message', 'All')
  const release = (...args: string[]) =>
    spawnSync(process.execPath, [SCRIPT, ...args], { cwd: made.path, encoding: 'utf8' })
  const read = (name: string) => readFile(join(made.path, name), 'utf8')
  return { ...made, git, release, read }
}

it('a release has its version, its changelog, its commit, its tag and its tarball', async () => {
  await using site = await repository()
  const { status, stdout } = site.release('minor')
  expect([status, stdout]).toEqual([0, expect.stringContaining('0.2.0 is committed and tagged')])
  expect(JSON.parse(await site.read('package.json')).version).toBe('0.2.0')
  expect(await site.read('CHANGELOG.md')).toMatch(
    /^# Changelog\n\n## Unreleased\n\n## 0\.2\.0, \d{4}-\d\d-\d\d\n\n### Added\n- Mornings\.\n\n## 0\.1\.0/,
  )
  expect(site.git('log', '-1', '--format=%s %D')).toMatch(/^Release 0\.2\.0 .*tag: v0\.2\.0/)
  expect(site.git('status', '--porcelain')).toBe('')
  expect(existsSync(join(site.path, 'a-program-0.2.0.tgz'))).toBe(true)
})

it.each([
  ['nothing under "Unreleased"', CHANGELOG.replace('- Mornings.\n', ''), /lists nothing under/],
  ['no "Unreleased"', CHANGELOG.replace('## Unreleased', '## News'), /has no "## Unreleased"/],
])('no release is made with %s', async (_, changelog, why) => {
  await using site = await repository(changelog)
  const { status, stderr } = site.release('patch')
  expect([status, stderr]).toEqual([1, expect.stringMatching(why)])
  expect(site.git('status', '--porcelain')).toBe('')
})

it('no release is made of an existing or invalid version, or with uncommitted changes', async () => {
  await using site = await repository()
  site.git('tag', 'v0.2.0')
  expect(site.release('0.2.0')).toMatchObject({
    status: 1,
    stderr: expect.stringMatching(/already/),
  })
  expect(site.git('status', '--porcelain')).toBe('')
  expect(site.release('soon').status).toBe(2)
  await writeFile(join(site.path, 'new.txt'), 'new')
  expect(site.release('patch')).toMatchObject({
    status: 1,
    stderr: expect.stringMatching(/uncommitted changes/),
  })
})
