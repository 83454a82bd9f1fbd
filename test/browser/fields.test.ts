/** Partly typed dates, and time zones from browsers that do not name a place. */
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { enrolled } from '../support/app.ts'
import { browseSite, shot, violationsOf } from '../support/browser.ts'

const { browser, site } = await browseSite()
let readers = 0
/** The preferences page of a new reader who has changed nothing yet. */
async function untouched() {
  const { first } = await enrolled(site, { email: `reader${++readers}@example.com` })
  return site.app.links.url('preferences', first.id, site.app.now())
}

const opened = async (options: Parameters<typeof browser.newContext>[0], url: string) => {
  const context = await browser.newContext({ locale: 'en-US', ...options })
  const page = await context.newPage()
  await page.goto(url)
  return { context, page }
}

const active = (page: Page) => page.evaluate<string>('document.activeElement.id')

describe('a partly typed date', () => {
  it('is not sent: the summary has the focus and the field a message until it is complete', async () => {
    const preferences = await untouched()
    const { context, page } = await opened({ viewport: { width: 360, height: 740 } }, preferences)
    await using _ = context
    const first = page.getByLabel('First day').first()
    await first.pressSequentially('1224')
    await page.getByLabel('Last day').first().fill('2027-04-02')
    await page.getByRole('button', { name: 'Save schedule', exact: true }).first().click()
    await page.getByRole('alert').getByText('Please check: First day.').waitFor()
    expect(await active(page)).toBe('fault')
    expect(page.url()).toBe(preferences)
    await page.getByRole('alert').getByRole('link').click()
    expect(await active(page)).toMatch(/^quietFrom-/)
    const words = 'Complete the date: day, month and year. Or clear the field.'
    const described = await first.getAttribute('aria-describedby')
    expect(await page.locator(`[id="${described}"]`).textContent()).toBe(words)
    await shot(page, 'half-typed-360')
    expect(await violationsOf(page)).toEqual([])
    await first.fill('2027-04-01')
    expect(await page.getByText(words).count()).toBe(0)
    await page.getByRole('button', { name: 'Save schedule', exact: true }).first().click()
    await page.getByText('No emails from Thursday, April 1, 2027 through Friday,').waitFor()
  })

  it('does not block a button that does not need it', async () => {
    const { context, page } = await opened({}, `${await untouched()}/pause`)
    await using _ = context
    await page.getByLabel('Or resume on').pressSequentially('1224')
    await page.getByRole('button', { name: 'Pause until this date' }).click()
    await page.getByRole('alert').waitFor()
    await page.getByRole('button', { name: 'Pause until I resume' }).click()
    await page.getByText('You won’t get any emails until you resume.').waitFor()
    await page.getByRole('button', { name: 'Undo' }).click()
    await page.getByText('Welcome back.').waitFor()
  })

  it('without scripts is rejected when the other date of the pair is given', async () => {
    const { context, page } = await opened({ javaScriptEnabled: false }, await untouched())
    await using _ = context
    await page.getByLabel('First day').first().fill('2027-05-01')
    await page.getByLabel('Last day').first().pressSequentially('0502')
    await page.getByRole('button', { name: 'Save schedule', exact: true }).first().click()
    await page.getByText('Choose both dates, or neither.').waitFor()
    expect(await page.getByRole('alert').getByRole('link').textContent()).toBe('Last day')
  })
})

describe('the time zone that a browser reports', () => {
  it.each([
    ['Etc/GMT+5', ''],
    ['Etc/UTC', 'UTC'],
    ['GMT', 'UTC'],
    ['Asia/Calcutta', 'Asia/Kolkata'],
    ['US/Eastern', 'America/New_York'],
  ])('%s is offered as "%s", which is accepted', async (timezoneId, offered) => {
    const url = `${site.url}/courses/inner-wisdom`
    const { context, page } = await opened({ timezoneId }, url)
    await using _ = context
    site.clock.set(site.app.now().add({ seconds: 30 }))
    const select = page.getByLabel('Time zone')
    expect(await select.inputValue()).toBe(offered)
    await page.getByLabel('Email address').fill('zoe@example.com')
    await page.getByRole('button', { name: 'Send confirmation email' }).click()
    if (offered === '') {
      expect(await page.getByRole('alert').getByRole('link').textContent()).toBe('Time zone')
      await select.selectOption('America/New_York')
      await page.getByRole('button', { name: 'Send confirmation email' }).click()
    }
    await page.waitForURL(/\/enrolled\?form=/)
  })
})

describe('forced colors', () => {
  it('leave each state of a day its own look, not told by color alone', async () => {
    const { context, page } = await opened({ forcedColors: 'active' }, await untouched())
    await using _ = context
    await page.evaluate(`document.querySelector('.calendar').innerHTML =
      ['came', 'ahead', 'resting', 'none', 'came today', 'ahead today']
        .map((state) => '<li class="' + state + '"><span><time>Mo</time><b>1</b><i>' + (/came|ahead/.test(state) ? 4 : '') + '</i></span></li>').join('')`)
    await shot(page, 'forced-colors')
    const looks = await page.evaluate<
      string[]
    >(`[...document.querySelectorAll('.calendar li')].map((day) => {
      const { borderTopColor: edge, backgroundColor: page } = getComputedStyle(day)
      const mark = getComputedStyle(day.querySelector('i'))
      return [edge === getComputedStyle(document.body).backgroundColor ? 'no edge' : 'edge', mark.borderTopWidth, mark.backgroundColor === page ? 'empty' : mark.backgroundColor, getComputedStyle(day.querySelector('i'), '::before').content].join()
    })`)
    expect(new Set(looks).size).toBeGreaterThanOrEqual(5)
  })
})

it('no hidden field is rendered: Safari would stop at it', async () => {
  const { context, page } = await opened({}, await untouched())
  await using _ = context
  expect(
    await page.evaluate(
      `[...document.querySelectorAll('input[type="hidden"]')].filter((field) => getComputedStyle(field).display !== 'none').length`,
    ),
  ).toBe(0)
})
