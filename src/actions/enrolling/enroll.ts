import type { Address } from '../../domain/address.ts'
import { rhythmBeside } from '../../domain/consent.ts'
import { ownFieldsOf, type Series } from '../../domain/course.ts'
import { answersTo, type FieldValues } from '../../domain/own-fields.ts'
import { Problem } from '../../domain/problem.ts'
import type { Rhythm } from '../../domain/rhythm.ts'
import { beginningOf } from '../../domain/starts.ts'
import type * as stores from '../../store/index.ts'
import type { Db } from '../../store/postgres/sql.ts'
import { type Deps as MailDeps, planRequestedMail } from '../shared/plan-requested-mail.ts'

export interface EnrollmentRequest {
  readonly address: Address
  readonly firstName: string
  /** Rhythm of the first series; a daily alongside it comes every day at the same time. */
  readonly rhythm: Rhythm
  /** Answers to own fields, as far as the series still ask for them. */
  readonly fields?: FieldValues
  /** The series asked for; the confirmation mail is named after the first. */
  readonly series: readonly Series[]
  readonly consent: stores.consents.Consent
  /** When it was asked for, if that is not now. */
  readonly askedAt?: Temporal.Instant
  /** An operator vouches for the consent and confirms, so no mail asks for confirmation. */
  readonly vouched?: true
}

export interface Deps extends MailDeps {
  readonly db: Db
  readonly now: () => Temporal.Instant
  readonly stores: MailDeps['stores'] &
    Pick<typeof stores, 'subscribers' | 'enrollments' | 'consents'>
}

/**
 * Confirmation mails for one pending enrollment: the first, and one more at the person's request
 * (H2).
 */
const MAX_CONFIRMATION_MAILS = 2

/**
 * Stores an enrollment as pending and asks the address to confirm it (double opt-in).
 *
 * Does not reveal whether the address was known. What is already ongoing stays as it is. While
 * something waits for confirmation, a second request sends one more mail, and no address gets two
 * in a day (standards.md H2, I4).
 *
 * @throws Problem `forbidden` when an operator vouches for an address that was suppressed or erased
 * (H6, H16); `invalid` when no start of the first series is left to join.
 */
export async function enroll(request: EnrollmentRequest, deps: Deps): Promise<void> {
  const now = deps.now()
  const [first] = request.series
  if (first && !beginningOf(first, request.rhythm, now))
    throw new Problem('invalid', 'form.enroll.closed', { params: { title: first.title } })
  await deps.db.transaction().execute((tx) => enrollWithin(tx, request, now, deps))
}

/**
 * Enrolls within a transaction, without checking for a start. Makes the same queries for every
 * address (standards.md I2).
 */
export async function enrollWithin(
  tx: Db,
  request: EnrollmentRequest,
  now: Temporal.Instant,
  deps: Deps,
): Promise<void> {
  const { stores, addressHashes } = deps
  const [hash, ...oldHashes] = addressHashes(request.address.key)
  await stores.suppressions.rekey(tx, oldHashes, hash)
  if (request.vouched && (await stores.suppressions.has(tx, hash)))
    throw new Problem('forbidden', 'operator.reader.suppressed')
  const person = {
    address: request.address.spec,
    key: request.address.key,
    hash,
    firstName: request.firstName,
    language: request.series[0]?.language ?? 'en',
  }
  const subscriber = await stores.subscribers.findOrAdd(tx, person, now)
  const added: string[] = []
  for (const series of request.series) {
    const rhythm = rhythmBeside(series, request)
    const fields = answersTo(ownFieldsOf(series), request.fields ?? {})
    const wanted = { subscriberId: subscriber.id, series: series.slug, rhythm, fields }
    const id = await stores.enrollments.addPending(tx, wanted, now)
    if (id) added.push(id)
  }
  await stores.consents.record(tx, 'asked', added, request.consent, request.askedAt ?? now)
  if (!request.vouched) await requestConfirmation(tx, subscriber.id, request.address.key, now, deps)
}

async function requestConfirmation(
  tx: Db,
  subscriberId: string,
  to: string,
  now: Temporal.Instant,
  deps: Deps,
) {
  const { stores } = deps
  const enrollments = await stores.enrollments.ofSubscriber(tx, subscriberId, { lock: true })
  const waiting = enrollments.find(({ status }) => status === 'pending')
  const sent = await stores.deliveries.confirmations(tx, subscriberId)
  const unanswered = sent.filter(({ status }) => status === 'pending').length
  const mail =
    waiting && unanswered < MAX_CONFIRMATION_MAILS
      ? { enrollment: waiting, item: String(unanswered + 1) }
      : null
  await planRequestedMail(tx, { kind: 'confirm', to, mail }, now, deps)
}
