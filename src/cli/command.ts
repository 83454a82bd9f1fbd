/** What the files of the commands share: what a command is given, and the app for its work. */
import type { Command } from 'commander'
import type { App, Options } from '../app/app.ts'
import { Problem } from '../domain/problem.ts'
import type { Config, Env } from '../platform/config.ts'
import type { SiteFolder } from '../platform/site-folder.ts'
import { addressFrom } from './options.ts'
import type { Stop } from './stop.ts'

export type Print = (text: string) => void

/** Where one watches: it gets a line that counts, which ends with the command. */
export interface Terminal {
  readonly isTTY?: boolean
  write(text: string): unknown
}

/** What a command is given. */
export interface Context {
  readonly env: Env
  /** The working folder: what paths that are typed are relative to. */
  readonly cwd: string
  /** The folder that the command is for. Throws a Problem when one is named that is no site. */
  readonly site: () => SiteFolder
  /** The configuration of that site. Throws ConfigError with all that is wrong with it. */
  readonly readConfig: () => Promise<Config>
  /** Prints a line. */
  readonly print: Print
  readonly stop: Stop
  /** The command has done its work, and what it found is a failure. */
  readonly fail: () => void
  /** For what changes while one looks on. */
  readonly terminal: Terminal
}

/**
 * Adds a command: its name, what it takes, an example, and what it does. What that needs is read
 * when it runs, so that `dawnpost --help` reads nothing of it.
 */
export type Register = (program: Command, context: Context) => void

/** A line to type, beneath the help of a command. */
export const example = (line: string) => `\nExample:\n  $ ${line}\n`

/**
 * For what can have nothing to do, or to tell, where there is no database yet: one that were made
 * then would be the wrong one, in a folder nobody meant.
 */
export const EXISTING = { existing: true } as const

/** On record where nobody asked over a network. */
export const NO_NETWORK = { network: 'none' }

/**
 * Opens the app for one piece of work, and closes it. Works with a queue that is down: what it
 * sends waits for the sweep.
 */
export async function withApp<T>(
  config: Config,
  work: (app: App) => Promise<T>,
  options: Options = {},
): Promise<T> {
  const { openApp } = await import('../app/app.ts')
  const app = await openApp(config, { queueWhenNeeded: true, ...options })
  try {
    return await work(app)
  } finally {
    await app.close()
  }
}

/**
 * The same, for somebody who is there. Throws a Problem `not_found` when nobody has the address.
 */
export function withSomebody(
  config: Config,
  text: string,
  use: (app: App, subscriberId: string) => Promise<void>,
): Promise<void> {
  const address = addressFrom(text)
  return withApp(
    config,
    async (app) => {
      const subscriber = await app.operator.subscriberByKey(address.key)
      if (!subscriber) throw new Problem('not_found', 'operator.reader.unknown')
      await use(app, subscriber.id)
    },
    EXISTING,
  )
}
