/** Every page in every language is in that language, and declares it for itself and its parts. */
import { load } from 'cheerio'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { directionOf } from '../../src/domain/direction.ts'
import { openLocales } from '../../src/locales/locale.ts'
import { type Folder, folder } from '../content/folder.ts'
import { enrolled } from '../support/app.ts'
import {
  courseIn,
  EVERY_LANGUAGE,
  LANGUAGES,
  pagesIn,
  ROOMY,
  readersOf,
  SITE_PAGES,
  SPEECH,
} from '../support/languages.ts'
import { type Mailbox, openMailbox } from '../support/mailbox.ts'
import { textOf } from '../support/page.ts'
import { type TestWeb, testWeb } from '../support/web.ts'

let courses: Folder
let mailbox: Mailbox
let web: TestWeb
const locales = openLocales()

beforeAll(async () => {
  courses = await folder(EVERY_LANGUAGE)
  mailbox = await openMailbox()
  web = await testWeb({
    coursesDir: courses.path,
    speech: SPEECH,
    env: { ...ROOMY, SMTP_URL: mailbox.url, EMBED_ORIGINS: 'https://friend.example' },
  })
  await readersOf(web)
})
afterAll(async () => {
  await web[Symbol.asyncDispose]()
  await mailbox[Symbol.asyncDispose]()
  await courses[Symbol.asyncDispose]()
})

/** The language that a page declares, and those of its parts in another one. */
function toldBy(html: string) {
  const $ = load(html)
  const parts = $('body [lang]')
    .map((_, part) => `${$(part).attr('lang')} ${$(part).attr('dir')}`)
    .get()
  return { page: `${$('html').attr('lang')} ${$('html').attr('dir')}`, parts: new Set(parts) }
}
const as = (language: string) => `${language} ${directionOf(language).direction}`

/** The first language besides English, if there is one. */
const [another = 'en'] = LANGUAGES.filter((language) => language !== 'en')

it('a reader chooses among the languages of the site', async () => {
  const { first, subscriber } = await enrolled(web, {
    email: 'polyglot@example.com',
    series: ['c-en'],
  })
  const path = `/preferences/${web.app.links.token('preferences', first.id, web.app.now())}`
  const html = async () => (await web.get(path)).text()
  const choice = load(await html())('select[name=language] option')
  expect(choice.map((_, option) => option.attribs.value).get()).toEqual(
    LANGUAGES.length > 1 ? ['en', ...LANGUAGES.filter((tag) => tag !== 'en')] : [],
  )
  await web.post(path, { do: 'language', language: 'tlh' })
  expect((await web.app.reader.overviewOf(subscriber.id))?.language).toBe('en')
  await web.post(path, { do: 'language', language: another })
  expect(toldBy(await html()).page).toBe(as(another))
  // What is about a series stays in its language.
  const pause = await (await web.get(`${path}/pause`)).text()
  expect(toldBy(pause).page).toBe('en ltr')
  mailbox.received.length = 0
  await web.app.reader.requestRight(first.id, 'export')
  await web.settle()
  const mail = mailbox.received.find(({ mail }) =>
    mail.to?.some(({ address }) => address === 'polyglot@example.com'),
  )
  expect(mail?.mail.subject).toBe(locales.of(another).t('mail.export.subject'))
  expect(toldBy(String(mail?.mail.html)).page).toBe(as(another))
})

