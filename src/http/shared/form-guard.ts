/**
 * Tells people from programs that fill in every form they find, without asking anybody anything: by
 * a field that people do not see, and by the time a form was open. Whoever is taken for a program
 * gets the form back with all they entered and passes by pressing the button again: a person whose
 * password manager was quick, or whose page was open since yesterday, loses a second.
 */
import { z } from 'zod'
import { DAY, SECOND } from '../../domain/time.ts'
import type { Key } from '../../locales/locale.ts'
import type { Stamps } from '../../security/stamps.ts'

/** Nobody reads and fills in a form in less. */
const LEAST = 2 * SECOND
const LONGEST_AGE = DAY
/** For how long the same page may be shown again: what is left is for whoever fills in its form. */
export const STAMP_PERIOD = LONGEST_AGE / 2

export const AGAIN = 'form.again' satisfies Key
export const WORK_FIRST = 'form.enroll.work-first' satisfies Key
export const FULL = 'form.full' satisfies Key

const text = z.string().catch('')
const guardShape = z.object({ stamp: text, website: text })
const proofShape = z.object({ altcha: text, slowly: text })

/** Whether a form of ours was filled in by a person, as far as one can tell. */
export function looksHuman(
  form: string,
  body: Record<string, unknown>,
  stamps: Stamps,
  now: Temporal.Instant,
): boolean {
  const age = stamps.age(form, guardShape.parse(body).stamp, now)
  return !isTrapped(body) && age !== null && age >= LEAST && age <= LONGEST_AGE
}

/** Whether the field that nobody sees was filled in. */
export const isTrapped = (body: Record<string, unknown>) => guardShape.parse(body).website !== ''

/** The stamp of a form that is given back: old enough, so that it can be sent again at once. */
export const ripeStamp = (form: string, stamps: Stamps, now: Temporal.Instant) =>
  stamps.make(form, now.subtract({ milliseconds: LEAST }))

/**
 * The answer to a challenge that a form brings, or nothing; and whether no script has reached it:
 * `slowly` stands next to the hint that a script takes away.
 */
export function proofIn(body: Record<string, unknown>): { proof: string; slowly: boolean } {
  const { altcha, slowly } = proofShape.parse(body)
  return { proof: altcha, slowly: slowly === 'yes' }
}
