import { describe, expect, it } from 'vitest'
import { FORM_RATE_LIMITS } from '../../../src/domain/form-limits.ts'
import type { Challenge } from '../../../src/security/proof-of-work.ts'
import { answerTo } from '../../support/altcha.ts'
import { formOf, hiddenOf, textOf } from '../../support/page.ts'
import {
  allRows,
  FORM,
  followed,
  landed,
  leadsTo,
  type TestWeb,
  testWeb,
} from '../../support/web.ts'

const PATH = '/courses/inner-wisdom'
const WORK_FIRST =
  'Many people are enrolling right now, so your browser has to pass a short check first. Please press the button again.'
const WITHOUT_SCRIPT = 'just press the button, and the email will come in some minutes.'

const busyWeb = (above: number) => testWeb({ env: { PROOF_ABOVE: String(above) } })
const enroll = (web: TestWeb, n: number, fields = {}) =>
  web.enroll({ ...FORM, email: `p${n}@example.com`, ...fields })
const challenge = async (web: TestWeb, slug = 'inner-wisdom') =>
  (await (await web.get(`/courses/${slug}/challenge`)).json()) as Challenge

describe('proof of work', () => {
  it('is required once more people enroll than usual, by every server', async () => {
    await using web = await busyWeb(3)
    await using other = await testWeb({
      env: { PROOF_ABOVE: '3', DATABASE_URL: web.app.databaseUrl },
    })
    for (let n = 1; n <= 4; n++) {
      expect(await (await web.get(PATH)).text()).not.toContain('data-proof')
      expect((await enroll(web, n)).status, `person ${n}`).toBe(303)
    }
    for (const server of [web, other]) {
      const html = await (await server.get(PATH)).text()
      expect(html).toContain('data-proof="/courses/inner-wisdom/challenge"')
      expect(textOf(html)).toContain(WITHOUT_SCRIPT)
    }
  })

  it('that is missing redisplays the form, and stores and counts nothing', async () => {
    await using web = await busyWeb(0)
    const before = await allRows(web.db)
    const response = await followed(web, await web.enroll())
    expect(response.status).toBe(422)
    const html = await response.text()
    expect(textOf(html)).toContain(WORK_FIRST)
    expect(textOf(html)).toContain(WITHOUT_SCRIPT)
    expect(formOf(html)).toEqual(FORM)
    expect(await allRows(web.db)).toEqual(before)
  })

  it('that is given lets one person in, and is never accepted twice', async () => {
    await using web = await busyWeb(0)
    await using other = await testWeb({
      env: { PROOF_ABOVE: '0', DATABASE_URL: web.app.databaseUrl },
    })
    const altcha = answerTo(await challenge(web))
    const answers = await Promise.all([
      enroll(web, 1, { altcha }),
      enroll(other, 2, { altcha }),
      enroll(web, 3, { altcha }),
    ])
    expect(answers.map(leadsTo).sort()).toEqual([PATH, PATH, '/enrolled'])
    expect((await enroll(web, 4, { altcha: answerTo(await challenge(web)) })).status).toBe(303)
    expect((await allRows(web.db)).subscribers).toHaveLength(2)
  })

  it('is worth nothing when it is old, forged, or another form’s', async () => {
    await using web = await busyWeb(0)
    const old = answerTo(await challenge(web))
    web.clock.set(web.app.now().add({ minutes: 11 }))
    const others = answerTo(await challenge(web, 'daily-inspiration'))
    for (const altcha of [old, others, 'x', ''])
      expect(leadsTo(await enroll(web, 1, { altcha }))).toBe(PATH)
    expect((await allRows(web.db)).subscribers).toEqual([])
  })

  it('is not needed without JavaScript: the mail to confirm comes when its turn has come', async () => {
    await using web = await busyWeb(0)
    for (const n of [1, 2, 3]) {
      const html = await (await web.get(PATH)).text()
      const response = await enroll(web, n, hiddenOf(html))
      expect(leadsTo(response)).toBe('/enrolled')
      expect(textOf(await landed(web, response))).toContain('so it takes some minutes')
    }
    const asked = async () => (await allRows(web.db)).subscribers?.length
    for (const expected of [0, 1, 2, 3]) {
      await web.app.sender.processRequests()
      expect(await asked()).toBe(expected)
      web.clock.set(web.app.now().add({ seconds: 1 }))
    }
  })

  it('is waived for browsers that cannot give it, as many as half an hour has room for', async () => {
    await using web = await busyWeb(0)
    const { name, points } = FORM_RATE_LIMITS.slowly
    const key = `${name}:inner-wisdom`
    const used = { key, points, expire: String(Date.now() + 600_000) }
    await web.db.insertInto('rate_limits').values(used).execute()
    const html = await landed(web, await enroll(web, 1, { slowly: 'yes' }))
    expect(textOf(html)).toContain(
      'Please turn on JavaScript for this page, or come back in an hour.',
    )
    expect(formOf(html)).toMatchObject({ email: 'p1@example.com' })
    expect((await allRows(web.db)).requests).toEqual([])
  })

  it('is waived for a fresh link, too', async () => {
    await using web = await busyWeb(0)
    const fields = { email: 'ada@example.com', ...hiddenOf(await (await web.get('/link')).text()) }
    web.clock.set(web.app.now().add({ seconds: 20 }))
    const response = await web.post('/link', fields)
    expect(leadsTo(response)).toBe('/link/sent')
    expect(textOf(await landed(web, response))).toContain('so it takes some minutes')
  })

  it('is not required on an ordinary day, and does no harm', async () => {
    await using web = await testWeb()
    expect((await enroll(web, 1, { altcha: 'x' })).status).toBe(303)
  })
})
