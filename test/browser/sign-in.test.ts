/** Signing in by a reader who comes from one of our pages and opens the mail on a phone. */
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { enrolled } from '../support/app.ts'
import {
  browseSite,
  overflowOf,
  pageFor,
  partsMissing,
  READERS,
  shot,
  violationsOf,
} from '../support/browser.ts'
import { newestToken } from '../support/members.ts'

const { browser, site } = await browseSite()

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })
const heading = (page: Page, name: string) => page.getByRole('heading', { name }).waitFor()

describe.each(READERS)('with scripts: $script, at $width', (reader) => {
  it('a reader asks for a link, opens it elsewhere, chooses a name, and signs out', async () => {
    const email = `ada${reader.width}@example.com`
    await enrolled(site, { email })
    const { context, page, errors } = await pageFor(browser, reader)
    await using _ = context
    const look = async (on: Page, name: string) => {
      // axe is a script itself, and would wait forever on a page without scripts.
      if (reader.script) expect(await violationsOf(on), name).toEqual([])
      expect([await overflowOf(on), await partsMissing(on)], name).toEqual([0, []])
      await shot(on, `sign-in-${name}-${reader.width}`)
    }
    await page.goto(`${site.url}/sign-in?to=%2Fdaily%2Fdaily-inspiration`)
    await page.getByLabel('Email address').fill('ada@')
    site.clock.set(site.app.now().add({ seconds: 30 }))
    await button(page, 'Send me a link').click()
    await page.getByText('There’s nothing after the @.').waitFor()
    await look(page, 'form')
    await page.getByLabel('Email address').fill(email)
    await button(page, 'Send me a link').click()
    await heading(page, 'Check your inbox')
    await look(page, 'sent')

    const phone = await pageFor(browser, { ...reader, width: 360 })
    await using __ = phone.context
    await phone.page.goto(`${site.url}/sign-in/${await newestToken(site, email)}`)
    await phone.page.getByText('with the address a…@example.com').waitFor()
    await look(phone.page, 'confirm')
    await button(phone.page, 'Sign in').click()
    await heading(phone.page, 'Your membership')
    await phone.page.getByLabel('Display name').fill('Moderator')
    await button(phone.page, 'Save name').click()
    await phone.page.getByText('kept for the people who run this site').waitFor()
    await look(phone.page, 'name')
    await phone.page.getByLabel('Display name').fill(`Ada ${reader.width}`)
    await button(phone.page, 'Save name').click()
    await phone.page.waitForURL('**/daily/daily-inspiration')

    await phone.page.goto(`${site.url}/member`)
    await look(phone.page, 'member')
    const [cookie] = await phone.context.cookies()
    expect(cookie).toMatchObject({ name: 'dawnpost', httpOnly: true, sameSite: 'Lax', path: '/' })
    await button(phone.page, 'Sign out').click()
    await heading(phone.page, 'You’re signed out')
    await look(phone.page, 'out')
    expect(await phone.context.cookies()).toEqual([])
    await phone.page.goto(`${site.url}/member`)
    await heading(phone.page, 'Sign in')
    // The browser logs an error for every page that returns a form with faults.
    expect([...errors, ...phone.errors].filter((one) => !one.includes('422'))).toEqual([])
  })
})

it('a page of another site cannot sign anybody in', async () => {
  const email = 'eve@example.com'
  await enrolled(site, { email })
  const address = { spec: email, key: email }
  await site.app.member.requestSignIn(address, { leadsTo: '/member' })
  const link = `${site.url}/sign-in/${await newestToken(site, email)}`
  await using context = await browser.newContext()
  const page = await context.newPage()
  await page.route('https://evil.example/', (route) =>
    route.fulfill({
      contentType: 'text/html',
      body: `<form method="post" action="${link}"><button>Win</button></form>`,
    }),
  )
  await page.goto('https://evil.example/')
  await button(page, 'Win').click()
  await page.getByText('This can only be done from our own pages').waitFor()
  expect(await context.cookies()).toEqual([])
})
