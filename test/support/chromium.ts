/**
 * Debian's Chromium: the one without windows where there is one, since it does the same in a third
 * of the time.
 */
import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'

const CHROMIUMS = ['/usr/bin/chromium-headless-shell', '/usr/bin/chromium']
const FLAGS = [
  // Every page is a new one, and its scripts run once: to compile them well, and to tidy up after
  // them, costs more than it saves.
  '--js-flags=--no-opt,--no-maglev,--min-semi-space-size=32',
  // All pages are ours: none has to be kept from another by a process of its own.
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
