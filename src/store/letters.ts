/** What letters of new articles have told, and to whom. */
import { sql } from 'kysely'
import type { AnnouncedArticles } from '../domain/plan.ts'
import { type Db, instant } from './postgres/sql.ts'

/** Records what these letters tell; a letter that was in the ledger before is left alone. */
export async function add(
  db: Db,
  letters: readonly { readonly id: string; readonly announced: AnnouncedArticles }[],
): Promise<void> {
  if (letters.length === 0) return
  const rows = letters.map(({ id, announced: { articles, through } }) => ({
    id,
    articles,
    through,
  }))
  await sql`
    insert into letters (delivery_id, articles, through)
    select d.id, array(select jsonb_array_elements_text(l.articles)), l.through
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as l (id uuid, articles jsonb,
      through timestamptz)
    join deliveries d on d.id = l.id
    on conflict do nothing`.execute(db)
}

/** Up to where a reader's letters have told them what is new. */
export interface LetterPosition {
  readonly id: string
  /** They know what was published up to this instant, including what was there when they joined. */
  readonly since: Temporal.Instant
  /** Date of the last letter that has left or may still leave in time; null if there is none. */
  readonly lastOn: Temporal.PlainDate | null
}

/**
 * Returns up to where the readers of these enrollments have been told at `now`. A letter that
 * expired, was skipped or can no longer leave has told nothing; one that is on its way has.
 */
export async function places(
  db: Db,
  enrollments: readonly string[],
  now: Temporal.Instant,
): Promise<LetterPosition[]> {
  if (enrollments.length === 0) return []
  const { rows } = await sql<LetterPosition>`
    select e.id, coalesce(max(l.through), e.confirmed_at, e.created_at) as since,
      max(d.local_date) as "lastOn"
    from enrollments e
    left join deliveries d on d.enrollment_id = e.id and d.kind = 'letter'
      and d.status not in ('expired', 'skipped')
      and (d.status not in ('planned', 'retry') or d.until > ${instant(now)})
    left join letters l on l.delivery_id = d.id
    where e.id = any (${[...enrollments]}::uuid[])
    group by e.id`.execute(db)
  return rows
}

/** Returns the articles in the letter of a date, newest first; none if there is no such letter. */
export async function toldIn(
  db: Db,
  { enrollmentId, item }: { readonly enrollmentId: string; readonly item: string },
): Promise<readonly string[]> {
  const row = await db
    .selectFrom('letters as l')
    .innerJoin('deliveries as d', 'd.id', 'l.delivery_id')
    .select('l.articles')
    .where('d.enrollment_id', '=', enrollmentId)
    .where('d.kind', '=', 'letter')
    .where('d.item', '=', item)
    .executeTakeFirst()
  return row?.articles ?? []
}
