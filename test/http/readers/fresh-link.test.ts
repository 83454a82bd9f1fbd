import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { enrolled } from '../../support/app.ts'
import { linksOf, type Mailbox, openMailbox } from '../../support/mailbox.ts'
import { faultsOf, hiddenOf, textOf } from '../../support/page.ts'
import {
  allRows,
  followed,
  landed,
  leadsTo,
  stamped,
  type TestWeb,
  testWeb,
} from '../../support/web.ts'

let mailbox: Mailbox
let web: TestWeb
let enrollment: string
beforeAll(async () => {
  mailbox = await openMailbox()
  web = await testWeb({ env: { SMTP_URL: mailbox.url } })
  enrollment = (await enrolled(web)).first.id
  await web.settle()
})
afterAll(async () => {
  await web?.[Symbol.asyncDispose]()
  await mailbox?.[Symbol.asyncDispose]()
})

describe('asking for a fresh link', () => {
  it('is answered before anything is looked up, whoever asks', async () => {
    await using web = await testWeb()
    await enrolled(web)
    const links = () =>
      web.db
        .selectFrom('deliveries')
        .select('id')
        .where('kind', '=', 'link')
        .orderBy('id')
        .execute()
    await web.db.transaction().execute(async (tx) => {
      await sql`lock table subscribers`.execute(tx)
      const response = await web.send('/link', stamped(web, { email: 'ada@example.com' }, '/link'))
      expect([response.status, leadsTo(response)]).toEqual([303, '/link/sent'])
    })
    await web.app.sender.processRequests()
    expect(await links()).toHaveLength(1)
  })
})

describe('a link that does not work', () => {
  const token = () => web.app.links.token('preferences', enrollment, web.app.now())
  it.each<[string, () => string]>([
    ['made up', () => '/preferences/1.abcd.AZYAAAAAcACAAAAAAAAABw.AAAAAAAAAAAAAAAAAAAAAA'],
    ['cut short', () => `/preferences/${token().slice(0, -4)}`],
    [
      'for another purpose',
      () => `/preferences/${web.app.links.token('unsubscribe', enrollment, web.app.now())}`,
    ],
    [
      'signed with a key that is gone',
      () => `/preferences/${token().replace(/^1\.[^.]+/, '1.zzzz')}`,
    ],
    ['to leave, and made up', () => '/unsubscribe/1.a.b.c'],
    ['to a new address, and made up', () => '/address/1.a.b.c'],
    ['not even nearly one', () => '/preferences/%00%ff"><script>'],
  ])('%s: gets a helpful page and the way to a fresh one', async (_, path) => {
    const before = await allRows(web.db)
    for (const response of [
      await web.get(path()),
      await web.post(path(), { do: 'pause', enrollment }),
    ]) {
      const html = await response.text()
      expect([404, 410]).toContain(response.status)
      expect(textOf(html)).toContain('Get a link by email')
      expect(html).toContain('<form method="post" action="/link"')
      expect(html).not.toContain('"><script>')
    }
    expect(await allRows(web.db)).toEqual(before)
  })

  it('because it has expired: is a 410', async () => {
    const old = web.app.links.token(
      'address',
      enrollment,
      web.app.now().subtract({ hours: 8 * 24 }),
    )
    const response = await web.get(`/address/${old}`)
    expect(response.status).toBe(410)
    expect(textOf(await response.text())).toContain('Get a link by email')
  })
})

describe('a fresh link', () => {
  it('comes by mail and opens the preferences, once a day', async () => {
    const count = () =>
      mailbox.to('ada@example.com').filter(({ mail }) => mail.subject === 'Your link').length
    expect(leadsTo(await web.askForLink('Ada@example.com'))).toBe('/link/sent')
    await web.settle()
    await web.askForLink('ada@example.com')
    await web.settle()
    expect(count()).toBe(1)
    const received = mailbox.to('ada@example.com').at(-1)
    if (!received) throw new Error('nothing came')
    const [link = ''] = linksOf(received).filter((one) => one.includes('/preferences/'))
    expect(textOf(await (await web.get(link)).text())).toContain('Your preferences')
    expect(received.mail.headers.some(({ key }) => key === 'list-unsubscribe')).toBe(false)
    web.clock.set(web.app.now().add({ hours: 24 }))
    await web.askForLink('ada@example.com')
    await web.settle()
    expect(count()).toBe(2)
  })

  it('gets the same answer for any address, and nobody unknown is stored or mailed', async () => {
    const pageFor = async (email: string) =>
      (await landed(web, await web.askForLink(email)))
        .replace(email, '')
        .replace(/form&#x3D;[\w.-]+/, '')
    const known = await pageFor('ada@example.com')
    const mails = mailbox.received.length
    const before = await web.db.selectFrom('deliveries').select('id').orderBy('id').execute()
    const unknown = await pageFor('nobody@example.com')
    expect(unknown).toEqual(known)
    await web.settle()
    expect(mailbox.received).toHaveLength(mails)
    expect(await web.db.selectFrom('deliveries').select('id').orderBy('id').execute()).toEqual(
      before,
    )
  })

  it('for what is no address: the form is redisplayed with the message', async () => {
    const response = await followed(web, await web.post('/link', { email: 'ada@' }))
    const html = await response.text()
    expect(response.status).toBe(422)
    expect(faultsOf(html)).toEqual({ email: 'There’s nothing after the @.' })
    expect(html).toContain('value="ada@"')
  })

  it('requires proof of work when it is requested repeatedly', async () => {
    const statuses = []
    for (let n = 0; n < 6; n++)
      statuses.push((await followed(web, await web.askForLink('often@example.com'))).status)
    expect(statuses).toEqual([200, 200, 200, 200, 200, 422])
  })
})

describe('its form', () => {
  it('is redisplayed when it is sent too fast, by a program or with another form’s stamp', async () => {
    for (const where of ['/link', '/preferences/1.a.b.c']) {
      const hidden = hiddenOf(await (await web.get(where)).text())
      const atOnce = await followed(
        web,
        await web.post('/link', { ...hidden, email: 'quick@example.com' }),
      )
      expect(atOnce.status, where).toBe(422)
      const html = await atOnce.text()
      expect(textOf(html)).toContain('Please check what you entered and press the button once more')
      expect(html).toContain('value="quick@example.com"')
      const again = await web.post('/link', { ...hiddenOf(html), email: 'quick@example.com' })
      expect(leadsTo(again)).toBe('/link/sent')
    }
    const trapped = stamped(web, { email: 'quick@example.com', website: 'x' }, '/link')
    expect((await followed(web, await web.post('/link', trapped))).status).toBe(422)
    const others = stamped(web, { email: 'quick@example.com' }, 'inner-wisdom')
    expect((await followed(web, await web.post('/link', others))).status).toBe(422)
  })
})
