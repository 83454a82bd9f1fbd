import { inspirationOn, type Series } from '../domain/course.ts'
import { retryMinutes } from '../domain/delivery.ts'
import { messageOf } from '../domain/problem.ts'
import { dateIn, MINUTE } from '../domain/time.ts'
import { dayInWords, morningInWords, rhythmInWords } from '../domain/words.ts'
import type { Links } from '../links.ts'
import type { Logger } from '../log.ts'
import type { Content, Edition, Editions } from '../mail/compile.ts'
import type { Mail, Reader, Stamp } from '../mail/compose.ts'
import type { Transport } from '../mail/transport.ts'
import type { SmtpError, Verdict } from '../mail/verdict.ts'
import type * as stores from '../store/index.ts'
import type { Db } from '../store/sql.ts'

export interface Deps {
  readonly db: Db
  readonly now: () => Temporal.Instant
  readonly log: Logger
  readonly stores: Pick<typeof stores, 'enrollments' | 'deliveries' | 'suppressions' | 'subscribers'>
  readonly series: ReadonlyMap<string, Series>
  readonly editions: Editions
  readonly compose: (edition: Edition, reader: Reader, stamp: Stamp) => Mail
  readonly transport: Transport
  readonly verdictOn: (error: SmtpError) => Verdict
  readonly links: Links
  readonly messageIdFor: (deliveryId: string) => string
}

type Claimed = NonNullable<Awaited<ReturnType<typeof stores.deliveries.claim>>>

/**
 * Sends one delivery, unless another worker has it, it has gone out already, or the person no longer wants
 * it. The only way to SMTP.
 *
 * Only the handing over stands in the `try`: a result that cannot be written down is never taken for a
 * failed mail. A worker that dies in between leaves the row `sending`, and its lease makes it `unknown`.
 */
export async function deliver(id: string, deps: Deps): Promise<void> {
  const { db, now, stores, transport, log } = deps
  const delivery = await stores.deliveries.claim(db, id, now(), deps.messageIdFor(id))
  if (!delivery) return
  const prepared = await prepare(delivery, deps)
  if (!prepared) return
  try {
    await transport.send(prepared.mail)
  } catch (fault) {
    await recordFailure(delivery, fault as SmtpError, deps)
    return
  }
  await stores.deliveries.accept(db, id, prepared.edition.hash, now())
  log.info({ delivery: id, kind: delivery.kind, series: delivery.series, day: delivery.day }, 'sent')
}

/** Composes the mail; a text that cannot be composed is given up, and says why in the ledger. */
async function prepare(delivery: Claimed, deps: Deps): Promise<{ edition: Edition; mail: Mail } | null> {
  try {
    const content = contentOf(delivery, deps.series)
    const edition = await deps.editions(content)
    const reader = await readerOf(delivery, content.series, deps)
    const stamp = { messageId: delivery.message_id ?? '', date: delivery.first_tried_at ?? deps.now() }
    return { edition, mail: deps.compose(edition, reader, stamp) }
  } catch (fault) {
    await deps.stores.deliveries.refuse(deps.db, delivery.id, `cannot be composed: ${messageOf(fault)}`)
    deps.log.error({ delivery: delivery.id, err: fault }, 'a mail could not be composed')
    return null
  }
}

function contentOf({ kind, series: slug, day, local_date }: Claimed, all: Deps['series']): Content {
  const series = all.get(slug)
  if (!series) throw new RangeError(`there is no series ${slug}`)
  if (kind === 'confirm') return { kind, series }
  if (kind === 'welcome') return { kind, series, letter: series.welcome }
  if (series.kind === 'daily')
    return { kind: 'inspiration', series, inspiration: inspirationOn(series, local_date) }
  if (kind === 'completion') return { kind, series, letter: series.completion }
  const lesson = series.lessons[(day ?? 0) - 1]
  if (!lesson) throw new RangeError(`${slug} has no day ${day}`)
  return { kind: 'lesson', series, lesson }
}

async function readerOf(
  delivery: Claimed,
  series: Series,
  { db, now, stores, links, ...deps }: Deps,
): Promise<Reader> {
  const enrollment = await stores.enrollments.byId(db, delivery.enrollment_id)
  if (!enrollment) throw new RangeError('its enrollment is gone')
  const asked =
    delivery.kind === 'confirm' ? await askedBy(delivery.subscriber_id, { db, stores, ...deps }) : ''
  return {
    address: delivery.address,
    firstName: delivery.first_name,
    enrolledOn: dayInWords(dateIn(enrollment.zone, delivery.enrolled_at), series.language),
    unsubscribeUrl: links.url('unsubscribe', delivery.enrollment_id, now()),
    preferencesUrl: links.url('preferences', delivery.enrollment_id, now()),
    confirmUrl: links.url('confirm', delivery.subscriber_id, now()),
    asked,
    firstMail: enrollment.due_at ? morningInWords(enrollment.due_at, enrollment.zone, series.language) : '',
  }
}

/** "Unlocking Your Inner Wisdom, every day at 07:00 (Europe/Berlin), and The Daily Inspiration" */
async function askedBy(subscriberId: string, { db, stores, series }: Pick<Deps, 'db' | 'stores' | 'series'>) {
  const all = await stores.enrollments.ofSubscriber(db, subscriberId)
  const waiting = all.filter(({ status }) => status === 'pending')
  const [first, ...others] = waiting.length > 0 ? waiting : all
  if (!first) return ''
  const title = (slug: string) => series.get(slug)?.title ?? slug
  const rest = others.map((row) => ` and ${title(row.series)}`).join('')
  return `${title(first.series)}${rest}, ${rhythmInWords(stores.enrollments.rhythmOf(first))}`
}

async function recordFailure(delivery: Claimed, error: SmtpError, deps: Deps): Promise<void> {
  const { db, now, stores, log } = deps
  const verdict = deps.verdictOn(error)
  const reason = error.response ?? error.message
  if (verdict === 'bounced') await bounce(delivery, reason, deps)
  else if (verdict === 'refused') await stores.deliveries.refuse(db, delivery.id, reason)
  else if (verdict === 'unknown') await stores.deliveries.lose(db, delivery.id, reason)
  else {
    const later = now().add({ milliseconds: retryMinutes(delivery.attempts) * MINUTE })
    await stores.deliveries.defer(db, delivery.id, later, reason)
  }
  const level = verdict === 'ours' ? 'error' : 'warn'
  log[level]({ delivery: delivery.id, verdict, code: error.code, smtp: error.responseCode }, 'not sent')
}

/** The address does not exist: it gets no mail any more. */
function bounce(delivery: Claimed, reason: string, { db, now, stores }: Deps) {
  return db.transaction().execute(async (tx) => {
    const at = now()
    const subscriber = await stores.subscribers.byId(tx, delivery.subscriber_id)
    if (!(await stores.deliveries.bounce(tx, delivery.id, reason)) || !subscriber) return
    await stores.suppressions.add(tx, subscriber.address_hash, 'bounce', at)
    await stores.enrollments.end(tx, { subscriberId: subscriber.id }, 'stopped', at)
    await stores.deliveries.skipOpen(tx, { subscriberId: subscriber.id }, 'the address bounced')
  })
}
