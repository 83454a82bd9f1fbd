/** Which links of lessons are followed, by readers who agree to be counted. */
import { sql } from 'kysely'
import { type Db, instant, prepared } from './postgres/sql.ts'

/** A link followed sooner than this after its mail was followed by a program (standards.md H13). */
const MIN_HUMAN_DELAY_SECONDS = 60
/** More links of one mail than this within this many seconds are followed by a program. */
const [MAX_BURST_CLICKS, BURST_SECONDS] = [3, 10]
/** Links in older mails are not counted, so that clicks need not be remembered for longer. */
const COUNTED_DAYS = 30

/**
 * Records that a reader agrees from `since` on or, if null, no longer. Returns whether that is new.
 */
export async function setConsent(
  db: Db,
  id: string,
  since: Temporal.Instant | null,
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('enrollments')
    .set({ clicks_since: since && String(since) })
    .where('id', '=', id)
    .where('clicks_since', since ? 'is' : 'is not', null)
    .executeTakeFirst()
  if (!since)
    await db
      .deleteFrom('click_marks')
      .where('at', 'is not', null)
      .where('delivery_id', 'in', (of) =>
        of.selectFrom('deliveries').select('id').where('enrollment_id', '=', id),
      )
      .execute()
  return numUpdatedRows > 0n
}

/** Returns since when a reader has agreed; null if they do not. */
export async function consentSince(db: Db, id: string): Promise<Temporal.Instant | null> {
  const row = await db
    .selectFrom('enrollments')
    .select('clicks_since')
    .where('id', '=', id)
    .executeTakeFirst()
  return row?.clicks_since ?? null
}

interface FollowedLink {
  readonly delivery: string
  /** Index of the link among those of the mail. */
  readonly link: number
  readonly url: string
  /** Series whose author counts clicks. */
  readonly series: readonly string[]
}

/**
 * Records a followed link, to be counted by `aggregate`. Does nothing if the reader does not agree
 * now or has left, if the link was recorded before, or if the mail left just now or long ago.
 */
export const record = (
  db: Db,
  { delivery, link, url, series }: FollowedLink,
  now: Temporal.Instant,
) =>
  sql`
    insert into click_marks (delivery_id, link, url, at)
    select d.id, ${link}, ${url}, ${instant(now)}
    from deliveries d join enrollments e on e.id = d.enrollment_id
    where d.id = ${delivery}::uuid and d.kind = 'lesson' and d.series = any (${[...series]}::text[])
      and e.clicks_since is not null and e.status in ('active', 'completed')
      and d.sent_at <= ${instant(now.subtract({ seconds: MIN_HUMAN_DELAY_SECONDS }))}
      and d.sent_at > ${instant(now.subtract({ hours: 24 * COUNTED_DAYS }))}
    on conflict do nothing`.execute(db)

/**
 * Counts the followed links and forgets when each was followed. The links of a mail wait until none
 * of them has been followed for a while; those followed in a burst are not counted.
 */
export const aggregate = (db: Db, now: Temporal.Instant) => {
  const span = sql`make_interval(secs => ${BURST_SECONDS})`
  return sql`
    ${prepared('settle-clicks')} with waiting as (
      select *, count(*) over (
        partition by delivery_id order by at range between ${span} preceding and current row
      ) as until_then
      from click_marks
      where at is not null and delivery_id in (
        select delivery_id from click_marks where at is not null group by delivery_id
        having max(at) < ${instant(now.subtract({ seconds: BURST_SECONDS }))}
      )
    ), judged as (
      select *, max(until_then) over (
        partition by delivery_id order by at range between current row and ${span} following
      ) > ${MAX_BURST_CLICKS} as scanned
      from waiting
    ), dropped as (
      delete from click_marks m using judged j
      where j.scanned and m.delivery_id = j.delivery_id and m.link = j.link and m.at = j.at
    ), taken as (
      update click_marks m set url = null, at = null from judged j
      where not j.scanned and m.delivery_id = j.delivery_id and m.link = j.link and m.at = j.at
      returning j.delivery_id, j.url, j.at
    )
    insert into lesson_clicks (series, item, url, on_date, count)
    select d.series, d.item, t.url, (t.at at time zone 'UTC')::date, count(*)
    from taken t join deliveries d on d.id = t.delivery_id
    group by 1, 2, 3, 4 order by 1, 2, 3, 4
    on conflict (series, item, url, on_date) do update
      set count = lesson_clicks.count + excluded.count`.execute(db)
}

/** Forgets who followed what in mails too old to be counted. */
export const purge = (db: Db, now: Temporal.Instant) =>
  sql`
    delete from click_marks m using deliveries d
    where d.id = m.delivery_id and m.at is null
      and d.sent_at <= ${instant(now.subtract({ hours: 24 * COUNTED_DAYS }))}`.execute(db)

export interface LinkCount {
  readonly item: string
  readonly url: string
  readonly count: number
}

/**
 * Returns how many times each link of a series was followed, each lesson's most followed link
 * first.
 */
export async function counts(db: Db, series: string): Promise<LinkCount[]> {
  const { rows } = await sql<LinkCount>`
    select item, url, sum(count)::int as count from lesson_clicks where series = ${series}
    group by item, url order by item, count desc, url`.execute(db)
  return rows
}

/** Counts a series' active and completed readers, and those of them who agree. */
export async function readers(db: Db, series: string) {
  const { rows } = await sql<{ all: number; counted: number }>`
    select count(*)::int as "all", count(clicks_since)::int as counted
    from enrollments where series = ${series} and status in ('active', 'completed')`.execute(db)
  return rows[0] ?? { all: 0, counted: 0 }
}
