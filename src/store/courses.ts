/** Courses as readers get them, and what has not been published of their folders. */
import { sql } from 'kysely'
import type { ReaderGroup } from '../domain/change.ts'
import { transitionOf } from '../domain/delivery.ts'
import { ONGOING } from '../domain/enrollment.ts'
import { hasNoTryLeft } from './eligibility.ts'
import { LESSONS_BY_PART } from './lessons-unsent.ts'
import { byName, type Db, literals, prepared } from './postgres/sql.ts'

/** The files of a series: text by name, without the folder. */
export type Files = Readonly<Record<string, string>>

/**
 * Digest of a series that was withdrawn. Its row stays, so that its version numbers go on if it
 * comes back.
 */
const WITHDRAWN = ''

/** Returns what is live: which version of which series. */
export const live = (db: Db) =>
  db
    .selectFrom('courses')
    .modifyFront(prepared('live-courses'))
    .select(['slug', 'version', 'digest', 'live_since as since'])
    .where('digest', '<>', WITHDRAWN)
    .orderBy(byName('slug'))
    .execute()

/** Returns a live series with its files; undefined if it is not live. */
export const bySlug = (db: Db, slug: string) =>
  db
    .selectFrom('courses')
    .select(['slug', 'version', 'digest', 'files'])
    .where('slug', '=', slug)
    .where('digest', '<>', WITHDRAWN)
    .executeTakeFirst()

/** Returns when the live version of a series became so; null if none is. */
export async function liveSince(db: Db, slug: string): Promise<Temporal.Instant | null> {
  const row = await db
    .selectFrom('courses')
    .select('live_since')
    .where('slug', '=', slug)
    .where('digest', '<>', WITHDRAWN)
    .executeTakeFirst()
  return row?.live_since ?? null
}

/** Key of the advisory lock on what is live. */
const LOCK = 0x0da7_90_57

/** Keeps what is live unchanged until the transaction ends. Any number may hold this lock. */
export const lock = async (db: Db) =>
  void (await sql`select pg_advisory_xact_lock_shared(${LOCK})`.execute(db))

/** Waits until nobody holds that lock, and keeps others out until the transaction ends. */
export const lockExclusively = async (db: Db) =>
  void (await sql`select pg_advisory_xact_lock(${LOCK})`.execute(db))

interface Version {
  readonly slug: string
  readonly digest: string
  readonly files: Files
  /** Whether no reader waits for what it brings: see `markSettled`. */
  readonly settled: boolean
}

/** Makes a version of a series live, unless it is; records the one before it as former. */
export async function put(
  db: Db,
  { slug, digest, files, settled }: Version,
  now: Temporal.Instant,
): Promise<void> {
  await recordFormer(db, slug, digest)
  await db
    .insertInto('courses')
    .values({
      slug,
      version: 1,
      digest,
      files: JSON.stringify(files),
      live_since: String(now),
      settled,
    })
    .onConflict((conflict) =>
      conflict
        .column('slug')
        .doUpdateSet(({ ref }) => ({
          version: sql<number>`courses.version + 1`,
          digest: ref('excluded.digest'),
          files: ref('excluded.files'),
          live_since: ref('excluded.live_since'),
          settled: sql<boolean>`courses.settled and excluded.settled`,
        }))
        .whereRef('courses.digest', '<>', 'excluded.digest'),
    )
    .execute()
}

/** Returns live series whose waiting readers have not all been given what has changed. */
export async function unsettled(db: Db): Promise<string[]> {
  const rows = await db
    .selectFrom('courses')
    .select('slug')
    .where('settled', '=', false)
    .where('digest', '<>', WITHDRAWN)
    .execute()
  return rows.map(({ slug }) => slug)
}

/** Records that all readers who waited for a series have been given what has changed. */
export const markSettled = (db: Db, slug: string) =>
  db.updateTable('courses').set({ settled: true }).where('slug', '=', slug).execute()

/** Withdraws a live series; its readers get nothing more of it. */
export async function withdraw(db: Db, slug: string): Promise<void> {
  await recordFormer(db, slug)
  await db
    .updateTable('courses')
    .set({ digest: WITHDRAWN, files: '{}' })
    .where('slug', '=', slug)
    .execute()
}

const recordFormer = (db: Db, slug: string, but = WITHDRAWN) =>
  db
    .insertInto('former_courses')
    .columns(['slug', 'digest'])
    .expression((eb) =>
      eb
        .selectFrom('courses')
        .select(['slug', 'digest'])
        .where('slug', '=', slug)
        .where('digest', '<>', but),
    )
    .onConflict((conflict) => conflict.doNothing())
    .execute()

/** Returns whether these files were ever live. */
export async function isFormer(db: Db, slug: string, digest: string): Promise<boolean> {
  const row = await db
    .selectFrom('former_courses')
    .select('slug')
    .where('slug', '=', slug)
    .where('digest', '=', digest)
    .executeTakeFirst()
  return row !== undefined
}

/**
 * Records why a change is not published, or that it is a draft and not meant to be; `since` stays
 * while it is the same change.
 */
