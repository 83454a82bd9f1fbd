import { describe, expect, it } from 'vitest'
import { formOf, hiddenOf, textOf } from '../../support/page.ts'
import {
  allRows,
  FORM,
  followed,
  landed,
  stamped,
  type TestWeb,
  testWeb,
} from '../../support/web.ts'

const PATH = '/courses/inner-wisdom'
const AGAIN = 'Please check what you entered and press the button once more.'

const pass = (web: TestWeb, duration: Temporal.DurationLike) =>
  web.clock.set(web.app.now().add(duration))
const open = async (web: TestWeb, path = PATH) => hiddenOf(await (await web.get(path)).text())

/**
 * The form is redisplayed with one kind sentence, nothing is stored, and pressing the button
 * again works.
 */
async function isAskedAgain(web: TestWeb, response: Response) {
  const page = await followed(web, response)
  expect(page.status).toBe(422)
  const html = await page.text()
  expect(html).toMatch(/<p class="hint" id="fault" role="alert" tabindex="-1" autofocus>/)
  expect(textOf(html)).toContain(AGAIN)
  expect(html).not.toContain('class="fault')
  expect(formOf(html)).toEqual(FORM)
  const { requests, subscribers, rate_limits } = await allRows(web.db)
  expect([requests, subscribers, rate_limits]).toEqual([[], [], []])
  expect((await web.post(PATH, { ...FORM, ...hiddenOf(html) })).status).toBe(303)
  expect((await allRows(web.db)).subscribers).toHaveLength(1)
}

describe('the form', () => {
  it('is accepted after a few seconds or most of a day', async () => {
    await using web = await testWeb()
    for (const [email, hours] of [
      ['quick@example.com', 2 / 3_600],
      ['slow@example.com', 24],
    ] as const) {
      const hidden = await open(web)
      pass(web, { milliseconds: hours * 3_600_000 })
      expect((await web.post(PATH, { ...FORM, ...hidden, email })).status, email).toBe(303)
    }
  })

  it.each<[string, (web: TestWeb) => Promise<Response>]>([
    [
      'sent at once, as a password manager can',
      async (web) => web.post(PATH, { ...FORM, ...(await open(web)) }),
    ],
    [
      'from a page that was open since yesterday',
      async (web) => {
        const hidden = await open(web)
        pass(web, { hours: 24, seconds: 1 })
        return web.post(PATH, { ...FORM, ...hidden })
      },
    ],
    ['that came from no page of ours', async (web) => web.post(PATH, FORM)],
    ['with a stamp that is forged', async (web) => web.post(PATH, { ...FORM, stamp: 'a.b.c' })],
    [
      'with the stamp of another form',
      async (web) => web.post(PATH, stamped(web, FORM, 'daily-inspiration')),
    ],
    [
      'with something in the field that nobody sees',
      async (web) => web.enroll({ ...FORM, website: 'https://example.com' }),
    ],
  ])('%s, is redisplayed to be sent once more', async (_, send) => {
    await using web = await testWeb()
    await isAskedAgain(web, await send(web))
  })

  it('redisplayed with a fault can be sent again at once', async () => {
    await using web = await testWeb()
    const html = await landed(web, await web.enroll({ ...FORM, email: '' }))
    expect((await web.post(PATH, { ...FORM, ...hiddenOf(html) })).status).toBe(303)
  })

  it('hides its trap from people, screen readers and the tab key', async () => {
    await using web = await testWeb()
    const html = await (await web.get(PATH)).text()
    expect(html).toMatch(
      /<div class="trap" aria-hidden="true">.*<input [^>]*name="website"[^>]* tabindex="-1" autocomplete="off"/,
    )
    const css = await (await web.get('/assets/style.css')).text()
    expect(css).toMatch(/\.trap \{ position: absolute; inset-inline-start: -100vw;/)
  })
})
