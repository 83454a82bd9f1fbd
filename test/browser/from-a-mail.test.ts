/**
 * What a reader does through the less prominent links of a mail: reading again, a practice, a
 * pause, the end, and their rights.
 */
import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { enrolled, skipTheRest } from '../support/app.ts'
import {
  browseSite,
  overflowOf,
  pageFor,
  partsMissing,
  READERS,
  shot,
  violationsOf,
} from '../support/browser.ts'
import { linksOf, openMailbox } from '../support/mailbox.ts'

const mailbox = await openMailbox()
const { browser, site } = await browseSite({ env: { SMTP_URL: mailbox.url } })
afterAll(() => mailbox[Symbol.asyncDispose]())

describe.each(READERS)(
  'a reader, scripts $script, at $width px, $scheme',
  ({ script, width, scheme }) => {
    const email = `mail-${width}@example.com`
    let context: BrowserContext
    let page: Page
    let errors: string[]
    let enrollment: string

    beforeAll(async () => {
      site.clock.set('2027-03-19T12:00:00Z')
      const { first } = await enrolled(site, { email })
      enrollment = first.id
      for (const date of ['2027-03-20', '2027-03-21', '2027-03-22']) {
        site.clock.set(`${date}T06:00:00Z`)
        await site.settle()
      }
      ;({ context, page, errors } = await pageFor(browser, { script, width, scheme }))
    })
    afterAll(() => context?.close())

    /** The newest link of this kind in this reader's mails. */
    function linkOf(part: string) {
      const link = mailbox
        .to(email)
        .flatMap(linksOf)
        .findLast((one) => one.includes(part))
      if (!link) throw new Error(`no ${part} in the mails`)
      return link
    }

    async function look(name: string) {
      await shot(page, `mail-${name}-${width}-${scheme}`)
      expect(await overflowOf(page), name).toBeLessThanOrEqual(0)
      expect(await partsMissing(page), name).toEqual([])
      // axe-core is a script itself; without scripts the page is the same.
      expect(script ? await violationsOf(page) : [], name).toEqual([])
    }

    it('reads a lesson on the web, the one before it, and the list of all', async () => {
      await page.goto(linkOf('/lessons/'))
      await page.getByRole('heading', { level: 1 }).waitFor()
      await look('lesson')
      await page.getByRole('link', { name: '← Day 2: ' }).click()
      await page.getByText('Day 2 of 30').waitFor()
      await page.getByRole('link', { name: 'My 30 days' }).click()
      await page.getByText('3 of 30 lessons so far').waitFor()
      await look('days')
      await page.getByRole('link', { name: /Day 1/ }).click()
      await page.getByText('Day 1 of 30').waitFor()
    })

    it('marks a practice as done, and undoes it', async () => {
      await page.goto(linkOf('/practice/'))
      await page.getByRole('heading', { name: 'Did you do the practice?' }).waitFor()
      await look('practice')
      await page.getByRole('button', { name: 'I did the practice' }).click()
      await page.getByRole('heading', { name: 'Practice done' }).waitFor()
      expect(await page.locator('.thirty .done').count()).toBe(1)
      await look('practiced')
      await page.getByRole('button', { name: 'Undo' }).click()
      await page.getByRole('heading', { name: 'Did you do the practice?' }).waitFor()
      await page.getByRole('button', { name: 'I did the practice' }).click()
      await page.getByRole('heading', { name: 'Practice done' }).waitFor()
    })

    it('requests the next lesson now', async () => {
      await page.goto(linkOf('/now'))
      await look('now')
      await page.getByRole('button', { name: 'Send day 4 now' }).click()
      await page.getByRole('status').getByText('We’re sending it now.').waitFor()
    })

    it('pauses until a date, is told which date is invalid, and resumes', async () => {
      await page.goto(linkOf('/pause'))
      await look('pause')
      await page.getByLabel('Or resume on').fill('2027-03-01')
      await page.getByRole('button', { name: 'Pause until this date' }).click()
      await page.getByText('Choose a date after today.').waitFor()
      await page.goto(linkOf('/pause'))
      await page.getByLabel('Or resume on').fill('2027-03-28')
      await page.getByRole('button', { name: 'Pause until this date' }).click()
      await page.getByRole('status').getByText('Paused.').waitFor()
      await page.goto(linkOf('/pause'))
      await page.getByText('It’s paused until').waitFor()
      await page.getByRole('link', { name: 'Your preferences' }).click()
      await page.getByRole('button', { name: 'Resume' }).click()
      await page.getByRole('status').getByText('Welcome back.').waitFor()
    })

    it('reaches the end, and starts again', async () => {
      await site.settle()
      await skipTheRest(site, enrollment)
      site.clock.set('2027-03-23T06:00:00Z')
      await site.settle()
      await page.goto(linkOf('/completion'))
      await page.getByText('You received 4 lessons and did 1 practice').waitFor()
      await look('completion')
      await page.getByRole('button', { name: 'Start again from day 1' }).click()
      await page.getByRole('status').getByText('The course starts again from day 1.').waitFor()
    })

    it('views and downloads their data, and is erased', async () => {
      const preferences = site.app.links.url('preferences', enrollment, site.app.now())
      for (const [button, said] of [
        ['View my data', 'the email has a link to view and download your data'],
        ['Delete my data', 'nothing is deleted until you confirm by the link in the email'],
      ] as const) {
        await page.goto(preferences)
        await page.getByText('Your data', { exact: true }).click()
        await page.getByRole('button', { name: button }).click()
        await page.getByRole('status').getByText(said).waitFor()
      }
      await site.settle()
      await page.goto(linkOf('/data/'))
      await page.getByText(email).waitFor()
      await page.getByText('What you agreed to').first().click()
      await look('data')
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('link', { name: 'Download as JSON' }).click(),
      ])
      expect(download.suggestedFilename()).toMatch(/\.json$/)
      await page.goto(linkOf('/erase/'))
      await look('erase')
      await page.getByRole('button', { name: 'Delete my data' }).click()
      await page.getByRole('heading', { name: 'Your data is deleted' }).waitFor()
      await look('erased')
      await page.goto(preferences)
      await page.getByRole('heading', { name: 'This link has expired' }).waitFor()
      expect(errors.filter((error) => !/status of (422|410)/.test(error))).toEqual([])
    })
  },
)
