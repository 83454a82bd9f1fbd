/**
 * All pages and mails in a pseudo-language, with courses in Greek: what is left in plain ASCII
 * letters was never translated.
 */
import { load } from 'cheerio'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DELIVERY_KINDS, type DeliveryKind } from '../../src/domain/delivery.ts'
import { DEFAULT_SITE_SETTINGS } from '../../src/domain/site.ts'
import { BUILT_IN_SITE } from '../../src/platform/site-folder.ts'
import type { Purpose } from '../../src/security/links.ts'
import { type Folder, folder, page as markdown } from '../content/folder.ts'
import { ask, enrolled } from '../support/app.ts'
import { mailsByKind, sendEveryKind } from '../support/every-mail.ts'
import { type Mailbox, openMailbox } from '../support/mailbox.ts'
import { PSEUDO } from '../support/pseudo.ts'
import { type TestWeb, testWeb } from '../support/web.ts'

const SETTINGS = {
  title: 'Ένα',
  summary: 'Δύο',
  description: 'Τρία',
  author: 'Εμείς',
  language: 'el',
}
const LETTER = markdown({ subject: 'Χαίρε', preheader: 'Μία' }, 'Εδώ.\n')
const lesson = (subject: string) =>
  markdown(
    { subject, preheader: 'Μία', minutes: '10', question: 'Τι;', carry: 'Ναι.' },
    'Εδώ.\n\n## Άσκηση\n\n1. Κάνε.\n',
  )
const yaml = (keys: object) =>
  Object.entries(keys)
    .map(([key, value]) => `${key}: ${value}\n`)
    .join('')
const inspirations = Array.from({ length: 40 }, (_, n) => `## Νύχτα ${n + 1}\nΦως ${n + 1}.\n`)
const COURSES = {
  'inner-wisdom/course.yaml': yaml({ kind: 'course', ...SETTINGS }),
  'inner-wisdom/welcome.md': LETTER,
  'inner-wisdom/completion.md': LETTER,
  'inner-wisdom/01-one.md': lesson('Α'),
  'inner-wisdom/02-two.md': lesson('Β'),
  'inner-wisdom/03-three.md': lesson('Γ'),
  'daily-inspiration/course.yaml': yaml({ kind: 'daily', ...SETTINGS, title: 'Μέρα' }),
  'daily-inspiration/welcome.md': LETTER,
  'reading-letter/course.yaml': yaml({ kind: 'letter', ...SETTINGS, title: 'Νέα' }),
  'reading-letter/welcome.md': LETTER,
  'daily-inspiration/01-all.md': inspirations.join('\n'),
}

