/**
 * `npm run release -- <patch | minor | major | x.y.z>`: sets the version in package.json and its
 * lock file, moves what is under "Unreleased" in CHANGELOG.md to that version and today's date,
 * commits and tags both, and packs the tarball. Refuses if there are uncommitted changes, if
 * nothing is under "Unreleased", or if the tag exists. Pushes nothing.
 */
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'

const HEADING = '## Unreleased'
const run = (program, ...args) => execFileSync(program, args, { encoding: 'utf8' }).trim()
const refuse = (why) => {
  process.stderr.write(`No release: ${why}\n`)
  process.exit(1)
}

const [wanted = ''] = process.argv.slice(2)
if (!/^(patch|minor|major|\d+\.\d+\.\d+)$/.test(wanted)) {
  process.stderr.write(
    'Name the release: npm run release -- patch, minor, major or a version like 1.2.3\n',
  )
  process.exit(2)
}
if (run('git', 'status', '--porcelain') !== '') refuse('there are uncommitted changes.')
const changelog = readFileSync('CHANGELOG.md', 'utf8')
const [before, after] = changelog.split(`${HEADING}\n`)
if (after === undefined) refuse(`CHANGELOG.md has no "${HEADING}".`)
const [unreleased = ''] = after.split(/^## /m)
if (!/^- /m.test(unreleased)) refuse(`CHANGELOG.md lists nothing under "${HEADING}".`)

const tags = run('git', 'tag', '--list').split('\n')
const version = run(
  'npm',
  'version',
  wanted,
  '--no-git-tag-version',
  '--allow-same-version',
).replace(/^v/, '')
const tag = `v${version}`
if (tags.includes(tag)) {
  run('git', 'checkout', '--', '.')
  refuse(`the tag ${tag} already exists.`)
}
const today = new Date().toISOString().slice(0, 10)
writeFileSync('CHANGELOG.md', `${before}${HEADING}\n\n## ${version}, ${today}\n${after}`)
run('git', 'commit', '--quiet', '--all', '--message', `Release ${version}`)
run('git', 'tag', '--annotate', tag, '--message', `Dawnpost ${version}`)
const tarball = run('npm', 'pack', '--silent')
process.stdout.write(
  `${version} is committed and tagged, and packed as ${tarball}. To publish it: git push --follow-tags\n`,
)
