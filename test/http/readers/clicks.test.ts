/**
 * Counted links: from the preferences to the mail, the redirect and the author's figures.
 */
import { load } from 'cheerio'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { clicks } from '../../../src/store/index.ts'
import { COURSE, type Folder, folder, lesson, settings } from '../../content/folder.ts'
import { enrolled } from '../../support/app.ts'
import { type Mailbox, openMailbox } from '../../support/mailbox.ts'
import { followed, type TestWeb, testWeb } from '../../support/web.ts'

const URLS = ['a', 'b', 'c', 'd', 'e'].map((name) => `https://${name}.example/`)
const LINKS = URLS.map((url) => `[this one](${url})`).join(', ')
const FILES = {
  ...COURSE,
  'c/course.yaml': settings({ clicks: 'count' }),
  'c/01-one.md': lesson({ subject: 'One' }, `Read ${LINKS}.\n\n## A practice\n\n1. Do it.\n`),
  ...Object.fromEntries(
    Object.entries(COURSE).map(([name, text]) => [name.replace('c/', 'plain/'), text]),
  ),
}

let courses: Folder
let mailbox: Mailbox
let web: TestWeb
/** Addresses whose first mail is deferred. */
const putOff = new Set<string>()
beforeAll(async () => {
  courses = await folder(FILES)
  mailbox = await openMailbox({
    onRcptTo: ({ address }, _session, done) =>
      putOff.delete(address)
        ? done(Object.assign(new Error('4.7.1 later'), { responseCode: 451 }))
        : done(),
  })
  web = await testWeb({ coursesDir: courses.path, env: { SMTP_URL: mailbox.url } })
})
afterAll(async () => {
  await web[Symbol.asyncDispose]()
  await mailbox[Symbol.asyncDispose]()
  await courses[Symbol.asyncDispose]()
})

let readers = 0
/** Somebody in the course, and their page. */
async function reader() {
  readers += 1
  const email = `reader${readers}@example.com`
  const { first, subscriber } = await enrolled(web, { email, series: ['c'] })
  const path = `/preferences/${web.app.links.token('preferences', first.id)}`
  const press = (name: string) => web.post(path, { do: name, enrollment: first.id })
  return { email, path, press, id: first.id, subscriber: subscriber.id }
}
type Reader = Awaited<ReturnType<typeof reader>>

/** The links of the first lesson, which comes on the next morning. */
async function lessonOf({ email }: Reader) {
  const morning = web.app.now().toZonedDateTimeISO('Europe/Berlin').add({ days: 1 })
  web.clock.set(morning.with({ hour: 7, minute: 0, second: 0 }).toInstant())
  await web.settle()
  return linksTo(email)
}
const linksTo = (email: string) => {
  const mail = mailbox.to(email).findLast(({ mail }) => mail.subject === 'One')
  return load(String(mail?.mail.html))('a[href]')
    .toArray()
    .filter((element) => load(element).text() === 'this one')
    .map(({ attribs }) => String(attribs.href))
}
const later = (seconds: number) => web.clock.set(web.app.now().add({ seconds }))

/** How often each link was counted so far. */
async function counted(): Promise<Record<string, number>> {
  later(11)
  const { links } = await web.app.operator.clicks('c')
  return Object.fromEntries(links.map(({ url, count }) => [url, count]))
}
async function since(before: Record<string, number>) {
  const now = await counted()
  return URLS.map((url) => (now[url] ?? 0) - (before[url] ?? 0))
}

/** Agrees, gets the lesson, and waits until a click is not taken for a scanner's. */
async function counting() {
  const one = await reader()
  await one.press('clicks')
  const links = await lessonOf(one)
  const before = await counted()
  later(120)
  return { ...one, links, before }
}

describe('the switch', () => {
  it('is off at first, only in courses that count, and records consent and withdrawal', async () => {
    const one = await reader()
    const off = await (await web.get(one.path)).text()
    expect(off).toContain('Count which links I follow in this course')
    const on = await (await followed(web, await one.press('clicks'))).text()
    expect(on).toContain('Stop counting my links')
    await one.press('clicks')
    await one.press('no-clicks')
    const consents = await web.db
      .selectFrom('consents')
      .selectAll()
      .where('enrollment_id', '=', one.id)
      .where('event', 'in', ['clicks', 'no-clicks'])
      .orderBy('id')
      .execute()
    expect(consents).toMatchObject([
      {
        event: 'clicks',
        language: 'en',
        wording: expect.stringMatching(/^If you agree.*Count which links I follow in this course$/),
        at: web.app.now(),
      },
      { event: 'no-clicks', wording: 'Stop counting my links' },
    ])
    const { first } = await enrolled(web, { email: 'plain@example.com', series: ['plain'] })
    const plain = `/preferences/${web.app.links.token('preferences', first.id)}`
    expect(await (await web.get(plain)).text()).not.toContain('clicks')
    await web.post(plain, { do: 'clicks', enrollment: first.id })
    expect(await clicks.consentSince(web.db, first.id)).toBeNull()
  })

  it('leaves links alone without consent, or when it came after the first attempt', async () => {
    const [none, late] = [await reader(), await reader()]
    await web.settle() // the welcome
    putOff.add(late.email)
    expect(await lessonOf(none)).toEqual(URLS)
    expect(putOff.has(late.email)).toBe(false)
    expect(linksTo(late.email)).toEqual([])
    later(60)
    await late.press('clicks')
    later(3_600)
    await web.settle()
    expect(linksTo(late.email)).toEqual(URLS)
  })
})

