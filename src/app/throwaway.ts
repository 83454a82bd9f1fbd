/** An app that leaves nothing behind. */
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { SandboxClock } from '../platform/clock.ts'
import type { Config } from '../platform/config.ts'
import { hasEmbedded, openEmbedded } from '../store/postgres/embedded.ts'
import { createScratch, type Scratch } from '../store/postgres/scratch.ts'
import { openApp } from './app.ts'
import { newKey } from './keys.ts'

/**
 * Opens an app for a simulation: its mail is caught, its clock is `clock`, and its database, queue
 * and key are created for it and deleted with it. `series`: slugs of those that are of interest; by
 * default, all.
 */
export async function openThrowaway(
  config: Config,
  clock: SandboxClock,
  series?: ReadonlySet<string>,
) {
  await using opened = new AsyncDisposableStack()
  const scratch = await scratchFor(config, opened)
  const settings = {
    ...config,
    databaseUrl: scratch.url,
    // This folder does not exist, so nothing about this database is noted anywhere.
    dataDir: join(tmpdir(), `dawnpost-throwaway-${randomBytes(6).toString('hex')}`),
    secretKeys: config.secretKeys.length > 0 ? config.secretKeys : [newKey()],
    mail: { ...config.mail, servers: null },
  }
  const queuePrefix = `dawnpost-throwaway-${randomBytes(4).toString('hex')}`
  const options = { clock, queuePrefix, ...(series && { rehearsed: series }) }
  const app = opened.adopt(await openApp(settings, options), (app) => app.close())
  opened.defer(() => app.sender.queue.destroy())
  const held = opened.move()
  return { app, close: () => held.disposeAsync() }
}

/** Uses the configured server or the one in DATA_DIR; if there is none, starts a temporary one. */
async function scratchFor(
  { databaseUrl, dataDir }: Config,
  opened: AsyncDisposableStack,
): Promise<Scratch> {
  const drop = (scratch: Scratch) => scratch.drop()
  if (databaseUrl) return opened.adopt(await createScratch(databaseUrl), drop)
  const folder = (await hasEmbedded(dataDir))
    ? dataDir
    : opened.adopt(await mkdtemp(join(tmpdir(), 'dawnpost-')), (path) =>
        rm(path, { recursive: true, force: true }),
      )
  const server = opened.adopt(await openEmbedded(folder), (pg) => pg.close())
  return opened.adopt(await server.createScratch(), drop)
}
