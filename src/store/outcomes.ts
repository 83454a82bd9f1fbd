/** Outcomes of deliveries that were being sent, written to the ledger in batches. */
import type { RawBuilder } from 'kysely'
import { sql } from 'kysely'
import { OUTSTANDING, type ReasonCode, SENT_OR_MERGED, transitionOf } from '../domain/delivery.ts'
import { type Db, literals, prepared } from './postgres/sql.ts'
import { compactedColumns, insertSendings } from './sendings.ts'
import { countSent } from './sent-counts.ts'

/** A failed attempt, for the history of a delivery. */
export interface Failure {
  readonly at: Temporal.Instant
  /** The server and its answer, without addresses, 600 characters at most. */
  readonly words: string
}

/** The outcome of a delivery that was being sent. */
export interface Result {
  readonly id: string
  /** The attempt it belongs to: what a late worker reports about an earlier one is ignored. */
  readonly attempt: number
  readonly move: 'accept' | 'merge' | 'defer' | 'release' | 'refuse' | 'lose'
  /** For `accept` and `merge`: when. */
  readonly sentAt?: Temporal.Instant
  /** Hash of the text that was sent, or tried. */
  readonly edition?: string
  /** Day of the course that the mail names, where it may have changed since planning. */
  readonly day?: number | undefined
  /** For `defer` and `release`: when to try again. */
  readonly tryAt?: Temporal.Instant
  readonly reason?: string
  readonly reasonCode?: ReasonCode
  /** The server that was tried, by its name in SMTP_URL. */
  readonly server?: string
  /** For `accept` and `merge`: the server's answer, which mostly names the mail's id in its log. */
  readonly reply?: string
  /** For `accept`: the provider's id for it, if the server is a provider's. */
  readonly providerId?: string | undefined
  readonly failure?: Failure
}

const MAX_REASON_LENGTH = 500

/** Failed attempts kept per delivery, the latest ones. */
const MAX_TRIES_KEPT = 10

/**
 * Writes the outcomes of a batch of deliveries in one statement. A `release` does not count as an
 * attempt. An acceptance counts even if the lease has ended meanwhile.
 */
export async function finish(db: Db, results: readonly Result[]): Promise<void> {
  if (results.length === 0) return
  const text = (time: Temporal.Instant | undefined) => (time ? String(time) : null)
  await sql`
    ${prepared('finish')} with done as (update ledger d set
      status = r.status,
      sent_at = r.sent_at,
      day = coalesce(r.day, d.day),
      reason = r.reason,
      reason_code = r.reason_code,
      provider_id = coalesce(r.provider_id, d.provider_id),
      ${compactedColumns(sql`r.status`, {
        edition: sql`coalesce(r.edition, d.edition)`,
        server: sql`coalesce(r.server, d.server)`,
        reply: sql`coalesce(r.reply, d.reply)`,
        tryAt: sql`coalesce(r.try_at, d.try_at)`,
        sentAt: sql`r.sent_at`,
        firstTriedAt: sql`case when d.attempts > 1 then d.first_tried_at end`,
      })},
      tries = ${triesWith(sql`r.failure`)},
      attempts = d.attempts - case when r.status = 'planned' then 1 else 0 end,
      worker = case when r.status in (${literals(OUTSTANDING)}) then d.worker end,
      queued_at = null,
      lost_at = case when r.status = 'unknown' then now() else d.lost_at end
    from unnest(
      ${results.map(({ id }) => id)}::uuid[],
      ${results.map(({ move: name }) => transitionOf(name).to)}::text[],
      ${results.map(({ sentAt }) => text(sentAt))}::timestamptz[],
      ${results.map(({ edition }) => edition ?? null)}::text[],
      ${results.map(({ day }) => day ?? null)}::int[],
      ${results.map(({ tryAt }) => text(tryAt))}::timestamptz[],
      ${results.map(({ reason }) => reason?.replace(/\p{Cc}+/gu, ' ').slice(0, MAX_REASON_LENGTH) ?? null)}::text[],
      ${results.map(({ reasonCode }) => reasonCode ?? null)}::text[],
      ${results.map(({ attempt }) => attempt)}::int[],
      ${results.map(({ server }) => server ?? null)}::text[],
      ${results.map(({ reply }) => reply ?? null)}::text[],
      ${results.map(({ providerId }) => providerId ?? null)}::text[],
      ${results.map(({ failure }) => failure && entryOf(failure))}::text[]
    ) as r (id, status, sent_at, edition, day, try_at, reason, reason_code, attempt, server, reply,
      provider_id, failure)
    where d.id = r.id and d.attempts = r.attempt and d.status in ('sending', 'unknown')
      and (d.status = 'sending' or r.status in (${literals(SENT_OR_MERGED)}))
    returning d.series, d.kind, d.item_id, d.status, d.sent_at, d.sending, d.edition, d.server,
      d.message_id, d.reply
    ), learned as (${insertSendings(sql`done`)})
    ${countSent(sql`select series, kind, item_id, sent_at as at from done
      where status = 'sent'`)}`.execute(db)
}

/** One line of the history: the time to the second, 20 characters, then the words. */
export const entryOf = ({ at, words }: Failure) =>
  `${at.toString({ smallestUnit: 'second' })} ${words}`

/**
 * The history with one more entry, unless that is null or repeats the last one: an outage is one
 * line, not hundreds.
 */
export const triesWith = (entry: RawBuilder<unknown>) => sql`case
  when ${entry}::text is null or substr(d.tries[cardinality(d.tries)], 21) = substr(${entry}::text,
    21) then d.tries
  else (coalesce(d.tries, '{}') || ${entry}::text)[greatest(cardinality(d.tries) -
  ${sql.lit(MAX_TRIES_KEPT - 2)}, 1) : ]
end`
