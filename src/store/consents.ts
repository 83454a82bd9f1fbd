import { CONSENT_VERSION } from '../domain/consent.ts'
import type { Db } from './sql.ts'
import type { Tables } from './tables.ts'

export interface Consent {
  /** The words the person saw, as they stood on the page. */
  readonly wording: string
  /** Where: the address of the page, or what an operator says. */
  readonly source: string
  /** The network the request came from, /24 or /64: enough for proof, not for a profile. */
  readonly network: string
}

/** Adds a row for each enrollment (standards.md H1). */
export async function record(
  db: Db,
  event: Tables['consents']['event'],
  enrollments: readonly string[],
  consent: Consent,
  now: Temporal.Instant,
): Promise<void> {
  if (enrollments.length === 0) return
  const rows = enrollments.map((enrollment_id) => ({
    ...{ enrollment_id, event, ...consent },
    version: CONSENT_VERSION,
    at: String(now),
  }))
  await db.insertInto('consents').values(rows).execute()
}
