// Installs what is missing, and is silent and instant if nothing is. Plain JavaScript, because it
// runs before the pinned Node is installed, on any Node from 18 on.
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../', import.meta.url))

/**
 * Runs `npm ci` if package-lock.json is newer than what is installed. A published package has no
 * package-lock.json: its installer has installed its dependencies.
 */
export async function installPackages() {
  if (!existsSync(`${root}package-lock.json`)) return
  const installed = `${root}node_modules/.package-lock.json`
  if (
    existsSync(installed) &&
    statSync(installed).mtimeMs >= statSync(`${root}package-lock.json`).mtimeMs
  )
    return
  const pinned = canRunPinned()
  console.error('Installing packages; this happens once …')
  const args = [
    'ci',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
    ...(pinned ? [] : ['--omit=dev']),
  ]
  await runToItsEnd('npm', args)
}

/**
 * Returns the path of the Node to run on: the pinned one in a clone, or for a package one that its
 * site installed. If there is none, exits with instructions.
 */
export function pinnedNode() {
  const file = createRequire(import.meta.url).resolve.paths('node')
  const found = file.map((folder) => `${folder}/.bin/node`).find((path) => existsSync(path))
  if (found) return found
  console.error(
    `Dawnpost needs Node 26 or newer, and this is ${process.version}. Install it from nodejs.org, or for this folder alone: npm install node@26`,
  )
  process.exit(1)
}

/**
 * Runs the command in its own process group, so that all of it can be stopped: npm forwards no
 * signals to what it runs.
 */
async function runToItsEnd(command, args) {
  const isWindows = process.platform === 'win32'
  const stdio = ['ignore', 2, 2]
  const child = spawn(command, args, { cwd: root, stdio, shell: isWindows, detached: !isWindows })
  const stop = () => {
    if (isWindows) child.kill()
    else process.kill(-child.pid, 'SIGTERM')
    process.exit(1)
  }
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, stop)
  const forget = whenParentEnds(process.ppid, stop)
  const [code] = await once(child, 'exit')
  forget()
  for (const signal of ['SIGINT', 'SIGTERM']) process.off(signal, stop)
  if (code !== 0) process.exit(code ?? 1)
}

/**
 * Under npm, calls `act` once npm's shell is gone: on a signal that shell dies and leaves its child
 * running. A process started in another way may outlive its parent, as a daemon does. Returns a
 * function that stops watching.
 */
export function whenParentEnds(parent, act) {
  if (!process.env.npm_lifecycle_event) return () => {}
  const watch = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(watch)
    act()
  }, 250)
  watch.unref()
  return () => clearInterval(watch)
}

/**
 * Returns whether the pinned Node can run here, after installing the library that minimal systems
 * lack. Checked before that Node is installed, since from then on it is the `node` of every script,
 * including this one.
 */
function canRunPinned() {
  if (process.platform !== 'linux') return true
  if (!process.report.getReport().header.glibcVersionRuntime) {
    if (Number(process.versions.node.split('.')[0]) >= 26) return false
    console.error(
      'The Node and PostgreSQL that come with Dawnpost need glibc, and this system has another C library (Alpine has musl). Install Node 26 with its package manager, and use a PostgreSQL of your own with DATABASE_URL=postgres://user:password@host:5432/dawnpost.',
    )
    process.exit(1)
  }
  if (hasLibrary('libatomic.so.1')) return true
  if (!hasApt()) {
    console.error('Node 26 needs libatomic.so.1: install libatomic with your package manager.')
    process.exit(1)
  }
  console.error('Installing libatomic1, which Node 26 needs; this happens once …')
  installByApt(['libatomic1'])
  return true
}

/** If ldconfig fails, the library counts as present: the loader reports what it misses. */
function hasLibrary(name) {
  const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` }
  const { status, stdout } = spawnSync('ldconfig', ['-p'], { env, encoding: 'utf8' })
  return status !== 0 || stdout.includes(name)
}

const hasApt = () => process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')

function installByApt(packages) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const stdio = ['ignore', 'ignore', 2]
  execFileSync('apt-get', ['update', '-qq'], { env, stdio })
  execFileSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], {
    env,
    stdio,
  })
}

/**
 * Programs that the tests run against, each by its possible names; the first is the one to install.
 */
const TEST_PROGRAMS = [['redis-server'], ['chromium-headless-shell', 'chromium']]
/**
 * Chromium without windows: a new page takes 0.17 s of CPU time in it, and 0.84 s in the full one.
 */
const QUICK_BROWSER = 'chromium-headless-shell'
/**
 * Packages of mail programs that the tests run themselves, each with a file of it. Without them
 * those tests are skipped.
 */
const MAIL_SERVERS = {
  'python3-dkim': '/usr/bin/dkimverify',
  postfix: '/usr/lib/postfix/sbin/master',
  'dovecot-imapd': '/usr/lib/dovecot/imap',
  'dovecot-lmtpd': '/usr/lib/dovecot/lmtp',
}

/** Programs for the tests in other browsers; a package's name may differ from its program's. */
const BROWSER_PROGRAMS = [
  ['redis-server'],
  ['firefox-esr'],
  ['webkit2gtk-driver', 'WebKitWebDriver'],
  ['xvfb', 'Xvfb'],
]

/** Installs the test programs on Debian as root. Elsewhere reports what is missing. */
function installTestPrograms(programs = TEST_PROGRAMS) {
  const isThere = (name) => spawnSync('which', [name]).status === 0
  const missing = programs.filter((names) => !names.some(isThere)).map(([name]) => name)
  if (programs === TEST_PROGRAMS && hasApt()) {
    installMailServers()
    if (!missing.includes(QUICK_BROWSER)) installQuickBrowser()
  }
  if (missing.length === 0) return
  if (!hasApt()) {
    console.error(
      `The tests need ${missing.join(' and ')}: install them with your package manager.`,
    )
    process.exit(1)
  }
  console.error(`Installing ${missing.join(' and ')} for the tests; this happens once …`)
  installByApt(missing)
}

/** Installed even alongside a Chromium; if it cannot be had, the tests use that one. */
function installQuickBrowser() {
  if (process.env.CHROMIUM || existsSync(`/usr/bin/${QUICK_BROWSER}`)) return
  if (spawnSync('apt-cache', ['show', QUICK_BROWSER]).status !== 0) return
  console.error(`Installing ${QUICK_BROWSER} for the tests; this happens once …`)
  try {
    installByApt([QUICK_BROWSER])
  } catch {
    console.error('It could not be installed; the tests use the Chromium already installed.')
  }
}

/**
 * Only installs them: none may start to listen on this machine, or prompt for its configuration.
 */
function installMailServers() {
  // A machine has one mail server: installing Postfix would remove another.
  const hasOther = existsSync('/usr/sbin/sendmail')
  const missing = Object.keys(MAIL_SERVERS).filter(
    (name) => !existsSync(MAIL_SERVERS[name]) && !(name === 'postfix' && hasOther),
  )
  if (missing.length === 0) return
  const input = 'postfix postfix/main_mailer_type select No configuration\n'
  spawnSync('debconf-set-selections', { input })
  console.error(`Installing ${missing.join(', ')} for the tests; this happens once …`)
  const policy = '/usr/sbin/policy-rc.d'
  const isOurs = !existsSync(policy)
  if (isOurs) writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 })
  try {
    installByApt(missing)
  } finally {
    if (isOurs) rmSync(policy)
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await installPackages()
  if (process.argv.includes('--tests')) installTestPrograms()
  if (process.argv.includes('--browsers')) installTestPrograms(BROWSER_PROGRAMS)
}
