import { newUntil } from '../../domain/address.ts'
import { ownFieldsOf, type Series } from '../../domain/course.ts'
import { isReadable } from '../../domain/delivery.ts'
import type { FieldValues } from '../../domain/own-fields.ts'
import { Problem } from '../../domain/problem.ts'
import { dateIn, isBefore } from '../../domain/time.ts'
import type { Key, Locales } from '../../locales/locale.ts'
import type { Links } from '../../security/links.ts'
import type * as stores from '../../store/index.ts'
import type { Db } from '../../store/postgres/sql.ts'
import { type Deps as MailDeps, mailOnRequest } from '../shared/mail-on-request.ts'
import { untilSent } from './until-sent.ts'

export interface Deps extends MailDeps {
  readonly db: Db
  readonly now: () => Temporal.Instant
  readonly series: ReadonlyMap<string, Series>
  readonly links: Links
  readonly locales: Locales
  readonly stores: MailDeps['stores'] &
    Pick<typeof stores, 'subscribers' | 'enrollments' | 'rights'>
}

export type Right = 'export' | 'erase'

/**
 * Somebody's data wait while their address is new: until then only the old one can tell whether it
 * is they.
 */
const waitFor = (until: Temporal.Instant, zone: string) => ({
  key: 'data.wait' as const,
  params: { day: { date: String(dateIn(zone, until)) } },
})

/**
 * Mails somebody the link by which they see all that is known of them, or have it deleted: at most
 * one of each a day, and only to somebody who once confirmed. The mail makes sure that it is they
 * who ask. Leaving takes no right away.
 *
 * @throws Problem `forbidden` with a message at the field `right` while their address is new.
 */
export async function askForRight(enrollmentId: string, right: Right, deps: Deps): Promise<void> {
  const { db, now, stores } = deps
  await db.transaction().execute(async (tx) => {
    const enrollment = await stores.enrollments.byId(tx, enrollmentId)
    const person = enrollment && (await stores.subscribers.byId(tx, enrollment.subscriber_id))
    if (!enrollment || !person) throw new Problem('expired', 'data.gone')
    const at = now()
    const wait = newUntil(person.address_since, at)
    if (wait) {
      const message = waitFor(wait, enrollment.zone)
      throw new Problem('forbidden', message.key, {
        params: message.params,
        fields: { right: message },
      })
    }
    const all = await stores.enrollments.ofSubscriber(tx, person.id)
    const mail = all.some(({ confirmed_at }) => confirmed_at !== null) ? { enrollment } : null
    await mailOnRequest(tx, { kind: right, to: person.address_key, mail }, at, deps)
  })
}

/** What stands for an address, or the network of its owner, that a person had earlier. */
const EARLIER = 'data.earlier-address' satisfies Key

/**
 * All that is known of a subscriber, as it stands in the tables, in words that a person and a
 * program can read (GDPR, 15 and 20; standards.md H5).
 *
 * @throws Problem `expired` when there is no such person (any more).
 */
export async function exportData(subscriberId: string, deps: Deps) {
  const { db, series, stores } = deps
  const person = await stores.subscribers.byId(db, subscriberId)
  if (!person) throw new Problem('expired', 'data.gone')
  const rows = await stores.rights.everything(db, person)
  const at = deps.now()
  return {
    exportedAt: at,
    person: {
      address: person.address,
      addressSince: person.address_since,
      firstName: person.first_name,
      language: person.language,
      since: person.created_at,
    },
    member: memberData(rows),
    enrollments: rows.enrollments.map((row) => ({
      series: row.series,
      title: series.get(row.series)?.title ?? row.series,
      language: series.get(row.series)?.language ?? null,
      status: row.status,
      rhythm: stores.enrollments.rhythmOf(row),
      answers: answersIn(row.fields, series.get(row.series)),
      pausedSince: row.paused_at,
      pausedUntil: row.paused_until,
      nextAt: row.due_at,
      askedAt: row.created_at,
      confirmedAt: row.confirmed_at,
      endedAt: row.ended_at,
      consents: of(rows.consents, row.id).map(consentData),
      practices: of(rows.practices, row.id).map(({ item, done_at: doneAt }) => ({
        lesson: item,
        doneAt,
      })),
      mails: of(rows.deliveries, row.id).map((mail) => mailData(mail, person, { ...deps, at })),
    })),
    suppressions: rows.suppressions.map(({ reason, created_at: since }) => ({ reason, since })),
    requests: rows.requests.map(
      ({ series: slugs, asked_at: askedAt, fields, wording, network }) => ({
        series: slugs,
        askedAt,
        answers: fields,
        wording,
        network,
      }),
    ),
    changesOfAddress: rows.changes.map((change) => ({
      from: change.from_address,
      to: change.to_address,
      askedAt: change.asked_at,
      confirmedAt: change.confirmed_at,
      undoneAt: change.undone_at,
    })),
    comments: rows.comments.map(commentData),
    wantsAnswersByMail: rows.wantsAnswers,
    mailsAboutComments: rows.commentMails,
  }
}

type Everything = Awaited<ReturnType<typeof stores.rights.everything>>

/** Null for somebody who has never signed in. */
const memberData = ({ member, sessions }: Pick<Everything, 'member' | 'sessions'>) =>
  member
    ? {
        name: member.name,
        since: member.joined_at,
        blockedSince: member.blocked_at,
        sessions: sessions.map(({ began_at: since, seen_at: lastVisit }) => ({ since, lastVisit })),
      }
    : null

/** Each with its question, as far as it is still asked. */
const answersIn = (fields: FieldValues, series: Series | undefined) =>
  Object.entries(fields).map(([name, value]) => {
    const field = series && ownFieldsOf(series).find((one) => one.name === name)
    return { field: name, question: field?.label ?? null, answer: value }
  })

