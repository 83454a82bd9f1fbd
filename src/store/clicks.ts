/** Which links of lessons are followed, by readers who agree that it is counted. */
import { sql } from 'kysely'
import { type Db, instant, prepared } from './postgres/sql.ts'

/** Whatever follows a link sooner after its mail than this is a program (standards.md H13). */
const SCANNED_SECONDS = 60
/** More links of a mail than this within as many seconds are followed by a program. */
const [MOST_AT_ONCE, AT_ONCE_SECONDS] = [3, 10]
/** Links of older mails are not counted, so that what was followed need not be known for longer. */
const COUNTED_DAYS = 30

/** Notes that a reader agrees from now on, or, by null, no more. Says whether that is news. */
export async function agree(db: Db, id: string, since: Temporal.Instant | null): Promise<boolean> {
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

/** Since when a reader agrees; null when they do not. */
export async function agreedSince(db: Db, id: string): Promise<Temporal.Instant | null> {
  const row = await db
    .selectFrom('enrollments')
    .select('clicks_since')
    .where('id', '=', id)
    .executeTakeFirst()
  return row?.clicks_since ?? null
}

interface Followed {
  readonly delivery: string
  /** Its place among those of the mail. */
  readonly link: number
  readonly url: string
  /** Series whose author counts. */
  readonly series: readonly string[]
}

/**
 * Notes that a link was followed, to be counted by `settle`. Nothing for a reader who does not
 * agree now or has left, for a link that was noted before, and where the mail has just gone, or
 * long ago.
 */
export const mark = (db: Db, { delivery, link, url, series }: Followed, now: Temporal.Instant) =>
  sql`
    insert into click_marks (delivery_id, link, url, at)
    select d.id, ${link}, ${url}, ${instant(now)}
    from deliveries d join enrollments e on e.id = d.enrollment_id
    where d.id = ${delivery}::uuid and d.kind = 'lesson' and d.series = any (${[...series]}::text[])
      and e.clicks_since is not null and e.status in ('active', 'completed')
      and d.sent_at <= ${instant(now.subtract({ seconds: SCANNED_SECONDS }))}
      and d.sent_at > ${instant(now.subtract({ hours: 24 * COUNTED_DAYS }))}
    on conflict do nothing`.execute(db)

/**
 * Counts what was followed and forgets when. The links of a mail wait until none of them has been
 * followed for a while; those that were followed too many at once count nothing.
 */
export const settle = (db: Db, now: Temporal.Instant) => {
  const span = sql`make_interval(secs => ${AT_ONCE_SECONDS})`
  return sql`
    ${prepared('settle-clicks')} with waiting as (
      select *, count(*) over (
        partition by delivery_id order by at range between ${span} preceding and current row
      ) as until_then
      from click_marks
      where at is not null and delivery_id in (
        select delivery_id from click_marks where at is not null group by delivery_id
        having max(at) < ${instant(now.subtract({ seconds: AT_ONCE_SECONDS }))}
      )
    ), judged as (
      select *, max(until_then) over (
        partition by delivery_id order by at range between current row and ${span} following
      ) > ${MOST_AT_ONCE} as scanned
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

/** Forgets who followed what in mails that count no more. */
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

/** How often each link of a series was followed, the most followed of a lesson first. */
export async function counts(db: Db, series: string): Promise<LinkCount[]> {
  const { rows } = await sql<LinkCount>`
    select item, url, sum(count)::int as count from lesson_clicks where series = ${series}
    group by item, url order by item, count desc, url`.execute(db)
  return rows
}

/** How many readers a series has that are on their way or through, and how many of them agree. */
export async function readers(db: Db, series: string) {
  const { rows } = await sql<{ all: number; counted: number }>`
    select count(*)::int as "all", count(clicks_since)::int as counted
    from enrollments where series = ${series} and status in ('active', 'completed')`.execute(db)
  return rows[0] ?? { all: 0, counted: 0 }
}
