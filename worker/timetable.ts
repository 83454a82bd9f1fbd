/** Every recurring job and how often it runs, on one page. */
import type { App } from '../src/app/app.ts'
import { HOUR, MINUTE, SECOND } from '../src/domain/time.ts'

export interface Entry {
  readonly name: string
  readonly everyMs: number
  readonly run: () => Promise<unknown>
  /** Milliseconds until there is something to do, null if unknown; the next run comes no later. */
  readonly nextInMs?: () => Promise<number | null>
  /** Milliseconds before the first run; by default it runs immediately. */
  readonly afterMs?: number
  /** Runs even after a newer version has migrated the database, which stops all other entries. */
  readonly always?: true
}

/** Hourly work waits at startup until the process has begun with its mail. */
const STARTUP_DELAY_MS = 10 * SECOND

/**
 * Every worker process runs all entries: planner and sweep skip rows that another process holds, so
 * more processes do no harm, and none is a single point of failure.
 */
export const timetable = (app: App): readonly Entry[] => [
  courses(app),
  articles(app),
  heartbeat(app),
  { name: 'lineage', everyMs: 5 * SECOND, run: app.sender.lineage.advance },
  { name: 'plan', everyMs: SECOND, run: app.sender.planNewlyDue, nextInMs: app.sender.nextDueInMs },
  { name: 'sweep', everyMs: 2 * SECOND, run: app.sender.sweep },
  { name: 'renew', everyMs: app.sender.renewEveryMs, run: app.sender.renewLease },
  // Requests that a web process recorded but did not get to; it carries out most of them itself.
  { name: 'requests', everyMs: 5 * SECOND, run: app.sender.processRequests },
  { name: 'mails about comments', everyMs: MINUTE, run: app.comments.mail },
  { name: 'forwarding of replies', everyMs: 15 * SECOND, run: app.receiving.forward },
  { name: 'purge of replies', everyMs: HOUR, afterMs: STARTUP_DELAY_MS, run: app.receiving.purge },
  { name: 'guard rails', everyMs: MINUTE, run: app.sender.guard },
  { name: 'purge', everyMs: HOUR, afterMs: STARTUP_DELAY_MS, run: app.sender.purge },
  { name: 'ledger months', everyMs: HOUR, run: app.sender.maintainLedger },
  { name: 'move of the old ledger', everyMs: MINUTE, run: app.sender.moveOldLedger },
]

/**
 * Publishes what an author has saved, and loads what another process has made live. Web processes
 * need it, too.
 */
export const courses = (app: App): Entry => ({
  name: 'courses',
  everyMs: 2 * SECOND,
  run: app.author.courses.follow,
})

/** The same for articles, separately: neither keeps the other from being published. */
export const articles = (app: App): Entry => ({
  name: 'articles',
  everyMs: 2 * SECOND,
  run: app.author.articles.follow,
})

/**
 * Records that the process is alive, and what it does. Processes that only serve pages run it, too.
 */
export const heartbeat = (app: App): Entry => ({
  name: 'heartbeat',
  everyMs: 5 * SECOND,
  run: app.sender.heartbeat.beat,
})
