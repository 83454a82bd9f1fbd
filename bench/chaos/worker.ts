/**
 * Like `dawnpost worker`, except for its clock, which the driver moves, and its leases, which are
 * short. Says `up` when it is working. It is never asked to stop: it is killed, or ends when the
 * driver is gone.
 */
import module from 'node:module'
import { openApp } from '../../src/app/app.ts'
import { openSandboxClock } from '../../src/platform/clock.ts'
import { readConfig } from '../../src/platform/config.ts'
import { sandbox } from '../../src/store/index.ts'
import { openDatabase } from '../../src/store/postgres/sql.ts'
import { startWorker } from '../../worker/main.ts'

process.stdin.resume().once('end', () => process.exit(1))
const config = readConfig(process.env)
const { db } = await openDatabase(config.databaseUrl ?? '', () => {})
const clock = await openSandboxClock({
  read: () => sandbox.clockAhead(db),
  write: (aheadMs) => sandbox.moveClock(db, aheadMs),
})
const app = await openApp(config, {
  clock,
  queuePrefix: process.env.CHAOS_QUEUE_PREFIX ?? '',
  leaseSeconds: Number(process.env.CHAOS_LEASE_SECONDS),
})
await startWorker(app)
process.stdout.write('up\n')
module.flushCompileCache()
