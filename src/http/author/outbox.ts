/**
 * The sandbox's outbox: all caught mail, as it would have been sent. Mounted in the sandbox only.
 */

import { type Context, Hono } from 'hono'
import { csrf } from 'hono/csrf'
import { streamSSE } from 'hono/streaming'
import { type Series, unitOf } from '../../domain/course.ts'
import type { DeliveryKind } from '../../domain/delivery.ts'
import { Problem } from '../../domain/problem.ts'
import type { Locale } from '../../locales/locale.ts'
import { keyForUnit } from '../../locales/numbered.ts'
import { type Localized, localeOf } from '../shared/language.ts'
import { MAIL_POLICY } from '../shared/mail-policy.ts'
import type { Pages } from '../shared/pages.ts'
import type { Outbox, PageSite } from '../shared/site.ts'
import { mailView, parseMail } from './mail-view.ts'

const MAX_SHOWN = 200
const POLL_MS = 500

export function outboxPages(app: PageSite, sandbox: Outbox, pages: Pages) {
  const list = async (c: Context) => {
    // Read before the list: a mail caught in between is announced once more instead of never.
    const version = await sandbox.version()
    return {
      mails: (await sandbox.list(MAX_SHOWN)).map((caught) =>
        row(caught, { ...app, locale: localeOf(c) }),
      ),
      now: clockWords(app.now(), localeOf(c)),
      version,
    }
  }
  const mail = async (id: string) => {
    const caught = /^\d{1,18}$/.test(id) ? await sandbox.one(id) : undefined
    if (!caught) throw new Problem('not_found', 'outbox.not-found')
    return caught
  }

  return new Hono()
    .use(csrf())
    .get('/', async (c) => c.html(pages(c, 'outbox', await list(c))))
    .get('/list', async (c) => c.html(pages(c, 'outbox-list', await list(c))))
    .get('/events', (c) => {
      if (c.req.method === 'HEAD') return c.body(null)
      return streamSSE(c, async (stream) => {
        let seen = ''
        while (!stream.aborted && !stream.closed) {
          const version = await sandbox.version()
          if (version !== seen) await stream.writeSSE({ event: 'mail', data: version })
          seen = version
          await stream.sleep(POLL_MS)
        }
      })
    })
    .post('/next-morning', async (c) => {
      await sandbox.skipToNextMorning()
      return c.redirect('/outbox', 303)
    })
    .get('/:id', async (c) => {
      const { id, raw, ...caught } = await mail(c.req.param('id'))
      const { subject, recipient } = caught
      return c.html(
        pages(c, 'outbox-mail', {
          id,
          subject,
          recipient,
          ...mailView(raw, await parseMail(raw), `/outbox/${id}/html`),
        }),
      )
    })
    .get('/:id/html', async (c) => {
      const { raw } = await mail(c.req.param('id'))
      const { html = '' } = await parseMail(raw)
      c.header('Content-Security-Policy', MAIL_POLICY)
      return c.html(html.replace(/<head[^>]*>/i, '$&<base target="_blank">'))
    })
    .get('/:id/raw', async (c) => {
      const { raw } = await mail(c.req.param('id'))
      return c.body(new Uint8Array(raw), 200, { 'Content-Type': 'message/rfc822' })
    })
}

type Row = Awaited<ReturnType<Outbox['list']>>[number]

const row = (
  { id, recipient, subject, caught_at, series, kind, day, zone, companion }: Row,
  { series: all, locale }: Localized<Pick<PageSite, 'series'>>,
) => ({
  id,
  recipient,
  subject,
  kind: [
    nameOf(kind, day, { of: all.get(series ?? ''), locale }),
    ...(companion ? [nameOf(companion, null, { locale })] : []),
  ].join(' + '),
  at: caughtWords(caught_at, zone ?? 'UTC', locale),
})

interface Naming {
  readonly of?: Series | undefined
  readonly locale: Locale
}

/** "day 3", "confirm": the kind of a mail in the list. One without a ledger row is a test. */
const nameOf = (kind: DeliveryKind | null, day: number | null, { of, locale }: Naming) =>
  kind === 'lesson' && day !== null
    ? locale.t(keyForUnit(unitOf(of), 'mail-kind.lesson'), { day })
    : locale.t(kind ? `mail-kind.${kind}` : 'mail-kind.test')

/** "Wed 25 Nov, 07:00" on the reader's own clock. */
const caughtWords = (at: Temporal.Instant, zone: string, locale: Locale) =>
  at.toZonedDateTimeISO(zone).toLocaleString(tagOf(locale), {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
  })

const clockWords = (now: Temporal.Instant, locale: Locale) =>
  now
    .toZonedDateTimeISO('UTC')
    .toLocaleString(tagOf(locale), { dateStyle: 'full', timeStyle: 'short' })

/** English without a country uses the 24-hour clock: see src/locales/formats.ts. */
const tagOf = ({ language }: Locale) => (language === 'en' ? 'en-GB' : language)
