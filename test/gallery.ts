/**
 * `npm run gallery`: every kind of mail at the width of a phone and of a window, light and dark, on
 * one page in test/output/gallery, which is not committed. Uses the render path of real mail (I8),
 * the shipped courses, and fictional readers.
 */
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { didInWords } from '../src/domain/words.ts'
import { english } from '../src/locales/locale.ts'
import { parseMessage } from '../src/mail/check/rendering.ts'
import { sampleReader } from '../src/mail/check/samples.ts'
import type { Content, Reader } from '../src/mail/edition.ts'
import { rawOf } from '../src/mail/mail.ts'
import { compose, composeNotice } from '../src/mail/message/compose.ts'
import { renderCommentMail } from '../src/mail/render/comment-mail.ts'
import { openEditions } from '../src/mail/render/compile.ts'
import { loadTemplates } from '../src/mail/render/templates.ts'
import { openBrowser } from './support/chromium.ts'
import { GALLERY_COMMENT_MAILS, GALLERY_MAILS } from './support/gallery-mails.ts'

const folder = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url))
const GALLERY = folder('test/output/gallery')
const SHOTS = [360, 640].flatMap((width) =>
  (['light', 'dark'] as const).map((scheme) => ({ width, scheme, name: `${width}-${scheme}` })),
)

const READER: Reader = {
  ...sampleReader(english),
  firstName: 'Ada',
  address: 'ada@example.com',
  otherAddress: 'a…@example.net',
}
/** Completions summarize as many lessons as the course has. */
const readerOf = ({ series }: Content): Reader =>
  series.kind === 'course'
    ? { ...READER, youDid: didInWords(series.lessons.length, 4, english) }
    : READER
const FROM = { name: 'Dawnpost', address: 'morning@dawnpost.example' }
const STAMP = {
  messageId: '<gallery@dawnpost.example>',
  date: Temporal.Instant.from('2027-03-20T06:00:00Z'),
}

const templates = await loadTemplates(folder('templates/mail'))
const letterhead = {
  siteName: 'Dawnpost',
  siteUrl: 'https://courses.example',
  postalAddress: '1 Example Lane, Exampleton',
}
const editions = openEditions(templates, letterhead)

/** Each mail as a complete message. */
const mails = await Promise.all([
  ...GALLERY_MAILS.map(async ([name, words, content, changes]) => {
    const reader = { ...readerOf(content), ...changes }
    return { name, words, mail: compose(await editions(content), reader, STAMP, FROM) }
  }),
  ...GALLERY_COMMENT_MAILS.map(async ([name, words, mail]) => {
    const notice = await renderCommentMail(mail, { templates, letterhead })
    const terms = { to: READER.address, stamp: STAMP, list: null }
    return { name, words, mail: composeNotice(notice, terms, FROM) }
  }),
])

await mkdir(GALLERY, { recursive: true })
for (const name of await readdir(GALLERY)) await rm(`${GALLERY}/${name}`)
const browser = await openBrowser()
try {
  for (const { width, scheme, name: shot } of SHOTS) {
    await using context = await browser.newContext({
      viewport: { width, height: 300 },
      colorScheme: scheme,
      javaScriptEnabled: false,
    })
    const page = await context.newPage()
    await page.route('**', (route) => {
      const [, name] =
        /^https:\/\/courses\.example\/assets\/([a-z0-9-]+\.png)$/.exec(route.request().url()) ?? []
      return name
        ? route.fulfill({ path: folder(`templates/pages/assets/${name}`) })
        : route.abort()
    })
    for (const { name, mail } of mails) {
      const { html } = parseMessage(rawOf(mail))
      await page.setContent(html, { waitUntil: 'load' })
      await page.screenshot({
        path: `${GALLERY}/${name}-${shot}.jpg`,
        fullPage: true,
        type: 'jpeg',
        quality: 72,
      })
    }
  }
} finally {
  await browser.close()
}

const figures = ({ name, words }: (typeof mails)[number]) =>
  `<h2>${words}</h2>\n${SHOTS.map((shot) => `<img src="${name}-${shot.name}.jpg" width="${shot.width / 2}" alt="${words}, ${shot.width} pixels wide, ${shot.scheme}">`).join('\n')}`
await writeFile(
  `${GALLERY}/index.html`,
  `<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n<title>Every mail</title>\n<h1>Every mail</h1>\n<p>At 360 and 640 pixels, light and dark. Look at it after every change of a layout.</p>\n${mails.map(figures).join('\n')}\n</html>\n`,
)
const pictures = mails.length * SHOTS.length
process.stdout.write(`${pictures} pictures are on one page: test/output/gallery/index.html\n`)
