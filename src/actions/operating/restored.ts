import type { Series } from '../../domain/course.ts'
import { messageOf } from '../../domain/problem.ts'
import { type ReplayedMail, replay } from '../../domain/replay.ts'
import { NIL_UUID } from '../../domain/uuid.ts'
import type { Logger } from '../../platform/log.ts'
import type * as stores from '../../store/index.ts'
import type { Db } from '../../store/postgres/sql.ts'
import { type Deps as NewsDeps, withNews } from '../shared/news.ts'
import type { LineageGuard } from './lineage.ts'

export interface Deps extends Pick<NewsDeps, 'articles'> {
  readonly db: Db
  readonly now: () => Temporal.Instant
  readonly log: Logger
  readonly stores: Pick<typeof stores, 'lineage' | 'restored' | 'due' | 'deliveries' | 'letters'>
  readonly series: ReadonlyMap<string, Series>
  readonly lockCourses: (tx: Db) => Promise<void>
  readonly resends: number
  readonly newId: (now: Temporal.Instant) => string
  /** Domain of Message-IDs. */
  readonly domain: string
  readonly place: string
  readonly lineage: Pick<LineageGuard, 'follow'>
}

/** What has to be decided after a backup was restored. */
export interface RestoreQuestion {
  /** Whether nothing is sent until it is answered. */
  readonly held: boolean
  /** When the backup was made, or a few seconds earlier; null if that is unknown. */
  readonly from: string | null
  readonly until: string
  readonly due: readonly stores.restored.DueCount[]
}

const PAGE = 500

/** After a restore: what was due since the backup, and what to do about it. */
export const openRestored = (deps: Deps) => ({
  /**
   * Returns what was due until `until`. If there is anything, holds back all mail, even if nobody
   * noticed a restore.
   */
  ask: async (until: Temporal.Instant): Promise<RestoreQuestion> => {
    const due = await dueSince(until, deps)
    if (due.length > 0) await deps.stores.lineage.hold(deps.db, deps.now())
    const { heldSince, heldFrom, markedAt } = await deps.stores.lineage.read(deps.db)
    const from = heldSince ? heldFrom : markedAt
    return { held: heldSince !== null, from: from && String(from), until: String(until), due }
  },
  /** Has it sent as the planner would, under the same Message-IDs. */
  send: () => releaseMails(deps),
  /** Counts what was due until `until` as sent, has the rest sent, and returns how many counted. */
  countAsSent: async (until: Temporal.Instant): Promise<number> => {
    await deps.stores.lineage.hold(deps.db, deps.now())
    const counted = await countAll(until, deps)
    await releaseMails(deps)
    return counted
  },
})

async function releaseMails({ db, now, place, stores, lineage }: Deps): Promise<void> {
  await stores.lineage.release(db, { place, now: now() })
  await lineage.follow()
}

async function spanUntil(until: Temporal.Instant, { db, stores, resends }: Deps) {
  const { heldSince, heldFrom, markedAt } = await stores.lineage.read(db)
  return { from: heldSince ? heldFrom : markedAt, until, resends }
}

async function dueSince(until: Temporal.Instant, deps: Deps): Promise<stores.restored.DueCount[]> {
  const span = await spanUntil(until, deps)
  const sent = await deps.stores.restored.count(deps.db, span)
  const counts = new Map(sent.map(({ series, date, mails }) => [`${date} ${series}`, mails]))
  for await (const page of pages(span, deps)) {
    for (const { row, mails } of page) {
      for (const outcome of mails) {
        const key = `${morningOf(outcome).on} ${row.series}`
        counts.set(key, (counts.get(key) ?? 0) + 1)
      }
    }
  }
  return [...counts]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, mails]) => ({ date: key.slice(0, 10), series: key.slice(11), mails }))
}

const morningOf = (outcome: ReplayedMail) =>
  'mail' in outcome ? outcome.mail.morning : outcome.morning

/** Yields what is due, page by page, with what was to be done about it. */
async function* pages(span: stores.restored.RestoredSpan, deps: Deps) {
  for (let after = NIL_UUID; ; ) {
    const rows = await deps.stores.due.dueBy(deps.db, slugs(deps), { ...span, after, limit: PAGE })
    if (rows.length === 0) return
    yield replayed(await withNews(deps.db, { rows, now: span.until }, deps), span.until, deps)
    after = rows.at(-1)?.id ?? after
  }
}

const slugs = ({ series }: Deps) => [...series.keys()]

type Row = Awaited<ReturnType<typeof stores.due.dueBy>>[number]

/** An enrollment that cannot be planned is left to the planner, which sets it aside. */
function replayed<R extends Row>(
  rows: readonly R[],
  until: Temporal.Instant,
  { series, log }: Deps,
) {
  return rows.flatMap((row) => {
    try {
      return [{ row, ...replay(series.get(row.series) as Series, row, until) }]
    } catch (error) {
      log.warn({ enrollment: row.id, reason: messageOf(error) }, 'an enrollment cannot be planned')
      return []
    }
  })
}

/** If interrupted, continues where it was: what has been counted is no longer due. */
async function countAll(until: Temporal.Instant, deps: Deps): Promise<number> {
  const { db, stores, domain } = deps
  const span = await spanUntil(until, deps)
  let counted = await stores.restored.countAsSent(db, span, domain)
  for (let after = NIL_UUID; ; ) {
    const page = await db.transaction().execute((tx) => countPage(tx, { ...span, after }, deps))
    counted += page.counted
    if (page.last === null) return counted
    after = page.last
  }
}

async function countPage(
  tx: Db,
  span: stores.restored.RestoredSpan & { after: string },
  deps: Deps,
) {
  const { stores, domain } = deps
  const at = deps.now()
  const rows = await stores.due.dueBy(tx, slugs(deps), { ...span, limit: PAGE, claim: true })
  if (rows.length === 0) return { counted: 0, last: null }
  await deps.lockCourses(tx)
  const known = rows.filter(({ series }) => deps.series.has(series))
  const informed = await withNews(tx, { rows: known, now: span.until }, deps)
  const done = replayed(informed, span.until, deps)
  const planned = done.flatMap(({ row, mails }) =>
    mails.flatMap((outcome) =>
      'mail' in outcome
        ? [
            {
              ...outcome.mail,
              id: deps.newId(at),
              enrollmentId: row.id,
              series: row.series,
              unqueued: true as const,
            },
          ]
        : [],
    ),
  )
  const redated = done.flatMap(({ mails }) =>
    mails.flatMap((outcome) => ('mail' in outcome ? [] : [outcome])),
  )
  for (const { delivery, morning } of redated)
    await stores.deliveries.redate(tx, delivery, morning, false)
  const ids = [
    ...(await stores.deliveries.add(tx, planned, at)),
    ...redated.map(({ delivery }) => delivery),
  ]
  const letters = planned.flatMap(({ id, announced }) => (announced ? [{ id, announced }] : []))
  await stores.letters.add(tx, letters)
  const counted = await stores.restored.countTheseAsSent(tx, ids, domain)
  await stores.due.advance(
    tx,
    done.map(({ row, next }) => ({ id: row.id, next })),
    at,
  )
  return { counted, last: rows.at(-1)?.id ?? null }
}
