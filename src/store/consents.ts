import { sql } from 'kysely'
import type { ConsentRecord } from '../domain/consent.ts'
import { type Db, instant } from './postgres/sql.ts'
import type { Tables } from './postgres/tables.ts'

export interface Consent extends ConsentRecord {
  /** The address of the page, or what an operator states. */
  readonly source: string
  /** The network the request came from, /24 or /64: enough for proof, not for a profile. */
  readonly network: string
}

/** Adds a row for each enrollment (standards.md H1); runs the same statement if there are none. */
export async function record(
  db: Db,
  event: Tables['consents']['event'],
  enrollments: readonly string[],
  { wording, language, version, source, network }: Consent,
  now: Temporal.Instant,
): Promise<void> {
  await sql`
    insert into consents (enrollment_id, event, wording, language, version, source, network, at)
    select id, ${event}, ${wording}, ${language}, ${version}, ${source}, ${network}, ${instant(now)}
    from unnest(${[...enrollments]}::uuid[]) as asked (id)`.execute(db)
}
