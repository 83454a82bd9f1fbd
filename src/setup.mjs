// Puts in place what is missing, and is silent and instant when nothing is. Plain JavaScript, because it
// runs before the pinned Node is installed, on any Node from 18 on.
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../', import.meta.url))

/** Runs `npm ci` when package-lock.json is newer than what is installed. */
export function installPackages() {
  const installed = `${root}node_modules/.package-lock.json`
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(`${root}package-lock.json`).mtimeMs)
    return
  console.error('Installing packages; this happens once …')
  const args = ['ci', '--no-audit', '--no-fund', '--loglevel=error']
  execFileSync('npm', args, { cwd: root, stdio: ['ignore', 2, 2], shell: process.platform === 'win32' })
}

/** On Debian or Ubuntu as root: the programs that the tests run against. Elsewhere it says what is missing. */
export function installTestPrograms() {
  const programs = { 'redis-server': 'redis-server', chromium: 'chromium' }
  const missing = Object.keys(programs).filter((name) => spawnSync('which', [name]).status !== 0)
  if (missing.length === 0) return
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) {
    console.error(`The tests need ${missing.join(' and ')}: please install them with your package manager.`)
    process.exit(1)
  }
  console.error(`Installing ${missing.join(' and ')} for the tests; this happens once …`)
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const packages = missing.map((name) => programs[name])
  const stdio = ['ignore', 'ignore', 2]
  execFileSync('apt-get', ['update', '-qq'], { env, stdio })
  execFileSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], { env, stdio })
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  installPackages()
  if (process.argv.includes('--tests')) installTestPrograms()
}
