import { inspirationOn, ownFieldsOf, type Series } from '../../domain/course.ts'
import { sampleAnswers } from '../../domain/own-fields.ts'
import { Problem } from '../../domain/problem.ts'
import { parseDate } from '../../domain/rhythm.ts'
import { dateIn } from '../../domain/time.ts'
import { dayInWords } from '../../domain/words.ts'
import type { Locale, Locales } from '../../locales/locale.ts'
import type { Content, Edition, Editions, Reader } from '../../mail/edition.ts'
import type { Mail, Stamp } from '../../mail/mail.ts'
import { editionOf } from '../../mail/render/edition-from-source.ts'
import type { Transport } from '../../mail/smtp/transport.ts'
import { sampleLetter } from '../shared/contents.ts'

export interface Deps {
  readonly now: () => Temporal.Instant
  readonly locales: Locales
  readonly series: ReadonlyMap<string, Series>
  readonly siteUrl: string
  readonly editions: Editions
  readonly compose: (edition: Edition, reader: Reader, stamp: Stamp) => Mail
  readonly transport: Transport
  readonly newId: (now: Temporal.Instant) => string
  /** Domain of Message-IDs. */
  readonly domain: string
}

export interface TestMail {
  readonly series: string
  /** A lesson's number, an inspiration's date, `letter`, `welcome` or `completion`. */
  readonly which: string
  readonly to: string
  readonly firstName: string
}

/** How long to wait for a server that can take the mail. */
const RESERVE_TIMEOUT_MS = 30_000

/**
 * Sends one mail of a series to one address, through the real transport and by the same steps as
 * real mail (I8). Its subject says that it is a test. The ledger does not record it, and its links
 * lead to the page where readers can request their own.
 *
 * @throws Problem `invalid` when there is no such mail; `unavailable` when no server takes it.
 */
export async function sendTest(
  { series, which, to, firstName }: TestMail,
  deps: Deps,
): Promise<string> {
  const { transport, now, locales } = deps
  const content = sampleContent(series, which, deps.series)
  const locale = locales.of(content.series.language)
  const real = await deps.editions(content)
  const source = real.source()
  const subject = locale.t('mail.test.subject', { subject: source.subject })
  const edition = editionOf(real, real.hash, { ...source, subject })
  const date = now()
  const messageId = `<${deps.newId(date)}@${deps.domain}>`
  const enrolledOn = dayInWords(dateIn('UTC', date), locale)
  const fields = sampleAnswers(ownFieldsOf(content.series))
  const reader = {
    ...placeholderReader(deps.siteUrl, locale),
    address: to,
    firstName,
    fields,
    enrolledOn,
  }
  const mail = deps.compose(edition, reader, { messageId, date })
  const room = await transport.reserve(1, AbortSignal.timeout(RESERVE_TIMEOUT_MS))
  if (room === 0) throw new Problem('unavailable', 'operator.test-mail.no-server')
  try {
    await transport.send(mail, to)
  } catch (cause) {
    const { response, message } = cause as Error & { response?: string }
    throw new Problem('unavailable', 'operator.test-mail.refused', {
      params: { cause: response ?? message },
      cause,
    })
  } finally {
    transport.free(room)
  }
  return mail.subject
}

/** A placeholder for a reader, without an enrollment. */
function placeholderReader(siteUrl: string, { t }: Locale): Reader {
  const link = `${siteUrl}/link`
  return {
    address: '',
    firstName: '',
    fields: {},
    enrolledOn: '',
    asked: '',
    otherAddress: '',
    firstMail: t('mail.test.first-mail'),
    youDid: t('mail.test.you-did'),
    unsubscribeUrl: link,
    besideUnsubscribeUrl: link,
    preferencesUrl: link,
    confirmUrl: link,
    addressUrl: link,
    undoUrl: link,
    lessonUrl: link,
    pauseUrl: link,
    nowUrl: link,
    practiceUrl: link,
    daysUrl: link,
    completionUrl: link,
    dataUrl: link,
    eraseUrl: link,
    signInUrl: `${siteUrl}/sign-in`,
    answers: null,
  }
}

function sampleContent(slug: string, which: string, seriesBySlug: Deps['series']): Content {
  const series = seriesBySlug.get(slug)
  if (!series)
    throw new Problem('invalid', 'operator.courses.unknown-among', {
      params: { course: slug, known: [...seriesBySlug.keys()].join(', ') },
    })
  if (which === 'welcome') return { kind: 'welcome', series, letter: series.welcome }
  if (series.kind === 'letter') {
    if (which === 'letter') return sampleLetter(series)
    throw new Problem('invalid', 'operator.test-mail.letters', { params: { series: series.title } })
  }
  if (series.kind === 'daily') {
    const date = parseDate(which)
    if (!date)
      throw new Problem('invalid', 'operator.test-mail.dates', { params: { series: series.title } })
    return { kind: 'inspiration', series, inspiration: inspirationOn(series, date) }
  }
  if (which === 'completion' && series.completion)
    return { kind: 'completion', series, letter: series.completion }
  const lesson = /^\d{1,4}$/.test(which) ? series.lessons[Number(which) - 1] : undefined
  if (lesson) return { kind: 'lesson', series, lesson, companion: null }
  throw new Problem('invalid', 'operator.test-mail.days', {
    params: { series: series.title, days: series.lessons.length },
  })
}
