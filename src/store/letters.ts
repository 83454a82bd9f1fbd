/** What letters of new articles have told, and whom. */
import { sql } from 'kysely'
import type { Told } from '../domain/plan.ts'
import { type Db, instant } from './postgres/sql.ts'

/** Notes what these letters tell; one that stands in the ledger already is left alone. */
export async function add(
  db: Db,
  letters: readonly { readonly id: string; readonly told: Told }[],
): Promise<void> {
  if (letters.length === 0) return
  const rows = letters.map(({ id, told: { articles, through } }) => ({ id, articles, through }))
  await sql`
    insert into letters (delivery_id, articles, through)
    select d.id, array(select jsonb_array_elements_text(l.articles)), l.through
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as l (id uuid, articles jsonb,
      through timestamptz)
    join deliveries d on d.id = l.id
    on conflict do nothing`.execute(db)
}

/** Where a reader stands with a letter. */
export interface LetterPlace {
  readonly id: string
  /** What was published until then they have been told of; what was there when they came, too. */
  readonly since: Temporal.Instant
  /** The date of the last letter that has left; null when none has. */
  readonly lastOn: Temporal.PlainDate | null
}

/**
 * Where the readers of these enrollments stand at `now`. A letter that was not sent in time, or at
 * all, has told nothing; one that is on its way has.
 */
export async function places(
  db: Db,
  enrollments: readonly string[],
  now: Temporal.Instant,
): Promise<LetterPlace[]> {
  if (enrollments.length === 0) return []
  const { rows } = await sql<LetterPlace>`
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

/** The articles that the letter of a date tells, the newest first; none where there is no such. */
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
