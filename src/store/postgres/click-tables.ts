import type { Day, MaybeTime } from './columns.ts'

/** The tables of migration 0053: which links of lessons were followed. */
export interface ClickTables {
  click_marks: { delivery_id: string; link: number; url: string | null; at: MaybeTime }
  lesson_clicks: { series: string; item: string; url: string; on_date: Day; count: number }
}
