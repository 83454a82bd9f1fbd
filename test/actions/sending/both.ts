/** A reader who gets a lesson and an inspiration on one morning, and what their mails contain. */
import { BERLIN_SEVEN, enrolled, type TestApp } from '../../support/app.ts'
import type { Mailbox } from '../../support/mailbox.ts'

const COURSE = ['inner-wisdom']
const DAILY = ['daily-inspiration']

/** A reader enrolled in both, each at its own time. */
export async function both(test: TestApp, lesson = '07:00', inspiration = '07:00') {
  const one = { series: COURSE, rhythm: { ...BERLIN_SEVEN, time: lesson } }
  const { first: course } = await enrolled(test, one)
  const other = { series: DAILY, rhythm: { ...BERLIN_SEVEN, time: inspiration } }
  const [daily] = (await enrolled(test, other)).enrollments.filter(({ id }) => id !== course.id)
  if (!daily) throw new Error('the daily was not confirmed')
  // No worker runs yet: what a test plans stays planned until the test settles.
  await test.db.deleteFrom('ledger').execute()
  return { course: course.id, daily: daily.id }
}

export const at = (test: TestApp, moment: string) =>
  test.clock.set(Temporal.ZonedDateTime.from(`${moment}[Europe/Berlin]`).toInstant())

/** Moves the clock to each moment and lets planner and sender work. */
export async function live(test: TestApp, ...moments: string[]) {
  for (const moment of moments) {
    at(test, moment)
    await test.settle()
  }
}

export const rows = async ({ db }: TestApp) => {
  const all = await db
    .selectFrom('deliveries')
    .selectAll()
    .orderBy('local_date')
    .orderBy('kind')
    .execute()
  return all.map(({ kind, local_date, status }) => `${kind} of ${local_date} ${status}`)
}

/**
 * What each mail contains: a lesson is recognized by its line to carry, an inspiration by the
 * name of its series.
 */
export const told = ({ received }: Mailbox) =>
  received
    .map(({ mail }) => mail.text ?? '')
    .map((text) => ({
      lesson: text.includes('TO CARRY THROUGH THE DAY'),
      inspiration: /^The Daily Inspiration$/m.test(text),
    }))
export const ONE = { lesson: true, inspiration: true }
export const LESSON = { lesson: true, inspiration: false }
export const INSPIRATION = { lesson: false, inspiration: true }
