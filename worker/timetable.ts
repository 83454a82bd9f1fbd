/** Every recurring job and how often it runs, on one page. */
import type { App } from '../src/app/app.ts'
import { HOUR, MINUTE, SECOND } from '../src/domain/time.ts'

export interface Entry {
  readonly name: string
  readonly everyMs: number
  readonly run: () => Promise<unknown>
  /**
   * When there will be something to do, if that is known: it is not waited for longer than that.
   */
  readonly nextInMs?: () => Promise<number | null>
  /** For how long it is not run at first; by default it is run at once. */
  readonly afterMs?: number
  /** Also when the database has become a newer version's, which ends all else. */
  readonly always?: true
}

/** What has waited for an hour waits until the process has begun with its mail. */
const CALM = 10 * SECOND

/**
 * Each worker process runs all of it: planner and sweep pass over rows that another process holds,
 * so more processes do no harm, and none has to be the one that must not die.
 */
export const timetable = (app: App): readonly Entry[] => [
  courses(app),
  articles(app),
  heartbeat(app),
  { name: 'lineage', everyMs: 5 * SECOND, run: app.sender.lineage.advance },
  { name: 'plan', everyMs: SECOND, run: app.sender.planOn, nextInMs: app.sender.nextDueInMs },
  { name: 'sweep', everyMs: 2 * SECOND, run: app.sender.sweep },
  { name: 'renew', everyMs: app.sender.renewEveryMs, run: app.sender.renewLease },
  // What a web process took down and did not get to; it has most of it done by itself.
  { name: 'requests', everyMs: 5 * SECOND, run: app.sender.takeRequests },
  { name: 'mails about comments', everyMs: MINUTE, run: app.comments.mail },
  { name: 'answers of people', everyMs: 15 * SECOND, run: app.receiving.forward },
  { name: 'purge of answers', everyMs: HOUR, afterMs: CALM, run: app.receiving.purge },
  { name: 'guard rails', everyMs: MINUTE, run: app.sender.guard },
  { name: 'purge', everyMs: HOUR, afterMs: CALM, run: app.sender.purge },
  { name: 'months of the ledger', everyMs: HOUR, run: app.sender.keepLedger },
  { name: 'move of the old ledger', everyMs: MINUTE, run: app.sender.moveOldLedger },
]

/**
 * Publishes what an author has saved, and loads what another process has made live. The pages need
 * it, too.
 */
export const courses = (app: App): Entry => ({
  name: 'courses',
  everyMs: 2 * SECOND,
  run: app.author.courses.follow,
})

/** The same of articles, by itself: neither keeps the other from being published. */
export const articles = (app: App): Entry => ({
  name: 'articles',
  everyMs: 2 * SECOND,
  run: app.author.articles.follow,
})

/** Shows that the process is alive, and what it does. Processes with pages only do so, too. */
export const heartbeat = (app: App): Entry => ({
  name: 'heartbeat',
  everyMs: 5 * SECOND,
  run: app.sender.heartbeat.beat,
})
