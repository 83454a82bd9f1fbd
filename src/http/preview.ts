/** The author's preview: every mail of every course as a reader will see it. On this machine only; sends nothing. */
import { fileURLToPath } from 'node:url'
import { Hono } from 'hono'
import { streamSSE } from 'hono/streaming'
import PostalMime from 'postal-mime'
import { Problem } from '../domain/problem.ts'
import type { Beside } from '../mail/compile.ts'
import type { Reader } from '../mail/compose.ts'
import type { Previewer, Shown } from '../previewer.ts'
import { loadPages } from './pages.ts'
import { problemPage } from './problems.ts'
import { asset } from './server.ts'

const TEMPLATES = fileURLToPath(new URL('../../templates/pages/', import.meta.url))
const MAIL_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; img-src https: data:; sandbox allow-popups"

const LINK = 'https://courses.example/a-link-of-your-reader'
const SOMEBODY: Reader = {
  ...{
    address: 'ada@example.com',
    firstName: 'Ada',
    enrolledOn: 'March 19, 2027',
    otherAddress: 'a…@example.org',
  },
  ...{
    asked: 'this course, every day at 07:00 (Europe/Berlin)',
    firstMail: 'Saturday, March 20, at 07:00 (Europe/Berlin)',
  },
  ...{
    youDid: '30 lessons came to you, and you did 17 of their practices.',
    confirmUrl: LINK,
    addressUrl: LINK,
  },
  ...{
    unsubscribeUrl: LINK,
    besideUnsubscribeUrl: LINK,
    preferencesUrl: LINK,
    lessonUrl: LINK,
    pauseUrl: LINK,
  },
  ...{ nowUrl: LINK, practiceUrl: LINK, daysUrl: LINK, completionUrl: LINK, dataUrl: LINK, eraseUrl: LINK },
}

/** Readers to try a mail on. */
const READERS: Readonly<Record<string, { readonly words: string; readonly reader: Reader }>> = {
  ada: { words: 'Ada, in Berlin', reader: SOMEBODY },
  none: { words: 'Somebody without a name', reader: { ...SOMEBODY, firstName: '' } },
  long: {
    words: 'Somebody with a long name',
    reader: { ...SOMEBODY, firstName: 'Wilhelmina-Alexandrina Theodora Maximiliane von und zu' },
  },
  rtl: {
    words: 'עדה, whose name runs from right to left',
    reader: { ...SOMEBODY, firstName: 'עדה לאבלייס' },
  },
  zone: {
    words: 'Ada, in Kiritimati',
    reader: { ...SOMEBODY, firstMail: 'Saturday, March 20, at 05:30 (Pacific/Kiritimati)' },
  },
}
const SCHEMES: Readonly<Record<string, string>> = { light: 'Light', dark: 'Dark' }

const options = (all: Readonly<Record<string, string | { readonly words: string }>>, chosen: string) =>
  Object.entries(all).map(([id, one]) => ({
    ...{ id, chosen: id === chosen, words: typeof one === 'string' ? one : one.words },
  }))