it('a form’s faults are reported in the language of its course', async () => {
  const path = `/courses/${courseIn(another)}`
  const asked = { Accept: 'text/html', 'Accept-Language': 'en' }
  const told = async (response: Response) => {
    const where = response.headers.get('location')?.replace(/#.*/, '') ?? ''
    const page = await web.server.request(where, { headers: { 'Accept-Language': 'en' } })
    return { status: page.status, html: await page.text() }
  }
  const { status, html } = await told(await web.send(path, { email: 'nobody' }, asked))
  expect([status, toldBy(html).page]).toEqual([422, as(another)])
  expect(textOf(html)).toContain(textOf(locales.of(another).t('form.email.no-at')))
})

describe.each(LANGUAGES)('%s', (language) => {
  it('is used on every page about a series in it, whatever the browser asks for', async () => {
    for (const [name, path, status = 200] of await pagesIn(language, web)) {
      const response = await web.get(path, { 'Accept-Language': 'en-US,fr;q=0.5,ar;q=0.1' })
      const html = await response.text()
      const told = toldBy(html)
      expect([name, response.status, told.page]).toEqual([name, status, as(language)])
      expect(told.parts).not.toContain(as(language))
      for (const part of told.parts) expect(part).toBe(as(part.split(' ')[0] ?? ''))
      expect(response.headers.get('vary') ?? '').not.toContain('Accept-Language')
      expect(textOf(html), name).not.toMatch(/\bundefined\b|\[object|\{\w+\}/)
    }
  })

  it('is used for a visitor who asks for it on pages about no series', async () => {
    const sandbox = web.app.author.sandbox !== null
    for (const [name, path, status = 200] of SITE_PAGES.filter(
      ([of]) => sandbox || of !== 'outbox',
    )) {
      const response = await web.get(path, { 'Accept-Language': `tlh, ${language};q=0.9, *;q=0.1` })
      const told = toldBy(await response.text())
      expect([name, response.status, told.page]).toEqual([name, status, as(language)])
      const varies = response.headers.get('vary')?.includes('Accept-Language') ?? false
      expect(varies).toBe(LANGUAGES.length > 1)
    }
  })

  it('links its course to the same course in the others', async () => {
    const $ = load(await (await web.get(`/courses/${courseIn(language)}`)).text())
    const hrefs = (selector: string) =>
      $(selector)
        .map((_, link) => $(link).attr('href') ?? '')
        .get()
    const paths = LANGUAGES.map((one) => `/courses/${courseIn(one)}`)
    const others = paths.filter((path) => path !== `/courses/${courseIn(language)}`)
    expect(hrefs('a[hreflang]').toSorted()).toEqual(others.toSorted())
    const alternates = hrefs('link[rel=alternate][hreflang]')
    // A private tag (-x-) counts as its public one, so one of the two stands for both.
    const tags = new Set(LANGUAGES.map((tag) => tag.replace(/-x-.*/, '')))
    expect(alternates).toHaveLength(tags.size > 1 ? tags.size + 1 : 0)
    if (tags.size > 1)
      expect($('link[hreflang=x-default]').attr('href')).toBe(`${web.app.siteUrl}/courses/c-en`)
  })

  it('is recorded with each consent, which has its wording and version', async () => {
    const email = `new-${language.toLowerCase()}@example.com`
    await web.enroll(
      { email, name: '', time: '07:00', zone: 'Europe/Berlin', weekdays: ['1'] },
      {},
      courseIn(language),
    )
    const { id = '' } = (await web.app.operator.subscriberByKey(email)) ?? {}
    const confirm = `/confirm/${web.app.links.token('confirm', id, web.app.now())}`
    await web.post(confirm)
    const rows = await web.db
      .selectFrom('consents as c')
      .innerJoin('enrollments as e', 'e.id', 'c.enrollment_id')
      .select(['c.event', 'c.language', 'c.version', 'c.wording'])
      .where('e.subscriber_id', '=', id)
      .orderBy('c.id')
      .execute()
    const { t } = locales.of(language)
    const of = { language, version: t('consent.version') }
    expect(rows).toEqual([
      { event: 'asked', ...of, wording: expect.stringContaining('Ⅰ') },
      { event: 'confirmed', ...of, wording: t('page.confirm.button') },
    ])
    const page = textOf(await (await web.get(`/courses/${courseIn(language)}`)).text())
    // Readers cannot tell no-break spaces from others.
    expect(page).toContain(textOf(rows[0]?.wording ?? 'nothing'))
  })

  it('is the language of mails to a reader who enrolled in it', async () => {
    const email = `${language.toLowerCase()}@example.com`
    mailbox.received.length = 0
    await web.askForLink(email)
    await web.settle()
    const mail = mailbox.received.find(({ mail }) =>
      mail.to?.some(({ address }) => address === email),
    )
    expect(mail?.mail.subject).toBe(locales.of(language).t('mail.link.subject'))
    expect(toldBy(String(mail?.mail.html)).page).toBe(as(language))
  })
})