const commentData = (comment: Everything['comments'][number]) => {
  const { article, text, status, parent, createdAt, editedAt, publishedAt } = comment
  return { article, text, status, isAnswer: parent !== null, createdAt, editedAt, publishedAt }
}

const of = <T extends { enrollment_id: string }>(all: readonly T[], id: string) =>
  all.filter((record) => record.enrollment_id === id)

const consentData = (consent: Everything['consents'][number]) => {
  const { event, wording, language, version, source, network, at } = consent
  return { event, wording, language, version, source, network, at }
}

function mailData(
  mail: Everything['deliveries'][number],
  { address, address_since: since, epoch, language }: stores.subscribers.Subscriber,
  { links, at, locales }: Pick<Deps, 'links' | 'locales'> & { readonly at: Temporal.Instant },
) {
  const earlier = locales.of(language ?? undefined).t(EARLIER)
  const url = () => links.url('lessons', { id: mail.id, epoch }, at)
  return {
    kind: mail.kind,
    item: mail.item,
    day: mail.day,
    date: mail.local_date,
    status: mail.status,
    reason: mail.reason,
    dueAt: mail.due_at,
    sentAt: mail.sent_at,
    messageId: mail.message_id,
    writtenTo: mail.first_name,
    ...(mail.fields && { answers: mail.fields }),
    sentTo: mail.recipient ?? (since && isBefore(mail.created_at, since) ? earlier : address),
    relay: relayOf(mail),
    readAt: isReadable(mail.kind) && mail.sent_at ? url() : null,
  }
}

/** Where an operator finds a mail in the log of the server that had it. Nothing of the person. */
const relayOf = ({ server, reply, tries }: Relay): Relay | undefined =>
  server || tries ? { server, reply, tries } : undefined

type Relay = Pick<stores.deliveries.Delivery, 'server' | 'reply' | 'tries'>

export type Exported = Awaited<ReturnType<typeof exportData>>

/**
 * The same as it may be shown by a link: what names an address the person had earlier, or tells
 * from where its owner agreed, is left out, in case that was somebody else. An operator can still
 * give it (`dawnpost export`).
 *
 * @throws Problem `expired` while their address is new, and as above.
 */
export async function shownData(subscriberId: string, deps: Deps): Promise<Exported> {
  await mayOpen(subscriberId, deps)
  const all = await exportData(subscriberId, deps)
  const { address, addressSince: since, language } = all.person
  const isOurs = (recipient: string) => recipient.toLowerCase() === address.toLowerCase()
  const { t } = deps.locales.of(language ?? undefined)
  const earlier = t(EARLIER)
  const anyOther = (recipient: string) =>
    isOurs(recipient) || recipient === earlier ? recipient : t('data.another-address')
  const isEarlier = (at: Temporal.Instant) => since !== null && isBefore(at, since)
  return {
    ...all,
    enrollments: all.enrollments.map((enrollment) => ({
      ...enrollment,
      consents: enrollment.consents.map((consent) =>
        isEarlier(consent.at) ? { ...consent, network: earlier } : consent,
      ),
      // What a server answered may name the address as well.
      mails: enrollment.mails.map((mail) => ({
        ...mail,
        ...(isOurs(mail.sentTo) ? {} : { sentTo: anyOther(mail.sentTo), reason: null }),
        relay: undefined,
      })),
    })),
    changesOfAddress: all.changesOfAddress.map(({ from, to, ...change }) => ({
      from: anyOther(from),
      to: anyOther(to),
      ...change,
    })),
  }
}

/**
 * Sees to it that a link to somebody's data is not followed while their address is new, however it
 * came there.
 *
 * @throws Problem `expired` when it is.
 */
export async function mayOpen(subscriberId: string, { db, now, stores }: Deps): Promise<void> {
  const person = await stores.subscribers.byId(db, subscriberId)
  const wait = newUntil(person?.address_since ?? null, now())
  if (!wait) return
  const { key, params } = waitFor(wait, 'UTC')
  throw new Problem('expired', key, { params })
}

/**
 * Deletes a subscriber and all that is known of them; only the keyed hash of the address stays, so
 * that nobody else can bring them back (GDPR, 17; standards.md H6). First all their mail is
 * stopped, as by leaving everything, so that none is in SMTP's hands when the rows go (I2).
 * Idempotent.
 */
export async function erase(subscriberId: string, { db, now, stores }: Deps): Promise<void> {
  const at = now()
  const known = await db.transaction().execute(async (tx) => {
    if (!(await stores.subscribers.byId(tx, subscriberId))) return false
    await stores.enrollments.end(tx, { subscriberId }, 'left', at)
    await stores.deliveries.skipUnsent(tx, { subscriberId }, 'erased')
    return true
  })
  if (!known) return
  await untilSent(db, subscriberId, stores)
  await db.transaction().execute(async (tx) => {
    const person = await stores.subscribers.byId(tx, subscriberId)
    if (!person) return
    await stores.suppressions.add(tx, person.address_hash, 'erased', at)
    await stores.rights.erase(tx, person)
  })
}

export const openRights = (deps: Deps) => ({
  askForRight: (enrollmentId: string, right: Right) => askForRight(enrollmentId, right, deps),
  exportData: (subscriberId: string) => exportData(subscriberId, deps),
  shownData: (subscriberId: string) => shownData(subscriberId, deps),
  mayOpen: (subscriberId: string) => mayOpen(subscriberId, deps),
  erase: (subscriberId: string) => erase(subscriberId, deps),
})
