import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readAddress } from '../../src/domain/address.ts'
import type { Purpose } from '../../src/security/links.ts'
import { ask, CONSENT, enrolled } from '../support/app.ts'
import {
  browseSite,
  errorsOf,
  linesOf,
  outsideOf,
  overflowOf,
  partsMissing,
  shot,
  violationsOf,
} from '../support/browser.ts'

const WIDE = { width: 1280, height: 900 }
const NARROW = { width: 360, height: 740 }

const { browser, site } = await browseSite()
/** Paths of personal pages and of mails. */
const paths = {
  confirm: '',
  confirmed: '',
  preferences: '',
  unsubscribe: '',
  leave: '',
  mail: '',
  lesson: '',
  practice: '',
  days: '',
  address: '',
  undo: '',
  moved: '',
}

beforeAll(async () => {
  const { links, now } = site.app
  const path = (purpose: Purpose, id: string) => `/${purpose}/${links.token(purpose, id, now())}`
  const pending = await ask(site, { email: 'grace@example.com', firstName: 'Grace' })
  paths.confirm = path('confirm', pending.id)
  const ada = await enrolled(site)
  paths.confirmed = path('confirm', ada.subscriber.id)
  paths.preferences = path('preferences', ada.first.id)
  paths.unsubscribe = path('unsubscribe', ada.first.id)
  const address = readAddress('new.home@example.org')
  if (address) await site.app.reader.changeAddress(ada.first.id, address)
  const { id } = await site.db
    .selectFrom('deliveries')
    .select('id')
    .where('kind', '=', 'change')
    .executeTakeFirstOrThrow()
  paths.address = `/address/${links.token('address', id, now())}`
  const moved = await enrolled(site, { email: 'moved@example.com', firstName: 'Mo' })
  const elsewhere = readAddress('elsewhere@example.org')
  if (elsewhere) await site.app.reader.changeAddress(moved.first.id, elsewhere)
  const [change] = await site.db
    .selectFrom('address_changes')
    .select('id')
    .where('subscriber_id', '=', moved.subscriber.id)
    .execute()
  await site.app.reader.confirmAddress(change?.id ?? '', CONSENT)
  paths.undo = `/undo/${links.token('undo', change?.id ?? '', now())}`
  paths.moved = `/preferences/${links.token('preferences', { id: moved.first.id, epoch: 1 }, now())}`
  const leaving = await enrolled(site, {
    email: 'a.rather.long.address@mail.example.com',
    firstName: 'Eve',
  })
  paths.leave = path('unsubscribe', leaving.first.id)
  await site.settle()
  site.clock.set('2027-03-20T06:00:00Z')
  await site.settle()
  const lesson = (await site.app.author.sandbox?.list(100))?.find(({ kind }) => kind === 'lesson')
  paths.mail = `/outbox/${lesson?.id}`
  const { id: came } = await site.db
    .selectFrom('deliveries')
    .select('id')
    .where('kind', '=', 'lesson')
    .where('enrollment_id', '=', ada.first.id)
    .executeTakeFirstOrThrow()
  paths.lesson = path('lessons', came)
  paths.practice = path('practice', came)
  paths.days = path('days', ada.first.id)
})

interface Shown {
  readonly name: string
  /** Brings a new page to what is checked. */
  readonly open: (page: Page) => Promise<unknown>
  /** The status that Chromium logs as an error. */
  readonly status?: number
  /** Further checks of this page, which is open at phone width. */
  readonly also?: (page: Page) => Promise<unknown>
}

const at = (path: () => string) => async (page: Page) => {
  await page.goto(site.url + path(), { waitUntil: 'load' })
}
const tab = (name: string) => async (page: Page) => {
  await at(() => paths.mail)(page)
  await page.getByText(name, { exact: true }).click()
}

async function daysStayOnOneLine(page: Page) {
  const lines = []
  for (let width = 320; width <= 400; width += 8) {
    await page.setViewportSize({ width, height: 740 })
    lines.push(await linesOf(page, /days 29 to 30/), await linesOf(page, /days 1 to 7/))
  }
  expect(new Set(lines), 'the days of a part, on the narrowest phones too').toEqual(new Set([1]))
}

async function onPaperOnlyWords(page: Page) {
  const shown = () =>
    page.evaluate<string[]>(
      `[...document.querySelectorAll('nav, a')].filter((one) => one.checkVisibility()).map((one) => one.textContent.trim())`,
    )
  expect((await shown()).join()).toContain('My 30 days')
  await page.emulateMedia({ media: 'print' })
  expect(await shown(), 'nothing to press on paper').toEqual([])
  expect(await page.locator('h1').isVisible(), 'its words on paper').toBe(true)
  await page.emulateMedia({ media: null })
}

