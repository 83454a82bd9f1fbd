import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { enrolled } from '../support/app.ts'
import {
  browseSite,
  outsideOf,
  overflowOf,
  pageFor,
  READERS,
  shot,
  violationsOf,
} from '../support/browser.ts'

const { browser, site } = await browseSite()

/** Those whose screenshots people look at, too. */
const SHOWN = new Set(['start', 'changing', 'faulty', 'paused-until', 'skip', 'left', 'person'])

const words = ({ script, width }: (typeof READERS)[number]) =>
  `${script ? 'with' : 'without'} JavaScript at ${width} px`

const card = (page: Page, title = 'Unlocking Your Inner Wisdom') =>
  page.getByRole('region', { name: title, exact: true })

/** Expands a collapsed part of the card. */
const unfold = (page: Page, summary: string) =>
  card(page).getByText(summary, { exact: true }).click()

describe.each(READERS.map((reader) => ({ ...reader, how: words(reader) })))(
  'a reader $how',
  ({ script, width, scheme }) => {
    let context: BrowserContext
    let page: Page
    let errors: string[]

    beforeAll(async () => {
      const email = `reader-${script}-${width}@example.com`
      const { first } = await enrolled(site, { email })
      site.clock.set('2027-03-19T12:00:00Z')
      await site.settle()
      ;({ context, page, errors } = await pageFor(browser, { script, width, scheme }))
      await page.goto(site.app.links.url('preferences', first.id, site.app.now()))
    })
    afterAll(() => context?.close())

    /** Expects the page after a change to say `said` and to announce `next`. */
    async function expectDone(name: string, said: string, next: RegExp) {
      await page.waitForURL(/done=/)
      await page.getByRole('status').getByText(said).waitFor()
      expect(
        await page.evaluate<boolean>(
          'document.querySelector("#done").getBoundingClientRect().bottom < innerHeight',
        ),
      ).toBe(true)
      expect((await card(page).locator('.lead').allInnerTexts()).join(' ')).toMatch(next)
      await look(name)
    }

    async function look(name: string) {
      const file = `preferences-${name}-${width}-${scheme}`
      if (SHOWN.has(name)) await shot(page, file)
      expect(await overflowOf(page), name).toBeLessThanOrEqual(0)
      expect(await outsideOf(page, 'form, .calendar li'), name).toEqual([])
    }

    /** axe-core is a script itself; without scripts the page is the same. */
    const expectClean = async () => expect(script ? await violationsOf(page) : []).toEqual([])

    const press = (name: string) => card(page).getByRole('button', { name, exact: true }).click()

    /** Undoes the last saved change, not the skip. */
    const takeBack = () => page.locator('#done').getByRole('button', { name: 'Undo' }).click()

    it('finds the rhythm in view, editable, above the buttons that send and skip', async () => {
      const time = card(page).getByLabel('Time of day')
      expect((await time.boundingBox())?.y).toBeLessThan((page.viewportSize()?.height ?? 0) - 48)
      const of = async (name: string) =>
        (await card(page).getByRole('button', { name }).boundingBox())?.y ?? 0
      const [save, send, skip] = [
        await of('Save schedule'),
        await of('Send day 1 now'),
        await of('Skip day 1'),
      ]
      const pause = (await card(page).getByText('Pause', { exact: true }).boundingBox())?.y ?? 0
      expect([save, pause, send, skip]).toEqual([save, pause, send, skip].sort((a, b) => a - b))
    })

    it('sees the two weeks ahead, on a page free of violations', async () => {
      await look('start')
      expect(await card(page).locator('.calendar li').count()).toBe(14)
      await expectClean()
    })

    it('requests the next lesson now, once a day', async () => {
      await press('Send day 1 now')
      await expectDone(
        'now',
        'We’re sending it now.',
        /Next: tomorrow, Saturday, March 20, at 07:00/,
      )
      await page.getByText('You’ve had an extra lesson today').waitFor()
    })

    it('requests it again', async () => {
      await site.settle()
      await page.reload()
      await press('Send day 1 again')
      await expectDone('again', 'We’re sending it again.', /Next: tomorrow/)
    })

    it('skips a lesson', async () => {
      await press('Skip day 2')
      await expectDone('skip', 'Skipped.', /Next: tomorrow/)
      await card(page).getByText('Day 3 of 30').waitFor()
      await card(page).getByText('You skipped day 2.').waitFor()
    })

    it('undoes the skip, and skips it again', async () => {
      await press('Undo')
      await expectDone(
        'undone',
        'The skip is undone. It will be sent as planned.',
        /Next: tomorrow/,
      )
      await card(page).getByText('Day 2 of 30').waitFor()
      expect(await card(page).getByRole('button', { name: 'Undo' }).count()).toBe(0)
      await press('Skip day 2')
      await expectDone('skip', 'Skipped.', /Next: tomorrow/)
    })

    it('changes time, days and pace, and sets dates without mail', async () => {
      await card(page).getByLabel('Time of day').fill('06:15')
      await card(page).getByLabel('Time zone').selectOption('Asia/Tokyo')
      await card(page).getByLabel('Sunday').uncheck()
      await card(page).getByLabel('Every other day').check()
      await card(page).getByLabel('First day').fill('2027-03-22')
      await card(page).getByLabel('Last day').fill('2027-03-25')
      await look('changing')
      await expectClean()
      await press('Save schedule')
      await expectDone(
        'changed',
        'Saved: Monday to Saturday at 06:15 (Asia/Tokyo). At least one free day between emails. No emails from Monday, March 22, 2027 through Thursday, March 25, 2027.',
        /Next: Friday, March 26, at 06:15/,
      )
      expect(await card(page).locator('.calendar .resting').count()).toBe(4)
    })

    it('undoes a saved change, and undoes that', async () => {
      await takeBack()
      await expectDone('taken-back', 'Saved: every day at 07:00 (Europe/Berlin).', /at 07:00/)
      await takeBack()
      await expectDone('back-again', 'Saved: Monday to Saturday at 06:15', /at 06:15/)
    })

    it('sees a fault named at its field, with all entries kept', async () => {
      await card(page).getByLabel('First day').fill('2027-04-10')
      await card(page).getByLabel('Last day').fill('2027-04-01')
      await press('Save schedule')
      await card(page).getByText('Choose a last day that is not before the first.').waitFor()
      expect(await card(page).getByLabel('First day').inputValue()).toBe('2027-04-10')
      expect(await card(page).getByLabel('Time of day').inputValue()).toBe('06:15')
      await look('faulty')
      await expectClean()
    })

    it('pauses until a date or indefinitely, and resumes', async () => {
      await unfold(page, 'Pause')
      await card(page).getByLabel('Resume on').fill('2027-03-30')
      await press('Pause until this date')
      await expectDone(
        'paused-until',
        'Paused. Emails resume on Tuesday, March 30, 2027.',
        /Paused until Tuesday, March 30/,
      )
      await takeBack()
      await expectDone('resumed', 'Welcome back.', /Next: Friday/)
      await unfold(page, 'Pause')
      await card(page).getByLabel('Resume on').fill('2027-03-30')
      await press('Pause until this date')
      await expectDone('paused-until', 'Paused.', /Paused until Tuesday, March 30/)
      await unfold(page, 'Change your pause')
      await press('Pause until I resume')
      await expectDone(
        'paused',
        'You won’t get any emails until you resume.',
        /Paused until you resume/,
      )
      await expectClean()
      await press('Resume')
      await expectDone('resumed', 'Welcome back.', /Next: Friday/)
    })

    it('starts again at day 1', async () => {
      await unfold(page, 'Start again or unsubscribe')
      await press('Start again from day 1')
      await expectDone('restarted', 'The course starts again from day 1.', /Next: Friday/)
      await card(page).getByText('Day 1 of 30').waitFor()
    })

    it('changes their name, and asks for another address', async () => {
      const you = page.getByRole('region', { name: 'Your details', exact: true })
      await you.getByLabel('First name').fill('Grace')
      await you.getByRole('button', { name: 'Save name' }).click()
      await you.getByRole('status').getByText('Saved.').waitFor()
      expect(await you.getByLabel('First name').inputValue()).toBe('Grace')
      await you.getByText('Change your email address').click()
      await you.getByLabel('New email address').fill('nobody')
      await you.getByRole('button', { name: 'Send confirmation email' }).click()
      await you.getByText('There’s no @ in this address.').waitFor()
      await look('person')
      await expectClean()
      await you.getByLabel('New email address').fill(`new-${script}-${width}@example.org`)
      await you.getByRole('button', { name: 'Send confirmation email' }).click()
      await you.getByRole('status').getByText('Check the inbox of the new address').waitFor()
    })

    it('unsubscribes', async () => {
      await unfold(page, 'Start again or unsubscribe')
      await card(page)
        .getByRole('link', { name: 'Unsubscribe from Unlocking Your Inner Wisdom' })
        .click()
      await page
        .getByRole('button', { name: 'Unsubscribe from Unlocking Your Inner Wisdom' })
        .click()
      await page.getByRole('heading', { name: 'You’re unsubscribed' }).waitFor()
      await page.goBack()
      await page.goBack()
      await page.reload()
      await card(page).getByText('Unsubscribed: you won’t get any more emails from it.').waitFor()
      await look('left')
      expect(errors.filter((error) => !error.includes('status of 422'))).toEqual([])
    })
  },
)
