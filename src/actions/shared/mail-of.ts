/**
 * From a row of the ledger to what its mail says: for sending it, and for showing it on the web.
 */
import { maskedAddress } from '../../domain/address.ts'
import { hasPractices, type Series } from '../../domain/course.ts'
import { isAboutReader, isToStranger } from '../../domain/delivery.ts'
import { isPlainName } from '../../domain/plain-name.ts'
import { beginningOf, startsOf } from '../../domain/starts.ts'
import { dateIn } from '../../domain/time.ts'
import { dayInWords, didInWords, morningInWords, rhythmInWords } from '../../domain/words.ts'
import type { Locale, Locales } from '../../locales/locale.ts'
import type { Reader } from '../../mail/edition.ts'
import type { Links, Purpose } from '../../security/links.ts'
import type { Tokens } from '../../security/tokens.ts'
import type * as stores from '../../store/index.ts'
import type { Db } from '../../store/postgres/sql.ts'

export interface Deps {
  readonly db: Db
  readonly stores: Pick<
    typeof stores,
    'enrollments' | 'subscribers' | 'practices' | 'reading' | 'addressChanges' | 'signIns'
  >
  readonly series: ReadonlyMap<string, Series>
  readonly links: Links
  readonly tokens: Tokens
  /** URL of the site, without a trailing slash. */
  readonly siteUrl: string
  readonly locales: Locales
}

type MailDelivery = Omit<
  stores.deliveries.ClaimedDelivery,
  'attempts' | 'messageId' | 'until' | 'edition' | 'answers'
>

/** Returns what the mail of a delivery says about its reader. */
export async function readerOf(
  delivery: MailDelivery,
  series: Series,
  deps: Deps,
): Promise<Reader> {
  const { links } = deps
  const locale = deps.locales.of(
    (isAboutReader(delivery.kind) && delivery.language) || series.language,
  )
  const { kind, enrollmentId, subscriberId, zone, nextAt, firstTriedAt, companion } = delivery
  const url = (purpose: Purpose, id: string) =>
    links.url(purpose, { id, epoch: delivery.epoch }, firstTriedAt)
  const preferencesUrl = url('preferences', enrollmentId)
  return {
    address: delivery.address,
    firstName: isToStranger(kind) && !isPlainName(delivery.firstName) ? '' : delivery.firstName,
    // Before confirmation, somebody else may have entered them.
    fields: isToStranger(kind) ? {} : delivery.fields,
    enrolledOn: dayInWords(dateIn(zone, delivery.enrolledAt), locale),
    unsubscribeUrl: url('unsubscribe', enrollmentId),
    besideUnsubscribeUrl: companion ? url('unsubscribe', companion.enrollmentId) : '',
    preferencesUrl,
    pauseUrl: `${preferencesUrl}/pause`,
    nowUrl: `${preferencesUrl}/now`,
    completionUrl: `${preferencesUrl}/completion`,
    lessonUrl: url('lessons', delivery.id),
    practiceUrl: kind === 'lesson' || kind === 'again' ? url('practice', delivery.id) : '',
    daysUrl: kind === 'completion' ? url('days', enrollmentId) : '',
    youDid: kind === 'completion' ? await progressInWords(enrollmentId, series, deps) : '',
    dataUrl: kind === 'export' ? url('data', subscriberId) : '',
    eraseUrl: kind === 'erase' ? url('erase', subscriberId) : '',
    confirmUrl: kind === 'confirm' ? url('confirm', subscriberId) : '',
    asked:
      kind === 'confirm'
        ? await requestInWords(subscriberId, { locale, at: firstTriedAt }, deps)
        : '',
    firstMail: kind === 'welcome' ? firstMail(series, { nextAt, zone }, locale) : '',
    addressUrl: kind === 'change' ? url('address', delivery.id) : '',
    undoUrl: kind === 'changed' ? url('undo', delivery.item) : '',
    otherAddress: kind === 'changed' ? await newAddress(delivery.item, locale, deps) : '',
    signInUrl: kind === 'sign-in' ? await signInUrl(delivery.id, deps) : '',
    answers: null,
  }
}

/**
 * Returns the link of a sign-in mail, of which only a hash is kept; if that link is void by now,
 * the form that requests another.
 */
async function signInUrl(id: string, { db, stores, tokens, siteUrl }: Deps) {
  const kept = await stores.signIns.tokenHashOf(db, id)
  const token = tokens
    .ofMail(id)
    .find((candidate) => kept && tokens.hashOf(candidate)?.equals(kept))
  return token ? `${siteUrl}/sign-in/${token}` : `${siteUrl}/sign-in`
}

/** Returns when the first mail of a series comes, for its welcome. */
function firstMail(
  series: Series,
  { nextAt, zone }: Pick<MailDelivery, 'nextAt' | 'zone'>,
  locale: Locale,
): string {
  if (series.kind === 'course' && series.first === 'at once')
    return locale.t('mail.welcome.at-once')
  if (series.kind === 'letter') return locale.t('mail.welcome.when-new')
  return nextAt ? morningInWords(nextAt, zone, locale) : ''
}

async function progressInWords(
  enrollmentId: string,
  series: Series,
  { db, stores, locales }: Deps,
) {
  const [came, done] = await Promise.all([
    stores.reading.received(db, enrollmentId),
    stores.practices.ofEnrollment(db, enrollmentId),
  ])
  const practices = hasPractices(series) ? done.length : 0
  return didInWords(came.length, practices, locales.of(series.language))
}

/**
 * Returns where a change of address led, masked: the mail that reports it goes to the old address.
 */
async function newAddress(changeId: string, locale: Locale, { db, stores }: Deps) {
  const change = await stores.addressChanges.byId(db, changeId)
  return change ? maskedAddress(change.to_address) : locale.t('mail.changed.another-address')
}

/** "Unlocking Your Inner Wisdom and The Daily Inspiration, every day at 07:00 (Europe/Berlin)" */
async function requestInWords(
  subscriberId: string,
  { locale, at }: { readonly locale: Locale; readonly at: Temporal.Instant },
  { db, stores, series }: Deps,
) {
  const enrollments = await stores.enrollments.ofSubscriber(db, subscriberId)
  const waiting = enrollments.filter(({ status }) => status === 'pending')
  const asked = waiting.length > 0 ? waiting : enrollments
  const [first] = asked
  if (!first) return ''
  const titles = asked.map((row) => series.get(row.series)?.title ?? row.series)
  const known = series.get(first.series)
  const schedule = rhythmInWords(stores.enrollments.rhythmOf(first), locale, known)
  const words = locale.t('mail.confirm.asked', {
    series: titles.reduce((list, last) => locale.t('list.last', { list, last })),
    schedule,
  })
  if (!known || startsOf(known).length === 0) return words
  const begins = beginningOf(known, stores.enrollments.rhythmOf(first), at)
  const on = begins && morningInWords(begins.first.at, first.zone, locale)
  return on ? locale.t('mail.confirm.asked-start', { asked: words, on }) : words
}
