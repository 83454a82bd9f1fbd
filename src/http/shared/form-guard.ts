/**
 * Distinguishes people from bots that fill in every form, without asking anybody anything: by a
 * field that people do not see, and by how long the form was open. Anyone taken for a bot gets the
 * form back with all they entered, and passes by pressing the button again: a person whose password
 * manager was quick, or whose page was open since yesterday, loses a second.
 */
import { z } from 'zod'
import { DAY, SECOND } from '../../domain/time.ts'
import type { Key } from '../../locales/locale.ts'
import type { FormTimestamps } from '../../security/form-timestamps.ts'

/** Nobody reads and fills in a form faster than this. */
const MIN_FILL_MS = 2 * SECOND
const MAX_STAMP_AGE_MS = DAY
/**
 * How long the same page may be served again; the rest of a stamp's life is for filling in the
 * form.
 */
export const STAMP_PERIOD = MAX_STAMP_AGE_MS / 2

export const SUBMIT_AGAIN = 'form.again' satisfies Key
export const WORK_FIRST = 'form.enroll.work-first' satisfies Key
export const FULL = 'form.full' satisfies Key

const text = z.string().catch('')
const guardShape = z.object({ stamp: text, website: text })
const proofShape = z.object({ altcha: text, slowly: text })

/** Returns whether one of our forms was filled in by a person, as far as one can tell. */
export function looksHuman(
  form: string,
  body: Record<string, unknown>,
  stamps: FormTimestamps,
  now: Temporal.Instant,
): boolean {
  const age = stamps.age(form, guardShape.parse(body).stamp, now)
  return !isHoneypotFilled(body) && age !== null && age >= MIN_FILL_MS && age <= MAX_STAMP_AGE_MS
}

/** Returns whether the field that people do not see was filled in. */
export const isHoneypotFilled = (body: Record<string, unknown>) =>
  guardShape.parse(body).website !== ''

/** Returns a stamp for a form that is given back, old enough for it to be resent immediately. */
export const agedStamp = (form: string, stamps: FormTimestamps, now: Temporal.Instant) =>
  stamps.make(form, now.subtract({ milliseconds: MIN_FILL_MS }))

/**
 * Returns the challenge's solution that a form carries, or an empty string, and whether it was sent
 * without JavaScript: `slowly` is a field next to the hint that the script removes.
 */
export function proofIn(body: Record<string, unknown>): { proof: string; slowly: boolean } {
  const { altcha, slowly } = proofShape.parse(body)
  return { proof: altcha, slowly: slowly === 'yes' }
}