describe('a counted link', () => {
  it('redirects on GET, and is counted once', async () => {
    const { links, before } = await counting()
    const response = await web.get(links[1] ?? '')
    expect(response.status).toBe(302)
    expect(response.headers.get('location')).toBe(URLS[1])
    expect(response.headers.get('referrer-policy')).toBe('no-referrer')
    expect(response.headers.get('cache-control')).toBe('no-store')
    later(30)
    await web.get(links[1] ?? '')
    later(3_600)
    await web.get(links[1] ?? '')
    expect(await since(before)).toEqual([0, 1, 0, 0, 0])
    later(3_600)
    await web.get(links[1] ?? '')
    expect(await since(before)).toEqual([0, 1, 0, 0, 0])
  })

  it('keeps no time and no URL once it was counted', async () => {
    const { links } = await counting()
    await web.get(links[0] ?? '')
    await counted()
    const marks = await web.db.selectFrom('click_marks').selectAll().execute()
    expect(new Set(marks.flatMap(({ at, url }) => [at, url]))).toEqual(new Set([null]))
  })

  it('is not counted on HEAD, too early, after a month, withdrawn or left', async () => {
    const head = await counting()
    expect((await web.head(head.links[0] ?? '')).headers.get('location')).toBe(URLS[0])
    const early = await reader()
    await early.press('clicks')
    const [first = ''] = await lessonOf(early)
    later(59)
    expect((await web.get(first)).status).toBe(302)
    const old = await counting()
    await old.press('no-clicks')
    expect((await web.get(old.links[0] ?? '')).headers.get('location')).toBe(URLS[0])
    await old.press('clicks')
    const pending = await counting()
    await web.get(pending.links[0] ?? '')
    await pending.press('no-clicks')
    const gone = await counting()
    await web.post(`/unsubscribe/${web.app.links.token('unsubscribe', gone.id)}`, {
      'List-Unsubscribe': 'One-Click',
    })
    await web.get(gone.links[0] ?? '')
    later(31 * 24 * 3_600)
    await web.get(old.links[1] ?? '')
    expect(await since(head.before)).toEqual([0, 0, 0, 0, 0])
  })

  it('is not counted if more than three of a mail are followed at once, but is later', async () => {
    const { links, before } = await counting()
    for (const link of links.slice(0, 4)) {
      await web.get(link)
      later(3)
    }
    expect(await since(before)).toEqual([0, 0, 0, 0, 0])
    later(60)
    for (const link of links) {
      await web.get(link)
      later(5)
    }
    expect(await since(before)).toEqual([1, 1, 1, 1, 1])
  })

  it('leads nowhere else: a forged one is answered 404, without a target', async () => {
    const { links } = await counting()
    const [one = '', two = ''] = links.map((link) => new URL(link).pathname)
    const [version, key, , tag] = one.split('.')
    const bad = [
      [version, key, two.split('.')[2], tag].join('.'),
      one.slice(0, -1),
      '/to/https%3A%2F%2Fevil.example',
      `/to/${web.app.links.token('lessons', (await reader()).id)}`,
    ]
    for (const path of bad) {
      const response = await web.get(`${path}?url=https://evil.example/`)
      expect([path, response.status]).toEqual([path, 404])
      expect(response.headers.get('location')).toBeNull()
    }
  })

  it('forgets who followed it a month after its mail, not before', async () => {
    const { links } = await counting()
    await web.get(links[0] ?? '')
    await counted()
    const marks = async () => (await web.db.selectFrom('click_marks').selectAll().execute()).length
    const before = await marks()
    await clicks.purge(web.db, web.app.now().add({ hours: 29 * 24 }))
    expect(before).toBeGreaterThan(0)
    const kept = await marks()
    expect(kept).toBeGreaterThan(0)
    await clicks.purge(web.db, web.app.now().add({ hours: 30 * 24 }))
    expect(await marks()).toBe(0)
  })

  it('still redirects when its reader is erased, of whom no mark is left', async () => {
    const { links, subscriber, id } = await counting()
    await web.get(links[2] ?? '')
    const marks = () =>
      web.db
        .selectFrom('click_marks as m')
        .innerJoin('deliveries as d', 'd.id', 'm.delivery_id')
        .select('m.link')
        .where('d.enrollment_id', '=', id)
        .execute()
    expect(await marks()).toHaveLength(1)
    const all = await web.db.selectFrom('click_marks').select('link').execute()
    expect(JSON.stringify(await web.app.reader.exportData(subscriber))).toContain(
      '"linksFollowed":[{"lesson":"one","link":3}]',
    )
    await web.app.reader.erase(subscriber)
    expect(await web.db.selectFrom('click_marks').select('link').execute()).toHaveLength(
      all.length - 1,
    )
    expect((await web.get(links[2] ?? '')).headers.get('location')).toBe(URLS[2])
  })
})