export const block = (
  db: Db,
  {
    slug,
    digest,
    base = null,
    reason,
    draft = false,
  }: Partial<Comparison> &
    Pick<Comparison, 'slug' | 'digest'> & { reason: string; draft?: boolean },
  now: Temporal.Instant,
) =>
  db
    .insertInto('blocked_changes')
    .values({ slug, digest, base, reason, draft, since: String(now), compared_at: sql`now()` })
    .onConflict((conflict) =>
      conflict.column('slug').doUpdateSet(({ ref }) => ({
        digest: ref('excluded.digest'),
        base: ref('excluded.base'),
        compared_at: ref('excluded.compared_at'),
        reason: ref('excluded.reason'),
        draft: ref('excluded.draft'),
        since: sql<string>`case when blocked_changes.digest = excluded.digest
          then blocked_changes.since else excluded.since end`,
      })),
    )
    .execute()

export const unblock = (db: Db, slug: string) =>
  db.deleteFrom('blocked_changes').where('slug', '=', slug).execute()

/** Keeps only what is blocked of these: other series are neither live nor in a folder. */
export const pruneBlocked = (db: Db, allBut: readonly string[]) =>
  db
    .deleteFrom('blocked_changes')
    .$if(allBut.length > 0, (query) => query.where('slug', 'not in', [...allBut]))
    .execute()

/** Changes that are blocked. */
export const blocked = (db: Db) => notLive(db, false)

/** Courses that are being written. */
export const drafts = (db: Db) => notLive(db, true)

const notLive = (db: Db, draft: boolean) =>
  db
    .selectFrom('blocked_changes')
    .select(['slug', 'reason', 'since'])
    .where('draft', '=', draft)
    .orderBy(byName('slug'))
    .execute()

const isOngoing = sql`e.status = any (${[...ONGOING]}::text[])`

/** Counts the readers who are on their way in a series, or have asked to be. */
export async function countReaders(db: Db, slug: string): Promise<number> {
  const { rows } = await sql<{ count: string }>`
    select count(*) as count from enrollments e where e.series = ${slug} and ${isOngoing}`.execute(
    db,
  )
  return Number(rows[0]?.count)
}

/**
 * Groups the same readers by what they have had of it. Reads all their lessons in the ledger, so
 * ask only where it matters. Groups are told apart by a digest of 64 bits, and what they have had
 * is read from one reader of each.
 */
export async function groupReaders(db: Db, slug: string): Promise<ReaderGroup[]> {
  const { rows } = await sql<{ had: string[]; count: string }>`
    select array(
        select d.item
        from (select alike.one as id) as e, lateral (${LESSONS_BY_PART}) as d order by d.item
      ) as had, alike.count
    from (
      select min(readers.id::text)::uuid as one, count(*) as count
      from (
        select e.id, hashtextextended(array(
          select d.item from (${LESSONS_BY_PART}) as d order by d.item
        )::text, 0) as digest
        from enrollments e
        where e.series = ${slug} and ${isOngoing}
      ) as readers
      group by digest
    ) as alike`.execute(db)
  return rows.map(({ had, count }) => ({ had, count: Number(count) }))
}

/**
 * Skips the lessons of a series that have not left, except those just being claimed. Reads all
 * lessons that wait, so it must not run while others are kept out.
 */
export async function skipLessons(
  db: Db,
  series: string,
  items: readonly string[],
  reason: string,
) {
  const { from, to } = transitionOf('skip')
  const ofItems = sql`d.series = ${series} and d.item = any (${[...items]}::text[])`
  const tried = sql`d.status in ('planned', 'retry') and d.try_at < d.until and d.kind = 'lesson'`
  const untried = sql`${hasNoTryLeft} and d.kind = 'lesson'`
  for (const which of [tried, untried]) {
    await sql`
      update ledger set status = ${to}, reason = ${reason}, reason_code = null
      where status in (${literals(from)}) and id = any (array(
        select d.id from ledger d where ${which} and ${ofItems} for update skip locked
      ))`.execute(db)
  }
}

/** Key of the advisory lock for comparing a folder with what is live. */
const COMPARING_LOCK = 0x0da7_90_58

/** Waits until no other process compares, and keeps them from it until the transaction ends. */
export async function lockComparing(db: Db): Promise<void> {
  // A role's timeouts are meant for pages: this waits for another process, and then for something
  // else to be done.
  await sql`select set_config(name, '0', true) from unnest(
    '{statement_timeout,lock_timeout,idle_in_transaction_session_timeout}'::text[]) as
      name`.execute(db)
  await sql`select pg_advisory_xact_lock(${COMPARING_LOCK})`.execute(db)
}

/** What a blocked change was compared with. */
export interface Comparison {
  readonly slug: string
  readonly digest: string
  /** Digest of what is live; null if nothing is. */
  readonly base: string | null
}

/**
 * Returns why another process has just blocked the same change, compared with the same; null if
 * none has.
 */
export async function recentBlockReason(
  db: Db,
  { slug, digest, base }: Comparison,
): Promise<string | null> {
  const { rows } = await sql<{ reason: string }>`
    select reason from blocked_changes
    where slug = ${slug} and digest = ${digest} and base is not distinct from ${base} and not draft
      and compared_at > now() - interval '1 minute'`.execute(db)
  return rows[0]?.reason ?? null
}
