/** Comments that were not accepted, one per member, so that they need not be written again. */
import { sql } from 'kysely'
import { type Db, instant } from './postgres/sql.ts'

export interface Draft {
  readonly article: string
  readonly form: unknown
}

export const save = (
  db: Db,
  subscriberId: string,
  { article, form }: Draft,
  now: Temporal.Instant,
) =>
  sql`
    insert into comment_drafts (subscriber_id, article, form, kept_at)
    values (${subscriberId}, ${article}, ${JSON.stringify(form)}::jsonb, ${instant(now)})
    on conflict (subscriber_id) do update set article = excluded.article, form = excluded.form,
      kept_at = excluded.kept_at`.execute(db)

export async function of(db: Db, subscriberId: string): Promise<Draft | null> {
  const { rows } = await sql<Draft>`
    select article, form from comment_drafts where subscriber_id = ${subscriberId}`.execute(db)
  return rows[0] ?? null
}

export const drop = (db: Db, subscriberId: string) =>
  sql`delete from comment_drafts where subscriber_id = ${subscriberId}`.execute(db)

/** Deletes drafts kept before `before`. */
export const purge = (db: Db, before: Temporal.Instant) =>
  sql`delete from comment_drafts where kept_at < ${instant(before)}`.execute(db)
