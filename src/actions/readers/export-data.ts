/** Everything known about a person, for that person. */
import { ownFieldsOf, type Series } from '../../domain/course.ts'
import { isReadable } from '../../domain/delivery.ts'
import type { FieldValues } from '../../domain/own-fields.ts'
import { Problem } from '../../domain/problem.ts'
import type { Retention } from '../../domain/retention.ts'
import { isBefore } from '../../domain/time.ts'
import type { Key, Locales } from '../../locales/locale.ts'
import type { Links } from '../../security/links.ts'
import type * as stores from '../../store/index.ts'
import type { Db } from '../../store/postgres/sql.ts'
import { passingKeptSince } from '../shared/kept-since.ts'

export interface Deps {
  readonly db: Db
  readonly now: () => Temporal.Instant
  readonly series: ReadonlyMap<string, Series>
  readonly links: Links
  readonly locales: Locales
  readonly stores: Pick<typeof stores, 'subscribers' | 'enrollments' | 'rights' | 'ledgerParts'>
  readonly retention: Retention
}

/** Stands for an earlier address of a person, or for the network of its owner. */
export const EARLIER_ADDRESS = 'data.earlier-address' satisfies Key

/**
 * Returns everything known about a subscriber, as stored in the tables, in words that a person and
 * a program can read (GDPR, 15 and 20; standards.md H5).
 *
 * @throws Problem `expired` when there is no such person (any more).
 */
export async function exportData(subscriberId: string, deps: Deps) {
  const { db, stores } = deps
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
    mailsKept: {
      inspirationsAndRequestsSince: await passingKeptSince(at, deps),
      daysAfterEndOfEnrollment: deps.retention.endedDays,
    },
    enrollments: rows.enrollments.map((row) => enrollmentData(row, rows, person, { ...deps, at })),
    suppressions: rows.suppressions.map(({ reason, created_at: since, source }) => ({
      reason,
      since,
      source,
    })),
    reports: rows.reports.map(reportData),
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

type SubscriberRecords = Awaited<ReturnType<typeof stores.rights.everything>>

function enrollmentData(
  row: SubscriberRecords['enrollments'][number],
  rows: SubscriberRecords,
  person: stores.subscribers.Subscriber,
  deps: Pick<Deps, 'links' | 'locales' | 'series' | 'stores'> & { readonly at: Temporal.Instant },
) {
  const { series, stores } = deps
  return {
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
    consents: ofEnrollment(rows.consents, row.id).map(consentData),
    practices: ofEnrollment(rows.practices, row.id).map(({ item, done_at: doneAt }) => ({
      lesson: item,
      doneAt,
    })),
    countsClicksSince: row.clicks_since,
    linksFollowed: ofEnrollment(rows.clickMarks, row.id).map(({ item, link }) => ({
      lesson: item,
      link: link + 1,
    })),
    mails: ofEnrollment(rows.deliveries, row.id).map((mail) => mailData(mail, person, deps)),
  }
}

/** Returns null for a person who has never signed in. */
const memberData = ({ member, sessions }: Pick<SubscriberRecords, 'member' | 'sessions'>) =>
  member
    ? {
        name: member.name,
        since: member.joined_at,
        blockedSince: member.blocked_at,
        sessions: sessions.map(({ began_at: since, seen_at: lastVisit }) => ({ since, lastVisit })),
      }
    : null

/** Returns each answer with its question, if that is still asked. */
const answersIn = (fields: FieldValues, series: Series | undefined) =>
  Object.entries(fields).map(([name, value]) => {
    const field = series && ownFieldsOf(series).find((ownField) => ownField.name === name)
    return { field: name, question: field?.label ?? null, answer: value }
  })

const reportData = (report: SubscriberRecords['reports'][number]) => {
  const { kind, class: of, reason, source, series, status, received_at: receivedAt } = report
  return { kind, class: of, reason, source, series, status, receivedAt }
}

const commentData = (comment: SubscriberRecords['comments'][number]) => {
  const { article, text, status, parent, createdAt, editedAt, publishedAt } = comment
  return { article, text, status, isAnswer: parent !== null, createdAt, editedAt, publishedAt }
}

const ofEnrollment = <T extends { enrollment_id: string }>(records: readonly T[], id: string) =>
  records.filter((record) => record.enrollment_id === id)

const consentData = (consent: SubscriberRecords['consents'][number]) => {
  const { event, wording, language, version, source, network, at } = consent
  return { event, wording, language, version, source, network, at }
}

function mailData(
  mail: SubscriberRecords['deliveries'][number],
  { address, address_since: since, epoch, language }: stores.subscribers.Subscriber,
  { links, at, locales }: Pick<Deps, 'links' | 'locales'> & { readonly at: Temporal.Instant },
) {
  const earlier = locales.of(language ?? undefined).t(EARLIER_ADDRESS)
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
    messageId: mail.messageId,
    writtenTo: mail.first_name,
    ...(mail.fields && { answers: mail.fields }),
    sentTo: mail.recipient ?? (since && isBefore(mail.created_at, since) ? earlier : address),
    relay: relayOf(mail),
    readAt: isReadable(mail.kind) && mail.sent_at ? url() : null,
  }
}

/** Where an operator finds a mail in its server's log. Contains nothing about the person. */
const relayOf = ({ server, reply, tries }: Relay): Relay | undefined =>
  server || tries ? { server, reply, tries } : undefined

type Relay = Pick<stores.deliveries.Delivery, 'server' | 'reply' | 'tries'>

export type ExportedData = Awaited<ReturnType<typeof exportData>>
