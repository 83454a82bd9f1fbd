/**
 * `npm run gallery`: every mail that is sent, at the width of a phone and of a window, light and
 * dark, into docs/gallery. The same render path as real mail (I8), the shipped courses, and readers
 * who are nobody.
 */
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { loadCourses } from '../src/content/courses.ts'
import type { Course, Daily } from '../src/domain/course.ts'
import { didInWords } from '../src/domain/words.ts'
import { SAMPLE } from '../src/mail/check/readers.ts'
import { read } from '../src/mail/check/rendering.ts'
import type { Content, Reader } from '../src/mail/edition.ts'
import { rawOf } from '../src/mail/mail.ts'
import { compose } from '../src/mail/message/compose.ts'
import { openEditions } from '../src/mail/render/compile.ts'
import { loadTemplates } from '../src/mail/render/templates.ts'
import { openBrowser } from './support/chromium.ts'

const folder = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url))
const GALLERY = folder('docs/gallery')
const SHOTS = [360, 640].flatMap((width) =>
  (['light', 'dark'] as const).map((scheme) => ({ width, scheme, name: `${width}-${scheme}` })),
)

const READER: Reader = {
  ...SAMPLE,
  firstName: 'Ada',
  address: 'ada@example.com',
  otherAddress: 'a…@example.net',
}
/** What was done is told of the lessons there are. */
const readerOf = ({ series }: Content): Reader =>
  series.kind === 'course' ? { ...READER, youDid: didInWords(series.lessons.length, 4) } : READER
const FROM = { name: 'Dawnpost', address: 'morning@dawnpost.example' }
const STAMP = {
  messageId: '<gallery@dawnpost.example>',
  date: Temporal.Instant.from('2027-03-20T06:00:00Z'),
}

const series = await loadCourses(folder('courses'))
const seriesOf = <T>(slug: string) => series.find((one) => one.slug === slug) as T
const course = seriesOf<Course>('inner-wisdom')
const weekdays = seriesOf<Course>('looking-closely')
const daily = seriesOf<Daily>('daily-inspiration')

const lesson = (of: Course, day: number, more: object = {}): Content => ({
  kind: 'lesson',
  series: of,
  lesson: of.lessons[day - 1] as Course['lessons'][number],
  beside: null,
  ...more,
})
const inspiration = daily.inspirations[79] as Daily['inspirations'][number]

/** In the order in which a reader meets them. */
const MAILS: readonly [name: string, words: string, content: Content][] = [
  ['confirm', 'Please confirm', { kind: 'confirm', series: course }],
  ['welcome', 'Welcome', { kind: 'welcome', series: course, letter: course.welcome }],
  ['lesson', 'A lesson', lesson(course, 7)],
  [
    'lesson-with-inspiration',
    'A lesson that takes the inspiration along',
    lesson(course, 8, { beside: { series: daily, inspiration } }),
  ],
  ['inspiration', 'An inspiration by itself', { kind: 'inspiration', series: daily, inspiration }],
  ['after-a-pause', 'A pause has ended', lesson(course, 9, { afterPause: true })],
  ['completion', 'The end', { kind: 'completion', series: course, letter: course.completion }],
  ['other-look', 'A lesson of a course with a look of its own', lesson(weekdays, 1)],
  [
    'other-look-end',
    'The end of that course',
    { kind: 'completion', series: weekdays, letter: weekdays.completion },
  ],
  ['change', 'To a new address', { kind: 'change', series: course }],
  ['changed', 'To the old one', { kind: 'changed', series: course }],
  ['link', 'A new link', { kind: 'link', series: course }],
  ['export', 'Your data', { kind: 'export', series: course }],
  ['erase', 'Delete your data', { kind: 'erase', series: course }],
]

const editions = openEditions(await loadTemplates(folder('templates/mail')), {
  siteName: 'Dawnpost',
  siteUrl: 'https://courses.example',
  postalAddress: '1 Example Lane, Exampleton',
})

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
    for (const [name, , content] of MAILS) {
      const { html } = read(rawOf(compose(await editions(content), readerOf(content), STAMP, FROM)))
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

const row = ([name, words]: (typeof MAILS)[number]) =>
  `## ${words}\n\n${SHOTS.map((shot) => `<img src="${name}-${shot.name}.jpg" width="${shot.width / 2}" alt="${words}, ${shot.width} pixels wide, ${shot.scheme}">`).join('\n')}\n`
await writeFile(
  `${GALLERY}/README.md`,
  `# Every mail\n\nAt 360 and 640 pixels, light and dark. Made by \`npm run gallery\`; look at it after every change of a layout.\n\n${MAILS.map(row).join('\n')}`,
)
process.stdout.write(`${MAILS.length * SHOTS.length} pictures are in docs/gallery.\n`)