/** Words that belong to no language, and words that come from ICU or the tests. */
const NEUTRAL = [
  /https?:\/\/\S+/g,
  /\S+@\S+/g,
  /\b(January|February|March|April|May|June|July|August|September|October|November|December)\b/g,
  /\b(Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b/g,
  /\b(Mon|Tue|Wed|Thu|Fri|Sat|Sun|Mar)\b/g,
  /\bEurope\/Berlin\b|\bUTC\b|\bJSON\b|\bAtom\b|\bHTML\b|\bkB\b/g,
  /\b(Ada|Bob|Dawnpost)\b|1 Test Lane, Testville|a test|192\.0\.2\.0/g,
  /I ask for it/g,
]
const plainIn = (text: string) =>
  NEUTRAL.reduce((rest, pattern) => rest.replace(pattern, ' '), text)
    .match(/[A-Za-z]{2,}/g)
    ?.join(' ') ?? ''

/** What a page shows, and what it tells those who cannot see it. */
function wordsOf(html: string): string {
  const $ = load(html)
  $('script, style, pre, code, option, dl.raw').remove()
  const told = ['title', 'alt', 'aria-label', 'placeholder', 'data-busy', 'data-copy'].flatMap(
    (name) =>
      $(`[${name}]`)
        .map((_, element) => $(element).attr(name) ?? '')
        .get(),
  )
  const shown = [$('title').text(), $('body').text(), $('template').html() ?? '']
  return [...shown.map((text) => text.replace(/<[^>]*>/g, ' ')), ...told].join(' · ')
}

let courses: Folder
let mailbox: Mailbox
let web: TestWeb
/** Ids of what the links lead to. */
const ids: Record<string, string> = {}

beforeAll(async () => {
  courses = await folder(COURSES)
  mailbox = await openMailbox()
  web = await testWeb({
    coursesDir: courses.path,
    catalogs: { en: PSEUDO },
    // The footer texts of the samples are content, like a course.
    site: { folder: BUILT_IN_SITE, settings: DEFAULT_SITE_SETTINGS },
    env: { SMTP_URL: mailbox.url, EMBED_ORIGINS: 'https://friend.example' },
  })
  await sendEveryKind(web)
  const pending = await ask(web, { email: 'new@example.com' })
  const late = await enrolled(web, { email: 'late@example.com' })
  const paused = await enrolled(web, { email: 'paused@example.com' })
  await web.app.reader.pause(paused.first.id, null)
  web.clock.set('2027-03-22T06:00:00Z')
  await web.settle()
  Object.assign(ids, {
    pending: pending.id,
    late: late.subscriber.id,
    reader: late.first.id,
    daily: late.second?.id ?? '',
    paused: paused.first.id,
    lesson: await newest('lesson'),
    inspiration: await newest('inspiration'),
    change: await newest('change'),
    changed: await newest('changed', 'item'),
    done: await newest('completion', 'enrollment_id'),
  })
})
afterAll(async () => {
  await web[Symbol.asyncDispose]()
  await mailbox[Symbol.asyncDispose]()
  await courses[Symbol.asyncDispose]()
})

async function newest(kind: DeliveryKind, column: 'id' | 'item' | 'enrollment_id' = 'id') {
  const row = await web.db
    .selectFrom('deliveries')
    .select(column)
    .where('kind', '=', kind)
    .where('status', 'in', ['sent', 'merged'])
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirstOrThrow()
  return String(row[column])
}

const link =
  (purpose: Purpose, who: string, rest = '') =>
  () =>
    `/${purpose}/${web.app.links.token(purpose, ids[who] ?? '')}${rest}`
const at = (path: string) => () => path

const PAGES: [name: string, path: () => string, status?: number][] = [
  ['the front page', at('/')],
  ['a course', at('/courses/inner-wisdom')],
  ['a daily that one may have', at('/courses/daily-inspiration')],
  ['the inspiration of today', at('/daily/daily-inspiration')],
  ['one of the past', at('/daily/daily-inspiration/2027-03-01')],
  ['a form in a frame', at('/courses/inner-wisdom/embed')],
  ['what follows it', at('/courses/inner-wisdom/embed/enrolled')],
  ['the code for other sites', at('/courses/inner-wisdom/embed-code')],
  ['what follows enrolling', at('/enrolled')],
  ['what is to be confirmed', link('confirm', 'pending')],
  ['what was confirmed', link('confirm', 'late')],
  ['the form for a link', at('/link')],
  ['what follows it', at('/link/sent')],
  ['the form to sign in', at('/sign-in')],
  ['what follows it', at('/sign-in/sent')],
  ['a link that signs nobody in', at('/sign-in/cut'), 404],
  ['what follows signing out', at('/signed-out')],
  ['what follows new links', at('/link/renewed')],
  ['preferences', link('preferences', 'reader')],
  ['preferences of a daily', link('preferences', 'daily')],
  ['preferences in a pause', link('preferences', 'paused')],
  ['preferences after the end', link('preferences', 'done')],
  ['a pause', link('preferences', 'reader', '/pause')],
  ['a pause within a pause', link('preferences', 'paused', '/pause')],
  ['a pause after the end', link('preferences', 'done', '/pause')],
  ['the next one now', link('preferences', 'reader', '/now')],
  ['the next one within a pause', link('preferences', 'paused', '/now')],
  ['what is next', link('preferences', 'done', '/completion')],
  ['what is next on the way', link('preferences', 'reader', '/completion')],
  ['a lesson', link('lessons', 'lesson')],
  ['an inspiration', link('lessons', 'inspiration')],
  ['a practice', link('practice', 'lesson')],
  ['the days of a course', link('days', 'reader')],
  ['past inspirations', link('days', 'daily')],
  ['leaving', link('unsubscribe', 'reader')],
  ['data', link('data', 'late')],
  ['erasing', link('erase', 'late')],
  ['what was erased', at('/erased')],
  ['a new address', link('address', 'change')],
  ['an undone address', link('undo', 'changed')],
  ['no page', at('/nowhere'), 404],
  ['no course', at('/courses/nothing'), 404],
  ['no link', at('/preferences/forged'), 404],
]

describe('a page', () => {
  it.each(PAGES)('"%s" has no untranslated words', async (_, path, status = 200) => {
    const response = await web.get(path())
    const html = await response.text()
    expect([response.status, plainIn(wordsOf(html))]).toEqual([status, ''])
  })

  it('that returns a form has no untranslated words in its faults', async () => {
    const wrong = { email: 'nobody', name: 'www.evil.com', time: '', zone: '', weekdays: '' }
    const sent = await web.enroll(wrong)
    const html = await (await web.server.request(sent.headers.get('location') ?? '')).text()
    expect(html.match(/class="fault/g)?.length).toBeGreaterThan(4)
    expect(plainIn(wordsOf(html).replace('www.evil.com', '').replace('nobody', ''))).toBe('')
  })

  const DONE = ['rhythm', 'pause', 'resume', 'now', 'again', 'skip', 'undo-skip', 'name', 'address']
  it.each(DONE)('that reports %s as done has no untranslated words', async (name) => {
    const path = link('preferences', 'reader', `?done=${name}&of=inner-wisdom`)()
    expect(plainIn(wordsOf(await (await web.server.request(path)).text()))).toBe('')
  })
})

describe('a mail', () => {
  it.each(DELIVERY_KINDS)('of the kind %s has no untranslated words', async (kind) => {
    const mails = await mailsByKind(web, mailbox)
    const { subject = '', html = '', text = '' } = mails.get(kind)?.mail ?? {}
    expect(plainIn(subject)).toBe('')
    expect(plainIn(text)).toBe('')
    expect(plainIn(wordsOf(String(html)))).toBe('')
  })
})
