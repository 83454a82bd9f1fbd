/**
 * Mails per day from a domain or address that is new to the mailbox providers (standards.md D22).
 */
const STEPS = [
  { days: 7, perDay: 100 },
  { days: 14, perDay: 500 },
  { days: 21, perDay: 2_000 },
  { days: 28, perDay: 10_000 },
  { days: 42, perDay: 50_000 },
] as const

/** Returns the cap on `date` of a warm-up that began on `start`; null when it is over. */
export function warmUpCap(start: Temporal.PlainDate, date: Temporal.PlainDate): number | null {
  const days = start.until(date, { largestUnit: 'days' }).days
  return STEPS.find((step) => days < step.days)?.perDay ?? null
}