const PAGES: Shown[] = [
  { name: 'front', open: at(() => '/') },
  { name: 'course', open: at(() => '/courses/inner-wisdom'), also: daysStayOnOneLine },
  { name: 'course-themed', open: at(() => '/courses/looking-closely') },
  { name: 'daily', open: at(() => '/courses/daily-inspiration') },
  { name: 'inspiration', open: at(() => '/daily/daily-inspiration') },
  { name: 'inspiration-past', open: at(() => '/daily/daily-inspiration/2026-12-31') },
  { name: 'lesson', open: at(() => paths.lesson), also: onPaperOnlyWords },
  { name: 'practice', open: at(() => paths.practice) },
  { name: 'days', open: at(() => paths.days) },
  { name: 'pause', open: at(() => `${paths.preferences}/pause`) },
  { name: 'now', open: at(() => `${paths.preferences}/now`) },
  { name: 'completion', open: at(() => `${paths.preferences}/completion`) },
  {
    name: 'course-faulty',
    status: 422,
    open: async (page) => {
      await page.goto(`${site.url}/courses/inner-wisdom`)
      await page.getByLabel('Email address').fill('nobody')
      await page.getByLabel('Time of day').fill('')
      await page.getByLabel('Time zone').selectOption('')
      for (const day of await page.locator('.days input').all()) await day.uncheck()
      await page.getByRole('button', { name: 'Send confirmation email' }).click()
      await page.getByRole('alert').waitFor()
    },
  },
  { name: 'enrolled', open: at(() => '/enrolled') },
  { name: 'confirm', open: at(() => paths.confirm) },
  { name: 'confirmed', open: at(() => paths.confirmed) },
  { name: 'preferences', open: at(() => paths.preferences) },
  {
    name: 'preferences-faulty',
    status: 422,
    open: async (page) => {
      await page.goto(site.url + paths.preferences)
      await page.getByLabel('Time of day').first().fill('')
      await page.getByRole('button', { name: 'Save schedule', exact: true }).first().click()
      await page.locator('#fault').waitFor()
    },
  },
  { name: 'unsubscribe', open: at(() => paths.unsubscribe) },
  {
    name: 'unsubscribed',
    open: async (page) => {
      await page.goto(site.url + paths.leave)
      await page
        .getByRole('button', { name: 'Unsubscribe from Unlocking Your Inner Wisdom' })
        .click()
      await page.getByRole('heading', { name: 'You’re unsubscribed' }).waitFor()
    },
  },
  { name: 'address', open: at(() => paths.address) },
  { name: 'undo', open: at(() => paths.undo) },
  {
    name: 'preferences-moved',
    open: async (page) => {
      await at(() => paths.moved)(page)
      for (const name of ['Turn off old links', 'Your data'])
        await page.getByText(name, { exact: true }).click()
    },
  },
  { name: 'fresh-link', open: at(() => '/link') },
  { name: 'link-sent', open: at(() => '/link/sent') },
  { name: 'link-renewed', open: at(() => '/link/renewed') },
  { name: 'lost-link', status: 404, open: at(() => '/preferences/1.a.b.c') },
  { name: 'outbox', open: at(() => '/outbox') },
  { name: 'outbox-mail', open: at(() => paths.mail) },
  { name: 'outbox-mail-phone', open: tab('Phone') },
  { name: 'outbox-mail-text', open: tab('Text') },
  { name: 'outbox-mail-headers', open: tab('Headers') },
  { name: 'outbox-mail-source', open: tab('Source') },
  { name: 'problem', status: 404, open: at(() => '/nowhere') },
]

describe('every page, light and dark, wide and narrow', () => {
  // One page for all tests: opening it in a new context takes three times as long.
  let page: Page
  let errors: string[]
  beforeAll(async () => {
    const context = await browser.newContext({ timezoneId: 'Europe/Berlin' })
    page = await context.newPage()
    errors = errorsOf(page)
  })
  afterAll(() => page.context().close())

  it.each(PAGES)(
    '$name is free of violations, fits a phone, and raises no error',
    async (shown) => {
      const { name, open, status, also } = shown
      errors.length = 0
      await page.setViewportSize(WIDE)
      await open(page)
      const look = async (width: number, colorScheme: 'light' | 'dark') => {
        await page.emulateMedia({ colorScheme })
        await shot(page, `${name}-${width}-${colorScheme}`)
      }
      await look(WIDE.width, 'light')
      expect(
        await partsMissing(page),
        `${name}: one main part, one h1, a title, a language`,
      ).toEqual([])
      expect(await violationsOf(page), `${name}, light, wide`).toEqual([])
      await page.setViewportSize(NARROW)
      await look(NARROW.width, 'dark')
      expect(await violationsOf(page), `${name}, dark, narrow`).toEqual([])
      expect(await overflowOf(page), `${name} is wider than a phone`).toBeLessThanOrEqual(0)
      expect(await outsideOf(page, 'form'), `${name}: sticks out of a form`).toEqual([])
      await also?.(page)
      const own = `Failed to load resource: the server responded with a status of ${status}`
      expect(errors.filter((error) => !error.startsWith(own))).toEqual([])
    },
  )
})
