/** Which mail a report is about, and whose (standards.md C1, C6). */
import { readAddress } from '../../domain/address.ts'
import { type Report, type ReportSource, TRUSTED_SOURCES } from '../../domain/report.ts'
import { isBefore } from '../../domain/time.ts'
import type { ReturnPaths, ReturnPathTarget } from '../../security/return-paths.ts'
import type * as stores from '../../store/index.ts'
import type { Db } from '../../store/postgres/sql.ts'

export interface Deps {
  readonly stores: Pick<typeof stores, 'reports' | 'subscribers' | 'enrollments' | 'commentMails'>
  readonly returnPaths: ReturnPaths
  /** Distinguishes the mails of an enrollment: see security/return-paths.ts. */
  readonly itemMarkOf: (mail: Pick<stores.reports.ReportedMail, 'kind' | 'item'>) => string
}

export interface FoundMail {
  readonly subscriberId: string
  /** Null for a mail that is not a delivery, or whose row is gone. */
  readonly enrollmentId: string | null
  readonly mail: stores.reports.ReportedMail | null
  readonly addressHash: Buffer
  /** Whether that is the subscriber's current address. */
  readonly isTheirs: boolean
  /** Whether the report names the address that the mail went to, or no address. */
  readonly isSameRecipient: boolean
}

interface MailQuery {
  readonly report: Report
  readonly source: ReportSource
  /** The local part that the report was sent to. */
  readonly envelopeTo: string | null
}

/**
 * Finds the mail by its return path; otherwise, if the source proves itself, by the provider's id
 * for it; otherwise by its Message-ID together with its recipient or, for such a source, by the
 * recipient alone. Returns null if nothing that names it can be verified: anybody can write a
 * bounce (C1).
 */
export async function findMail(
  tx: Db,
  { report, source, envelopeTo }: MailQuery,
  deps: Deps,
): Promise<FoundMail | null> {
  for (const localPart of [envelopeTo, report.of.returnPath]) {
    const returned = localPart && deps.returnPaths.read(localPart)
    const found = returned ? await byReturnPath(tx, returned, report, deps) : null
    if (found) return found
  }
  const known = TRUSTED_SOURCES.has(source) ? await byProviderId(tx, report, deps) : null
  return known ?? byRecipient(tx, { report, source }, deps)
}

async function byProviderId(tx: Db, report: Report, { stores }: Deps): Promise<FoundMail | null> {
  const { providerId } = report.of
  const mail = providerId && (await stores.reports.mailByProviderId(tx, providerId))
  const subscriber = mail && (await stores.subscribers.byId(tx, mail.subscriberId))
  return mail && subscriber
    ? foundOf(subscriber, { enrollmentId: mail.enrollmentId, mail, report })
    : null
}

async function byReturnPath(
  tx: Db,
  returned: ReturnPathTarget,
  report: Report,
  { stores, itemMarkOf }: Deps,
): Promise<FoundMail | null> {
  if (returned.of === 'comment mail') {
    const mail = await stores.commentMails.recipientOf(tx, returned.id)
    const subscriber =
      mail?.subscriber_id && (await stores.subscribers.byId(tx, mail.subscriber_id))
    if (!mail || !subscriber) return null
    const isTheirs = subscriber.address_hash.equals(mail.address_hash)
    return {
      subscriberId: subscriber.id,
      enrollmentId: null,
      mail: null,
      addressHash: mail.address_hash,
      isTheirs,
      isSameRecipient: namesSame(report, subscriber.address_key),
    }
  }
  const { enrollmentId, mark } = returned
  const enrollment = await stores.enrollments.byId(tx, enrollmentId)
  const subscriber = enrollment && (await stores.subscribers.byId(tx, enrollment.subscriber_id))
  if (!subscriber) return null
  const mails = await stores.reports.mailsOfEnrollment(tx, enrollmentId)
  const mail = mails.find((mailed) => itemMarkOf(mailed) === mark) ?? null
  return foundOf(subscriber, { enrollmentId, mail, report })
}

async function byRecipient(
  tx: Db,
  { report, source }: Omit<MailQuery, 'envelopeTo'>,
  { stores }: Deps,
): Promise<FoundMail | null> {
  const address = report.recipient === null ? null : readAddress(report.recipient)
  const subscriber = address && (await stores.subscribers.byKey(tx, address.key))
  if (!subscriber) return null
  const { messageId } = report.of
  const mail =
    messageId === null
      ? undefined
      : await stores.reports.mailByMessageId(tx, { subscriberId: subscriber.id, messageId })
  if (mail) return foundOf(subscriber, { enrollmentId: mail.enrollmentId, mail, report })
  return TRUSTED_SOURCES.has(source)
    ? foundOf(subscriber, { enrollmentId: null, mail: null, report })
    : null
}

function foundOf(
  subscriber: stores.subscribers.Subscriber,
  { enrollmentId, mail, report }: Pick<FoundMail, 'enrollmentId' | 'mail'> & { report: Report },
): FoundMail {
  const { id, address_hash, address_key, address_since: since } = subscriber
  const wasEarlier = since !== null && mail?.at != null && isBefore(mail.at, since)
  return {
    subscriberId: id,
    enrollmentId,
    mail,
    addressHash: mail?.recipientHash ?? address_hash,
    isTheirs: !mail?.recipientHash && !wasEarlier,
    isSameRecipient: namesSame(report, address_key),
  }
}

/** Whether a report names this address or none; it may name one that the mail was forwarded to. */
function namesSame({ recipient }: Report, key: string): boolean {
  const named = recipient === null ? null : readAddress(recipient)
  return named === null || named.key === key
}
