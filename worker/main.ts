/** The worker: plans by the timetable, and sends what the queue holds. */
import { setTimeout as pause } from 'node:timers/promises'
import type { App } from '../src/app/app.ts'
import { SECOND } from '../src/domain/time.ts'
import { jobs } from './jobs.ts'
import { type Entry, timetable } from './timetable.ts'

export interface RunningWorker {
  /** Carries out requests, plans and sweeps once, and waits until that is done. */
  tick(): Promise<void>
  /** Stops planning, finishes mail in flight and returns the remaining jobs to the queue. */
  close(): Promise<void>
}

/** Starts planner, sweep, sender and receiving in this process. */
export async function startWorker(app: App): Promise<RunningWorker> {
  const working = await app.sender.queue.work(jobs(app).deliver, {
    concurrency: app.sender.concurrency,
    giveBack: app.sender.giveBack,
  })
  app.sender.heartbeat.expect('own')
  await app.sender.heartbeat.beat()
  let stopped: Promise<void> | undefined
  const stop = () => {
    stopped ??= working.close().then(app.sender.delivered)
    return stopped
  }
  const loops = [...timetable(app), stopWhenOutdated(app, stop)].map((entry) => repeat(entry, app))
  const receiving = app.receiving.start()
  return {
    tick: async () => {
      await app.sender.processRequests()
      await app.sender.plan()
      await app.sender.sweep()
    },
    close: async () => {
      await Promise.all([receiving, ...loops].map((part) => part.close()))
      await stop()
    },
  }
}

/** Stops taking jobs once the database is a newer version's: its own workers send what is left. */
const stopWhenOutdated = (app: App, stop: () => Promise<void>): Entry => ({
  name: 'stop',
  everyMs: 2 * SECOND,
  run: async () => {
    if (await app.sender.isOutdated()) await stop()
  },
  always: true,
})

/**
 * Runs an entry repeatedly, never concurrently with itself. A failure is logged and the entry tried
 * again. Once another process has migrated the database to a newer version nothing runs any more,
 * except entries with `always`, and failures caused by that are not logged.
 */
export function repeat(
  { name, everyMs, run, nextInMs, afterMs, always }: Entry,
  { log, sender: { isOutdated } }: App,
) {
  const stop = new AbortController()
  const turn = async () => {
    if (!always && (await isOutdated(2 * SECOND))) return everyMs
    await run()
    return (await nextInMs?.()) ?? everyMs
  }
  const rest = (ms: number) => pause(ms, undefined, { signal: stop.signal }).catch(() => {})
  const loop = async () => {
    if (afterMs !== undefined) await rest(afterMs)
    while (!stop.signal.aborted) {
      const next = await turn().catch(async (error) => {
        if (!(await isOutdated()))
          log.error({ err: error }, `${name} failed; it will be tried again`)
        return everyMs
      })
      await rest(Math.min(next, everyMs))
    }
  }
  const done = loop()
  return {
    close: () => {
      stop.abort()
      return done
    },
  }
}
