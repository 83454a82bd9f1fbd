/** Mornings in Berlin: running through them, and the mails that they bring. */
import type { TestApp } from './app.ts'

export const lessons = async ({ db }: TestApp) => {
  const rows = await db
    .selectFrom('deliveries')
    .selectAll()
    .where('kind', '=', 'lesson')
    .orderBy('id')
    .execute()
  return rows.map(({ day, local_date, status }) => `day ${day} on ${local_date}: ${status}`)
}
export const berlin = (text: string) =>
  Temporal.ZonedDateTime.from(`${text}[Europe/Berlin]`).toInstant()
export const kinds = async ({ db }: TestApp, status: 'sent' | 'merged' | 'planned' | 'expired') => {
  const rows = await db
    .selectFrom('deliveries')
    .select(['kind', 'day'])
    .where('status', '=', status)
    .orderBy('id')
    .execute()
  return rows.map(({ kind, day }) => (day ? `${kind} ${day}` : kind))
}
/** Moves to each moment and lets planner and sender run. */
export async function live(test: TestApp, ...moments: string[]) {
  for (const moment of moments) {
    test.clock.set(berlin(moment))
    await test.settle()
  }
}
