/** The mail that notifies an operator of pauses: once for each, and at most one mail an hour. */
import { ALL_SERIES } from '../../domain/guard-rails.ts'
import { MINUTE, SECOND } from '../../domain/time.ts'
import { english } from '../../locales/locale.ts'
import type { Mail } from '../../mail/mail.ts'
import type { composeNotice } from '../../mail/message/compose.ts'
import type { Transport } from '../../mail/smtp/transport.ts'
import type { Logger } from '../../platform/log.ts'
import type * as stores from '../../store/index.ts'
import type { Db } from '../../store/postgres/sql.ts'
import { sentenceFor } from './pauses.ts'

export interface Deps {
  readonly db: Db
  readonly now: () => Temporal.Instant
  readonly log: Logger
  readonly stores: Pick<typeof stores, 'pausedSeries'>
  /** Null if nobody is to be mailed. */
  readonly operatorEmail: string | null
  readonly transport: Pick<Transport, 'reserve' | 'send' | 'free'>
  readonly composeNotice: (
    notice: Parameters<typeof composeNotice>[0],
    terms: Parameters<typeof composeNotice>[1],
  ) => Mail
  readonly newId: (now: Temporal.Instant) => string
  /** Domain of Message-IDs. */
  readonly domain: string
  readonly siteUrl: string
}

/** Minutes between two of these mails, and until one that no server took is tried again. */
const [APART, AGAIN] = [60, 10]
/** Milliseconds to wait for a place at a server. */
const RESERVE_TIMEOUT_MS = 5 * SECOND

export async function notifyOperator(deps: Deps): Promise<void> {
  const { db, now, log, stores, operatorEmail } = deps
  if (operatorEmail === null) return
  const at = now()
  const quietSince = at.subtract({ minutes: APART })
  const untold = await stores.pausedSeries.claimUnreported(db, { now: at, quietSince })
  if (untold.length === 0) return
  try {
    await send(mailAbout(untold, operatorEmail, deps), deps)
  } catch (error) {
    log.warn({ err: error }, 'the mail that informs the operator of a pause was not sent')
    const mailedAt = quietSince.add({ milliseconds: AGAIN * MINUTE })
    await stores.pausedSeries.markUnreported(
      db,
      untold.map(({ series }) => series),
      mailedAt,
    )
  }
}

async function send(mail: Mail, { transport }: Deps): Promise<void> {
  const room = await transport.reserve(1, AbortSignal.timeout(RESERVE_TIMEOUT_MS))
  if (room === 0) throw new Error('no SMTP server accepts mail')
  try {
    await transport.send(mail, 'the operator')
  } finally {
    transport.free(room)
  }
}

function mailAbout(untold: readonly stores.pausedSeries.SeriesState[], to: string, deps: Deps) {
  const { now, newId, domain, siteUrl, composeNotice } = deps
  const date = now()
  const [first] = untold
  const nameOf = (series: string) =>
    series === ALL_SERIES ? english.t('operator.paused.all') : series
  const paragraphs = untold.flatMap(({ series, reason, evidence }) =>
    reason === null ? [] : [`${nameOf(series)}: ${sentenceFor({ reason, evidence })}`],
  )
  const lines = [
    english.t('operator.paused.mail.lead', { site: siteUrl }),
    ...paragraphs,
    english.t('operator.paused.mail.after'),
  ]
  const notice = {
    subject: english.t('operator.paused.mail.subject', {
      series: nameOf(first?.series ?? ''),
      more: untold.length - 1,
    }),
    contentType: 'text/plain; charset=us-ascii',
    body: [Buffer.from(lines.map(wrapped).join('\r\n\r\n').concat('\r\n'), 'latin1')],
  }
  const stamp = { messageId: `<${newId(date)}@${domain}>`, date, returnPath: null }
  return composeNotice(notice, { to, stamp, list: null })
}

/** Converts to ASCII in lines of 76 characters, since a server's words may contain anything. */
const wrapped = (text: string) =>
  text
    .replace(/[^\x20-\x7e]+/g, '?')
    .replace(/(\S{76})(?=\S)/g, '$1 ')
    .replace(/(.{1,76})(?: +|$)/g, '$1\r\n')
    .trimEnd()
