/** The courses as readers get them, and what of their folders has not been taken up. */
import { sql } from 'kysely'
import type { Readers } from '../domain/change.ts'
import { moveOf } from '../domain/delivery.ts'
import { byName, type Db } from './sql.ts'

/** The files of a series: name, without the folder, to text. */
export type Files = Readonly<Record<string, string>>

/** The digest of a series that was withdrawn. Its row stays, so that the versions of one that comes back go on. */
const WITHDRAWN = ''

/** What is live: which version of which series. */
export const live = (db: Db) =>
  db
    .selectFrom('courses')
    .select(['slug', 'version', 'digest', 'live_since as since'])
    .where('digest', '<>', WITHDRAWN)
    .orderBy(byName('slug'))
    .execute()

/** A live series with its files; undefined when it is not live (any more). */
export const bySlug = (db: Db, slug: string) =>
  db
    .selectFrom('courses')
    .select(['slug', 'version', 'digest', 'files'])
    .where('slug', '=', slug)
    .executeTakeFirst()

/** When the version of a series that is live became so; null when none is. */
export async function liveSince(db: Db, slug: string): Promise<Temporal.Instant | null> {
  const row = await db
    .selectFrom('courses')
    .select('live_since')
    .where('slug', '=', slug)
    .where('digest', '<>', WITHDRAWN)
    .executeTakeFirst()
  return row?.live_since ?? null
}

/** The key of the advisory lock that stands for what is live. */
const LOCK = 0x0da7_90_57

/** What is live stays so until the transaction ends. Any number may hold it. */
export const hold = async (db: Db) =>
  void (await sql`select pg_advisory_xact_lock_shared(${LOCK})`.execute(db))

/** Waits until nobody holds what is live, and keeps others out until the transaction ends. */
export const holdAlone = async (db: Db) => void (await sql`select pg_advisory_xact_lock(${LOCK})`.execute(db))

/** Makes a version of a series live, unless it is; what was live before is remembered as former. */
export async function put(
  db: Db,
  { slug, digest, files }: { slug: string; digest: string; files: Files },
  now: Temporal.Instant,
): Promise<void> {
  await remember(db, slug, digest)
  await db
    .insertInto('courses')
    .values({ slug, version: 1, digest, files: JSON.stringify(files), live_since: String(now) })
    .onConflict((conflict) =>
      conflict
        .column('slug')
        .doUpdateSet(({ ref }) => ({
          version: sql<number>`courses.version + 1`,
          digest: ref('excluded.digest'),
          files: ref('excluded.files'),
          live_since: ref('excluded.live_since'),
        }))
        .whereRef('courses.digest', '<>', 'excluded.digest'),
    )
    .execute()
}

/** A series is live no more; its readers get nothing of it. */
export async function withdraw(db: Db, slug: string): Promise<void> {
  await remember(db, slug)
  await db.updateTable('courses').set({ digest: WITHDRAWN, files: '{}' }).where('slug', '=', slug).execute()
}

const remember = (db: Db, slug: string, but = WITHDRAWN) =>
  db
    .insertInto('former_courses')
    .columns(['slug', 'digest'])
    .expression((eb) =>
      eb.selectFrom('courses').select(['slug', 'digest']).where('slug', '=', slug).where('digest', '<>', but),
    )
    .onConflict((conflict) => conflict.doNothing())
    .execute()

/** Whether these files were live once. */
export async function isFormer(db: Db, slug: string, digest: string): Promise<boolean> {
  const row = await db
    .selectFrom('former_courses')
    .select('slug')
    .where('slug', '=', slug)
    .where('digest', '=', digest)
    .executeTakeFirst()
  return row !== undefined
}

/** Notes why a change is not taken up, or that it is a draft and not meant to be; `since` stays while it is the same change. */
export const holdBack = (
  db: Db,
  { slug, digest, reason, draft = false }: { slug: string; digest: string; reason: string; draft?: boolean },
  now: Temporal.Instant,
) =>
  db
    .insertInto('held_changes')
    .values({ slug, digest, reason, draft, since: String(now) })
    .onConflict((conflict) =>
      conflict.column('slug').doUpdateSet(({ ref }) => ({
        digest: ref('excluded.digest'),
        reason: ref('excluded.reason'),
        draft: ref('excluded.draft'),
        since: sql<string>`case when held_changes.digest = excluded.digest
          then held_changes.since else excluded.since end`,
      })),
    )
    .execute()

export const letGo = (db: Db, slug: string) =>
  db.deleteFrom('held_changes').where('slug', '=', slug).execute()

/** Leaves only what is held back of these: others are neither live nor in a folder. */
export const forget = (db: Db, allBut: readonly string[]) =>
  db
    .deleteFrom('held_changes')
    .$if(allBut.length > 0, (query) => query.where('slug', 'not in', [...allBut]))
    .execute()

/** Changes that are held back. */
export const held = (db: Db) => notLive(db, false)

/** Courses that are being written. */
export const drafts = (db: Db) => notLive(db, true)

const notLive = (db: Db, draft: boolean) =>
  db
    .selectFrom('held_changes')
    .select(['slug', 'reason', 'since'])
    .where('draft', '=', draft)
    .orderBy(byName('slug'))
    .execute()

/** The readers who are on their way in a series, or asked to be, by what they have had of it. */
export async function readersOf(db: Db, slug: string): Promise<Readers[]> {
  const { rows } = await sql<{ had: string[]; count: string }>`
    select had, count(*) as count
    from (
      select array(
        select d.item from deliveries d where d.enrollment_id = e.id and d.kind = 'lesson' order by d.item
      ) as had
      from enrollments e
      where e.series = ${slug} and e.status in ('pending', 'active')
    ) as readers
    group by had`.execute(db)
  return rows.map(({ had, count }) => ({ had, count: Number(count) }))
}

/** Lessons of a series that have not left are not sent at all. */
export async function skipLessons(db: Db, series: string, items: readonly string[], reason: string) {
  const { from, to } = moveOf('skip')
  await db
    .updateTable('deliveries')
    .set({ status: to, reason })
    .where('series', '=', series)
    .where('kind', '=', 'lesson')
    .where('item', 'in', [...items])
    .where('status', 'in', [...from])
    .execute()
}
