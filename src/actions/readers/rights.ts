import { newUntil } from '../../domain/address.ts'
import { Problem } from '../../domain/problem.ts'
import { dateIn, isBefore } from '../../domain/time.ts'
import { type Deps as MailDeps, planRequestedMail } from '../shared/plan-requested-mail.ts'
import {
  EARLIER_ADDRESS,
  type Deps as ExportDeps,
  type ExportedData,
  exportData,
} from './export-data.ts'
import { waitUntilSent } from './wait-until-sent.ts'

export interface Deps extends MailDeps, ExportDeps {
  readonly stores: MailDeps['stores'] & ExportDeps['stores']
}

export type Right = 'export' | 'erase'

/**
 * A person's data is locked while their address is new: until then only the old address can tell
 * whether it is they who ask.
 */
const waitMessage = (until: Temporal.Instant, zone: string) => ({
  key: 'data.wait' as const,
  params: { day: { date: String(dateIn(zone, until)) } },
})

/**
 * Mails a person the link to see everything known about them, or to have it deleted: at most one of
 * each a day, and only if they once confirmed. The mail verifies that they are the one who asks.
 * Leaving takes no right away.
 *
 * @throws Problem `forbidden` with a message at the field `right` while their address is new.
 */
async function requestRight(enrollmentId: string, right: Right, deps: Deps): Promise<void> {
  const { db, now, stores } = deps
  await db.transaction().execute(async (tx) => {
    const enrollment = await stores.enrollments.byId(tx, enrollmentId)
    const person = enrollment && (await stores.subscribers.byId(tx, enrollment.subscriber_id))
    if (!enrollment || !person) throw new Problem('expired', 'data.gone')
    const at = now()
    const wait = newUntil(person.address_since, at)
    if (wait) {
      const message = waitMessage(wait, enrollment.zone)
      throw new Problem('forbidden', message.key, {
        params: message.params,
        fields: { right: message },
      })
    }
    const enrollments = await stores.enrollments.ofSubscriber(tx, person.id)
    const mail = enrollments.some(({ confirmed_at }) => confirmed_at !== null)
      ? { enrollment }
      : null
    await planRequestedMail(tx, { kind: right, to: person.address_key, mail }, at, deps)
  })
}

const ERASED = { reason: 'erased', source: 'reader' } as const

/**
 * Returns the same data as far as a link may show it: leaves out whatever names an earlier address
 * of the person or the network from which its owner agreed, in case that was somebody else. An
 * operator can still provide it (`dawnpost export`).
 *
 * @throws Problem `expired` while their address is new, and as above.
 */
export async function shownData(subscriberId: string, deps: Deps): Promise<ExportedData> {
  await ensureMayOpen(subscriberId, deps)
  const data = await exportData(subscriberId, deps)
  const { address, addressSince: since, language } = data.person
  const isOurs = (recipient: string) => recipient.toLowerCase() === address.toLowerCase()
  const { t } = deps.locales.of(language ?? undefined)
  const earlier = t(EARLIER_ADDRESS)
  const anyOther = (recipient: string) =>
    isOurs(recipient) || recipient === earlier ? recipient : t('data.another-address')
  const isEarlier = (at: Temporal.Instant) => since !== null && isBefore(at, since)
  return {
    ...data,
    enrollments: data.enrollments.map((enrollment) => ({
      ...enrollment,
      consents: enrollment.consents.map((consent) =>
        isEarlier(consent.at) ? { ...consent, network: earlier } : consent,
      ),
      // A server's reply may contain the address as well.
      mails: enrollment.mails.map((mail) => ({
        ...mail,
        ...(isOurs(mail.sentTo) ? {} : { sentTo: anyOther(mail.sentTo), reason: null }),
        relay: undefined,
      })),
    })),
    changesOfAddress: data.changesOfAddress.map(({ from, to, ...change }) => ({
      from: anyOther(from),
      to: anyOther(to),
      ...change,
    })),
  }
}

/**
 * Rejects a link to a person's data while their address is new, no matter how the link got there.
 *
 * @throws Problem `expired` when it is.
 */
async function ensureMayOpen(subscriberId: string, { db, now, stores }: Deps): Promise<void> {
  const person = await stores.subscribers.byId(db, subscriberId)
  const wait = newUntil(person?.address_since ?? null, now())
  if (!wait) return
  const { key, params } = waitMessage(wait, 'UTC')
  throw new Problem('expired', key, { params })
}

/**
 * Deletes a subscriber and everything known about them; only the keyed hash of the address stays,
 * so that nobody else can bring them back (GDPR, 17; standards.md H6). All their mail is stopped
 * first, as by leaving everything, so that none is in SMTP's hands when the rows are deleted (I2).
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
  await waitUntilSent(db, subscriberId, stores)
  await db.transaction().execute(async (tx) => {
    const person = await stores.subscribers.byId(tx, subscriberId)
    if (!person) return
    await stores.suppressions.add(tx, person.address_hash, ERASED, at)
    await stores.rights.erase(tx, person)
  })
}

export const openRights = (deps: Deps) => ({
  requestRight: (enrollmentId: string, right: Right) => requestRight(enrollmentId, right, deps),
  exportData: (subscriberId: string) => exportData(subscriberId, deps),
  shownData: (subscriberId: string) => shownData(subscriberId, deps),
  ensureMayOpen: (subscriberId: string) => ensureMayOpen(subscriberId, deps),
  erase: (subscriberId: string) => erase(subscriberId, deps),
})
