/** Column types for times and dates. */
import type { ColumnType } from 'kysely'

/** Read as Temporal.Instant, written as text: see sql.ts. */
export type Time = ColumnType<Temporal.Instant, string, string>
export type MaybeTime = ColumnType<
  Temporal.Instant | null,
  string | null | undefined,
  string | null
>
export type Day = ColumnType<Temporal.PlainDate, string, string>
export type MaybeDay = ColumnType<
  Temporal.PlainDate | null,
  string | null | undefined,
  string | null
>
