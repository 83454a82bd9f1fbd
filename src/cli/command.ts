/** Shared by all commands: what a command is given, and opening the app for its work. */
import type { Command } from 'commander'
import type { App, Options } from '../app/app.ts'
import { Problem } from '../domain/problem.ts'
import type { Config, Env } from '../platform/config.ts'
import type { SiteFolder } from '../platform/site-folder.ts'
import { addressFrom } from './options.ts'
import type { Stop } from './stop.ts'

export type Print = (text: string) => void

/** Where a person watches: shows a line of progress that disappears when the command ends. */
export interface Terminal {
  readonly isTTY?: boolean
  write(text: string): unknown
}

export interface Context {
  readonly env: Env
  /** The working folder, which typed paths are relative to. */
  readonly cwd: string
  /** Returns the folder the command is for. Throws a Problem if the one named is not a site. */
  readonly site: () => SiteFolder
  /**
   * Returns that site's configuration. Throws ConfigError with everything that is wrong with it.
   */
  readonly readConfig: () => Promise<Config>
  /** Prints a line. */
  readonly print: Print
  readonly stop: Stop
  /** Makes the exit code 1: the command finished, and what it found is a failure. */
  readonly fail: () => void
  /** For output that changes while somebody watches. */
  readonly terminal: Terminal
}

/**
 * Adds a command: its name, arguments, an example, and what it does. The modules it needs are
 * imported when it runs, so that `dawnpost --help` loads none of them.
 */
export type Register = (program: Command, context: Context) => void

/** An example to type, shown below a command's help. */
export const example = (line: string) => `\nExample:\n  $ ${line}\n`

/**
 * For commands that have nothing to do or show if there is no database yet: creating one then would
 * create the wrong one, in a folder nobody meant.
 */
export const EXISTING = { existing: true } as const

/** Recorded as the network of consent that was not given over a network. */
export const NO_NETWORK = { network: 'none' }

/**
 * Opens the app for one piece of work, and closes it. Works while the queue is down: mail is then
 * sent by the sweep.
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
 * The same for a person in the database. Throws a Problem `not_found` if nobody has the address.
 */
export function withSubscriber(
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
