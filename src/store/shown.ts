/** Inspirations that dailies have shown on past dates. */
import { sql } from 'kysely'
import type { Db } from './postgres/sql.ts'

export interface ShownRecord {
  readonly on: Temporal.PlainDate
  readonly title: string
  readonly html: string
}

/** Records what a daily has shown; dates already recorded stay as they are. */
export async function save(db: Db, series: string, records: readonly ShownRecord[]): Promise<void> {
  await sql`
    insert into shown_inspirations (series, shown_on, title, html)
    select ${series}, one.* from unnest(
      ${records.map(({ on }) => String(on))}::date[],
      ${records.map(({ title }) => title)}::text[],
      ${records.map(({ html }) => html)}::text[]
    ) as one
    on conflict do nothing`.execute(db)
}

/** Returns what was recorded for the dates from `from` to `to`, inclusive. */
export const between = (
  db: Db,
  series: string,
  { from, to }: { from: Temporal.PlainDate; to: Temporal.PlainDate },
): Promise<ShownRecord[]> =>
  db
    .selectFrom('shown_inspirations')
    .select(['shown_on as on', 'title', 'html'])
    .where('series', '=', series)
    .where('shown_on', '>=', sql<Temporal.PlainDate>`${String(from)}::date`)
    .where('shown_on', '<=', sql<Temporal.PlainDate>`${String(to)}::date`)
    .execute()
