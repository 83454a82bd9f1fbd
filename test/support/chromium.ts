/**
 * Debian's Chromium: the headless shell if it is installed, since it does the same in a third of
 * the time.
 */
import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'

const CHROMIUMS = ['/usr/bin/chromium-headless-shell', '/usr/bin/chromium']
const FLAGS = [
  // Every page is new and runs its scripts once: optimizing them and collecting garbage costs more
  // than it saves.
  '--js-flags=--no-opt,--no-maglev,--min-semi-space-size=32',
  // All pages are ours: they need no separate processes to isolate them.
  '--renderer-process-limit=1',
  '--process-per-site',
  '--disable-site-isolation-trials',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
]

export async function openBrowser(): Promise<Browser> {
  const executablePath = process.env.CHROMIUM ?? CHROMIUMS.find((path) => existsSync(path))
  if (executablePath === undefined) {
    throw new Error(
      `the browser tests need Chromium at ${CHROMIUMS.join(' or ')}: \`npm test\` installs it on Debian; elsewhere set CHROMIUM`,
    )
  }
  return chromium.launch({ executablePath, args: FLAGS })
}
