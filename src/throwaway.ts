/** An app that leaves nothing behind. */
import { randomBytes } from 'node:crypto'
import { openApp } from './app.ts'
import type { SandboxClock } from './clock.ts'
import type { Config } from './config.ts'
import { openEmbedded } from './store/embedded.ts'
import { createScratch } from './store/scratch.ts'

/**
 * Opens an app for a simulation: its mail is caught, its clock is `clock`, and its database and queue are
 * made for it and go with it.
 */
export async function openThrowaway(config: Config, clock: SandboxClock) {
  await using opened = new AsyncDisposableStack()
  const server =
    config.databaseUrl ?? opened.adopt(await openEmbedded(config.dataDir), (pg) => pg.close()).url
  const scratch = opened.adopt(await createScratch(server), (database) => database.drop())
  const settings = { ...config, databaseUrl: scratch.url, mail: { ...config.mail, servers: null } }
  const queuePrefix = `dawnpost-throwaway-${randomBytes(4).toString('hex')}`
  const app = opened.adopt(await openApp(settings, { clock, queuePrefix }), (one) => one.close())
  opened.defer(() => app.queue.destroy())
  const held = opened.move()
  return { app, close: () => held.disposeAsync() }
}
