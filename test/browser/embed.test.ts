/** Our forms embedded in other sites, which listen on their own ports. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { browseSite, errorsOf, overflowOf, shot, violationsOf } from '../support/browser.ts'
import { until } from '../support/wait.ts'

interface OtherSite extends AsyncDisposable {
  readonly url: string
  /** The body of its only page. */
  body: string
}

async function openOtherSite(): Promise<OtherSite> {
  const server = createServer((_, response) => {
    response.setHeader('Content-Type', 'text/html; charset=utf-8')
    const head =
      '<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">'
    response.end(`<!doctype html><title>A teacher</title>${head}<h1>A teacher</h1>${other.body}`)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const other = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    body: '',
    [Symbol.asyncDispose]: async () => {
      server.close()
      server.closeAllConnections()
    },
  }
  return other
}

const friend = await openOtherSite()
const stranger = await openOtherSite()
const { browser, site } = await browseSite({
  env: { EMBED_ORIGINS: `${friend.url},${friend.url.replace('127.0.0.1', 'localhost')}` },
})
/** As shown on the page with the embed code. */
const code = { frame: '', form: '' }
beforeAll(async () => {
  await using context = await browser.newContext()
  const page = await context.newPage()
  await page.goto(`${site.url}/courses/inner-wisdom/embed-code`)
  code.frame = (await page.getByLabel('Frame code').textContent()) ?? ''
  code.form = (await page.getByLabel('Form code').textContent()) ?? ''
})
afterAll(() => Promise.all([friend, stranger].map((one) => one[Symbol.asyncDispose]())))

/** How long a busy machine may take to render a page. */
const LATER = { timeout: 20_000 }

/** Two combinations instead of four: the theme changes only colors, the width everything else. */
const LOOKS = [
  [1280, 'light'],
  [360, 'dark'],
] as const

const send = (at: { getByRole: Page['getByRole'] }) =>
  at.getByRole('button', { name: 'Send confirmation email' }).click()
const pass = () => site.clock.set(site.app.now().add({ seconds: 30 }))

async function enrollmentOf(email: string) {
  await site.app.sender.processRequests()
  const person = await site.app.operator.subscriberByKey(email)
  const [first] = person ? await site.app.operator.enrollmentsOf(person.id) : []
  return first && { time: first.time_of_day, zone: first.zone }
}

describe('a frame on another site', () => {
  it.each(LOOKS)(
    'enrolls at %i px, %s, without leaving the site and without a scroll bar',
    async (width, colorScheme) => {
      await using context = await browser.newContext({
        viewport: { width, height: 1_500 },
        colorScheme,
        timezoneId: 'Asia/Tokyo',
      })
      const page = await context.newPage()
      const errors = errorsOf(page)
      friend.body = code.frame
      await page.goto(friend.url)
      const frame = page.frameLocator('iframe')
      const email = `frame-${width}-${colorScheme}@example.com`
      await frame.getByLabel('Email address').fill(email)
      const inner = page.frames()[1]
      if (!inner) throw new Error('there is no frame')
      const root = 'document.documentElement'
      expect(
        await inner.evaluate<number>(`${root}.scrollHeight - ${root}.clientHeight`),
      ).toBeLessThanOrEqual(0)
      expect(
        await inner.evaluate<number>(`${root}.scrollWidth - ${root}.clientWidth`),
      ).toBeLessThanOrEqual(0)
      expect(await overflowOf(page)).toBeLessThanOrEqual(0)
      await shot(page, `embed-frame-${width}-${colorScheme}`)
      pass()
      await send(frame)
      await frame.getByRole('heading', { name: 'Check your inbox' }).waitFor()
      await until(
        'the frame to be small again',
        async () => ((await page.locator('iframe').boundingBox())?.height ?? 0) < 700,
      )
      await shot(page, `embed-enrolled-${width}-${colorScheme}`)
      expect(page.url()).toBe(`${friend.url}/`)
      expect(await enrollmentOf(email)).toEqual({ time: '07:00', zone: 'Asia/Tokyo' })
      expect(errors).toEqual([])
    },
  )

  it.each([true, false])(
    'on a phone keeps its messages in view, scripts %s',
    async (javaScriptEnabled) => {
      await using context = await browser.newContext({
        viewport: { width: 360, height: 740 },
        javaScriptEnabled,
      })
      const page = await context.newPage()
      // Here the other site also has another host name; the page continues below the frame.
      friend.body = `${code.frame}<p style="height: 1500px">Below</p>`
      await page.goto(friend.url.replace('127.0.0.1', 'localhost'))
      const frame = page.frameLocator('iframe')
      const inView = (what: Locator) => async () => {
        const { y = -1, height = 0 } = (await what.boundingBox()) ?? {}
        return height > 0 && y >= 0 && y + height <= 740
      }
      const hasCursor = (what: Locator) => () =>
        what.evaluate((one) =>
          (one as unknown as { matches(what: string): boolean }).matches(':focus'),
        )
      await frame.getByLabel('Email address').fill('nobody')
      await frame.getByLabel('Time zone').selectOption('Europe/Berlin')
      await send(frame)
      const alert = frame.getByRole('alert')
      await expect.poll(inView(alert), LATER).toBe(true)
      if (javaScriptEnabled) await expect.poll(hasCursor(alert), LATER).toBe(true)
      await shot(page, `embed-fault-360-${javaScriptEnabled}`)
      await frame.getByLabel('Email address').fill(`seen-${javaScriptEnabled}@exmaple.com`)
      await send(frame)
      await expect
        .poll(inView(frame.getByRole('heading', { name: 'Check your inbox' })), LATER)
        .toBe(true)
      await shot(page, `embed-check-360-${javaScriptEnabled}`)
      await frame.getByRole('link', { name: 'Change it' }).click()
      const email = frame.getByLabel('Email address')
      await expect.poll(inView(email), LATER).toBe(true)
      expect(await email.inputValue()).toBe(`seen-${javaScriptEnabled}@exmaple.com`)
    },
  )

  it('enrolls even if the script around it is missing', async () => {
    await using context = await browser.newContext({
      viewport: { width: 360, height: 740 },
      timezoneId: 'Asia/Tokyo',
    })
    const page = await context.newPage()
    friend.body = code.frame.replace(/<script[\s\S]*<\/script>/, '')
    await page.goto(friend.url)
    const frame = page.frameLocator('iframe')
    await frame.getByLabel('Email address').fill('scroll@example.com')
    pass()
    await send(frame)
    await frame.getByRole('heading', { name: 'Check your inbox' }).waitFor()
  })

  it('stays empty on a site that is not listed', async () => {
    await using context = await browser.newContext()
    const page = await context.newPage()
    const errors = errorsOf(page)
    stranger.body = code.frame
    await page.goto(stranger.url)
    await expect.poll(() => errors.join()).toContain('frame-ancestors')
    expect(await page.frameLocator('iframe').getByLabel('Email address').count()).toBe(0)
  })
})

describe('the plain form on another site', () => {
  it('enrolls in one step, in the zone of the browser', async () => {
    await using context = await browser.newContext({
      timezoneId: 'Asia/Calcutta',
      viewport: { width: 360, height: 740 },
    })
    const page = await context.newPage()
    friend.body = code.form
    await page.goto(friend.url)
    await page.getByLabel('Email address').fill('plain@example.com')
    await page.getByLabel('Time of day').fill('06:15')
    await shot(page, `embed-form-360`)
    expect(await overflowOf(page)).toBeLessThanOrEqual(0)
    await send(page)
    await page.waitForURL(/\/enrolled\?form=/)
    expect((await enrollmentOf('plain@example.com'))?.time).toBe('06:15')
    expect((await enrollmentOf('plain@example.com'))?.zone).toMatch(/^Asia\/(Kolkata|Calcutta)$/)
  })

  it('leads to our page, which asks for the time zone, without JavaScript', async () => {
    await using context = await browser.newContext({
      javaScriptEnabled: false,
      viewport: { width: 360, height: 740 },
    })
    const page = await context.newPage()
    friend.body = code.form
    await page.goto(friend.url)
    await page.getByLabel('Email address').fill('scriptless@example.com')
    await send(page)
    await page
      .getByText('Almost done: please choose your time zone and press the button.')
      .waitFor()
    await shot(page, `embed-almost-360`)
    await page.getByLabel('Time zone').selectOption('Europe/Paris')
    await send(page)
    await page.waitForURL(/\/enrolled\?form=/)
    expect(await enrollmentOf('scriptless@example.com')).toEqual({
      time: '07:00',
      zone: 'Europe/Paris',
    })
  })

  it('has to be confirmed on our page when it comes from a site that is not listed', async () => {
    await using context = await browser.newContext({ timezoneId: 'Europe/Paris' })
    const page = await context.newPage()
    stranger.body = code.form
    await page.goto(stranger.url)
    await page.getByLabel('Email address').fill('stranger@example.com')
    await send(page)
    await page.getByText('Please check what you entered and press the button once more').waitFor()
    expect(await enrollmentOf('stranger@example.com')).toBeUndefined()
    await send(page)
    await page.waitForURL(/\/enrolled\?form=/)
    expect(await enrollmentOf('stranger@example.com')).toEqual({
      time: '07:00',
      zone: 'Europe/Paris',
    })
  })

  it('can be sent by a script of a listed site, which may read the response, and of no other', async () => {
    await using context = await browser.newContext()
    const page = await context.newPage()
    const sendByScript = `(async () => {
      const fields = { form: 'short', email: 'script@example.com', time: '07:00', zone: 'UTC' }
      const init = { method: 'POST', headers: { Accept: 'application/json' }, body: new URLSearchParams(fields) }
      const response = await fetch('${site.url}/courses/inner-wisdom', init).catch(() => null)
      return response && response.json()
    })()`
    await page.goto(stranger.url)
    expect(await page.evaluate(sendByScript)).toBeNull()
    await page.goto(friend.url)
    expect(await page.evaluate(sendByScript)).toEqual({
      message: 'If there’s anything to confirm, an email is on its way.',
    })
    expect(await enrollmentOf('script@example.com')).toEqual({ time: '07:00', zone: 'UTC' })
  })
})

it('a button copies the embed code, and its page is accessible and fits', async () => {
  await using context = await browser.newContext({
    permissions: ['clipboard-read', 'clipboard-write'],
  })
  const page = await context.newPage()
  const errors = errorsOf(page)
  await page.goto(`${site.url}/courses/inner-wisdom/embed-code`)
  await page.getByRole('button', { name: 'Copy' }).first().click()
  await page.getByRole('button', { name: 'Copied' }).waitFor()
  expect(await page.evaluate('navigator.clipboard.readText()')).toBe(code.frame)
  for (const [width, colorScheme] of LOOKS) {
    await page.setViewportSize({ width, height: 800 })
    await page.emulateMedia({ colorScheme })
    await shot(page, `embed-code-${width}-${colorScheme}`)
    expect(await violationsOf(page)).toEqual([])
    expect(await overflowOf(page)).toBeLessThanOrEqual(0)
  }
  expect(errors).toEqual([])
})
