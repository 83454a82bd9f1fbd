/**
 * The series, kind and item that many mails share, such as a lesson: stored once, for rows of the
 * ledger to refer to by number (migration 0064).
 */
import { type RawBuilder, sql } from 'kysely'
import { type DeliveryKind, SHARED_ITEMS } from '../domain/delivery.ts'
import { type Db, literals, prepared } from './postgres/sql.ts'

/** Identifies what is in a mail. */
export interface LedgerItem {
  readonly series: string
  readonly kind: DeliveryKind
  readonly item: string
}

/** Whether a row m is of a kind whose items are shared. */
const isShared = sql<boolean>`m.kind in (${literals(SHARED_ITEMS)})`

/** The number of what is in a mail m, if `ensureItems` knows of it; null if it is not shared. */
export const itemIdOf = sql<number | null>`case when ${isShared} then (
  select i.id from ledger_items i where i.series = m.series and i.kind = m.kind and i.item = m.item
) end`

/** Returns the number of what is in a mail; null if it is not shared. */
export type NumberOf = (item: LedgerItem) => number | null

/**
 * Adds those that are new, and returns all their numbers. Another process that adds the same at the
 * moment is waited for. Added in an order, so that two processes never wait for each other.
 */
export async function ensureItems(db: Db, items: readonly LedgerItem[]): Promise<NumberOf> {
  const shared = new Map(
    items
      .filter(({ kind }) => SHARED_ITEMS.some((one) => one === kind))
      .map((item) => [keyOf(item), item]),
  )
  const numbers = new Map<string, number>()
  // What another process has just added is only seen by the next statement.
  while (numbers.size < shared.size)
    for (const row of await addSome(db, [...shared.values()])) numbers.set(keyOf(row), row.id)
  return (item) => numbers.get(keyOf(item)) ?? null
}

const keyOf = ({ series, kind, item }: LedgerItem) => JSON.stringify([series, kind, item])

async function addSome(db: Db, items: readonly LedgerItem[]) {
  const column = (name: keyof LedgerItem) => items.map((one) => one[name])
  const { rows } = await sql<LedgerItem & { id: number }>`
    ${prepared('ensure-items')} with known as (
      select m.series, m.kind, m.item, i.id from unnest(
        ${column('series')}::text[], ${column('kind')}::text[], ${column('item')}::text[]
      ) as m (series, kind, item) left join ledger_items i using (series, kind, item)
    ), added as (
      insert into ledger_items (series, kind, item)
      select series, kind, item from known where id is null
      order by 1, 2, 3 on conflict do nothing returning series, kind, item, id
    )
    select * from known where id is not null union all select * from added`.execute(db)
  return rows
}

const of = <T>(column: keyof LedgerItem): RawBuilder<T> =>
  sql.raw(`coalesce(d.${column}, (select i.${column} from ledger_items i where i.id = d.item_id))`)

/** Values of a row d of the ledger in any state. */
export const seriesOf = of<string>('series')
export const kindOf = of<DeliveryKind>('kind')
export const itemOf = of<string>('item')