export async function createPreview(previewer: Previewer): Promise<Hono> {
  const pages = await loadPages(TEMPLATES, { site: 'Preview', sandbox: false })
  const find = async (slug: string, id: string) => {
    const all = (await previewer.folder()).mails.get(slug) ?? []
    const index = all.findIndex((one) => one.id === id)
    const shown = all[index]
    if (!shown)
      throw new Problem('not_found', 'There is no such mail. It may have been renamed, or cannot be loaded.')
    return { shown, before: all[index - 1]?.id ?? null, after: all[index + 1]?.id ?? null }
  }
  const chosen = async (query: Readonly<Record<string, string>>) => {
    const reader = Object.hasOwn(READERS, query.reader ?? '') ? (query.reader ?? '') : 'ada'
    const scheme = query.scheme === 'dark' ? 'dark' : 'light'
    const besides = await anyInspiration(previewer)
    return { reader, scheme, besides, beside: query.beside === 'yes' ? besides : null }
  }
  const mailFor = async (shown: Shown, { reader, beside }: { reader: string; beside: Beside | null }) => {
    const raw = await previewer.render(shown, READERS[reader]?.reader ?? SOMEBODY, beside)
    return { raw, parsed: await PostalMime.parse(raw) }
  }

  const server = new Hono()
  server.get('/assets/:name', async (c) => asset(c.req.param('name')))
  server.get('/events', (c) =>
    streamSSE(c, async (stream) => {
      const ended = Promise.withResolvers<void>()
      const stop = previewer.onSaved(() => void stream.writeSSE({ event: 'saved', data: '' }))
      stream.onAbort(ended.resolve)
      await stream.writeSSE({ event: 'watching', data: '' })
      await ended.promise
      stop()
    }),
  )
  server.get('/', async (c) => {
    const { found, faults, mails } = await previewer.folder()
    const series = await Promise.all(
      found.map(async ({ slug, series: one }) => ({
        ...{ slug, title: one?.title ?? slug },
        mails: await Promise.all((mails.get(slug) ?? []).map((shown) => rowOf(shown, previewer))),
      })),
    )
    return c.html(pages('preview', { series, faults: faults.map(placed) }))
  })
  server.get('/:slug/:id', async (c) => {
    const { slug, id } = c.req.param()
    const { shown, before, after } = await find(slug, id)
    const how = await chosen(c.req.query())
    const { raw, parsed } = await mailFor(shown, how)
    const query = new URLSearchParams({
      reader: how.reader,
      scheme: how.scheme,
      ...(how.beside && { beside: 'yes' }),
    })
    return c.html(
      pages('preview-mail', {
        ...{ slug, before, after, query: String(query), file: `courses/${shown.written.file}` },
        ...{
          subject: parsed.subject ?? '',
          text: parsed.text ?? '',
          raw: raw.toString('utf8'),
          bytes: raw.length,
        },
        headers: parsed.headers.map(({ originalKey, value }) => ({ key: originalKey, value })),
        kilobytes: Math.ceil(Buffer.byteLength(parsed.html ?? '') / 1_000),
        readers: options(READERS, how.reader),
        schemes: options(SCHEMES, how.scheme),
        besides: shown.written.content.kind === 'lesson' && how.besides !== null,
        beside: how.beside !== null,
        findings: (await previewer.findings(shown, { mail: true })).map(placed),
        src: `/${slug}/${id}/html?${query}`,
      }),
    )
  })
  server.get('/:slug/:id/html', async (c) => {
    const { shown } = await find(c.req.param('slug'), c.req.param('id'))
    const how = await chosen(c.req.query())
    const { parsed } = await mailFor(shown, how)
    c.header('Content-Security-Policy', MAIL_POLICY)
    return c.html(inScheme(parsed.html ?? '', how.scheme))
  })
  server.notFound((c) => problemPage(c, pages, new Problem('not_found', 'There is no page at this address.')))
  server.onError((error, c) => {
    const known = error instanceof Problem
    return problemPage(
      c,
      pages,
      known ? error : new Problem('unavailable', `This cannot be shown: ${error.message}`),
    )
  })
  return server
}

/** The colors of the other scheme are chosen by the mail's own rules, whatever the author's screen prefers. */
const inScheme = (html: string, scheme: string) =>
  html.replace(/\(prefers-color-scheme:\s*dark\)/g, scheme === 'dark' ? 'all' : 'not all')

async function anyInspiration(previewer: Previewer): Promise<Beside | null> {
  const { found } = await previewer.folder()
  const daily = found.map(({ series }) => series).find((one) => one?.kind === 'daily')
  const inspiration = daily?.kind === 'daily' ? daily.inspirations[0] : undefined
  return daily?.kind === 'daily' && inspiration ? { series: daily, inspiration } : null
}

async function rowOf(shown: Shown, previewer: Previewer) {
  const { content } = shown.written
  const label = content.kind === 'lesson' ? `Day ${content.lesson.day}` : content.kind
  const subject =
    'lesson' in content
      ? content.lesson.subject
      : 'inspiration' in content
        ? content.inspiration.title
        : 'letter' in content
          ? content.letter.subject
          : ''
  const findings = (await previewer.findings(shown, { mail: false })).length
  return { id: shown.id, label, subject, findings }
}

const placed = ({ file, line, ...rest }: { file: string; line: number }) => ({
  ...rest,
  place: `${file}:${line}`,
})
