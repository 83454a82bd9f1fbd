import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CONSENT, enrolled } from '../../support/app.ts'
import { linksOf, type Mailbox, openMailbox } from '../../support/mailbox.ts'
import { faultsOf, textOf } from '../../support/page.ts'
import { allRows, followed, landed, type TestWeb, testWeb } from '../../support/web.ts'

let mailbox: Mailbox
let web: TestWeb
beforeAll(async () => {
  mailbox = await openMailbox()
  web = await testWeb({ env: { SMTP_URL: mailbox.url } })
})
afterAll(async () => {
  await web?.[Symbol.asyncDispose]()
  await mailbox?.[Symbol.asyncDispose]()
})

let readers = 0
async function reader() {
  const email = `reader${++readers}@example.com`
  const { first, subscriber } = await enrolled(web, { email, series: ['inner-wisdom'] })
  await web.settle()
  return {
    email,
    id: subscriber.id,
    enrollment: first.id,
    link: web.app.links.url('preferences', first.id, web.app.now()),
  }
}

const newest = (to: string) => {
  const received = mailbox.to(to).at(-1)
  if (!received) throw new Error(`nothing came to ${to}`)
  return received
}

/** Asks, and gives the link in the mail that came to the new address. */
async function askFor(link: string, email: string) {
  expect((await web.post(link, { do: 'address', email })).status).toBe(303)
  await web.settle()
  const [confirm = ''] = linksOf(newest(email)).filter((one) => one.includes('/address/'))
  return confirm
}

const addressOf = async (id: string) =>
  (
    await web.db
      .selectFrom('subscribers')
      .select('address')
      .where('id', '=', id)
      .executeTakeFirstOrThrow()
  ).address

describe('a new address', () => {
  it('is used only once it is confirmed, and the old one is told', async () => {
    const { email, id, link } = await reader()
    const confirm = await askFor(link, 'New.Home@example.org')
    const asked = newest('New.Home@example.org')
    expect(asked.mail.subject).toBe('Please confirm your new address')
    expect(asked.mail.text).not.toContain('example.com')
    // No link to the present enrollments goes to an address that is not confirmed.
    expect(linksOf(asked).filter((one) => one.startsWith(web.app.siteUrl))).toEqual([confirm])
    expect(await addressOf(id)).toBe(email)

    const before = await allRows(web.db)
    expect(textOf(await (await web.get(confirm)).text())).toContain('Yes, use this address')
    expect(await (await web.get(confirm)).text()).not.toContain('New.Home')
    expect(await allRows(web.db)).toEqual(before)

    const done = await landed(web, await web.post(confirm))
    expect(textOf(done)).toContain('Your email address is changed')
    expect(await addressOf(id)).toBe('New.Home@example.org')
    await web.settle()
    expect(newest(email).mail.subject).toBe('Your emails now go to another address')
    expect(newest(email).mail.text).toContain('N…@example.org')

    web.clock.set(web.app.now().add({ hours: 24 }))
    await web.settle()
    expect(newest('New.Home@example.org').mail.subject).toBe('What was said before you got up')
  })

  it('is set once, however often the button is pressed', async () => {
    const { email, link } = await reader()
    const confirm = await askFor(link, 'twice@example.org')
    await Promise.all([1, 2, 3].map(() => web.post(confirm)))
    await web.settle()
    const told = mailbox
      .to(email)
      .filter(({ mail }) => mail.subject?.includes('go to another address'))
    expect(told).toHaveLength(1)
  })

  it('counts only if it was asked for last', async () => {
    const { email, id, link } = await reader()
    const first = await askFor(link, 'one@example.org')
    const second = await askFor(link, 'two@example.org')
    expect((await web.post(first)).status).toBe(410)
    expect(await addressOf(id)).toBe(email)
    expect((await web.post(second)).status).toBe(303)
    expect((await web.get(first)).status).toBe(410)
    expect(await addressOf(id)).toBe('two@example.org')
  })

  it('that has enrollments of its own is not taken over', async () => {
    const { email, id, link } = await reader()
    const other = await reader()
    const confirm = await askFor(link, other.email)
    const response = await web.post(confirm)
    expect(response.status).toBe(422)
    expect(textOf(await response.text())).toContain('This address is already enrolled here.')
    expect(await addressOf(id)).toBe(email)
  })

  it('that has left gets no mail, and the page does not reveal it', async () => {
    const gone = await reader()
    await web.app.reader.unsubscribe(gone.enrollment, 'everything', CONSENT)
    const count = mailbox.to(gone.email).length
    const { link } = await reader()
    const response = await web.post(link, { do: 'address', email: gone.email })
    expect(textOf(await landed(web, response))).toContain('Check the inbox of the new address')
    await web.settle()
    expect(mailbox.to(gone.email)).toHaveLength(count)
  })

  it.each([
    ['nobody', 'There’s no @ in this address. An address looks like you@example.com.'],
    ['a@example.org, b@example.org', 'Enter one address only.'],
    ['ada..b@example.org', 'There are two dots in a row.'],
  ])('cannot be %s: the form is redisplayed with it', async (email, message) => {
    const { link } = await reader()
    const before = await allRows(web.db)
    const response = await followed(web, await web.post(link, { do: 'address', email }))
    const html = await response.text()
    expect(response.status).toBe(422)
    expect(faultsOf(html)).toEqual({ email: message })
    expect(html).toContain(`value="${email}"`)
    expect(await allRows(web.db)).toEqual(before)
  })

  it('cannot be the current one', async () => {
    const { email, link } = await reader()
    const same = await web.post(link, { do: 'address', email: email.toUpperCase() })
    expect(faultsOf(await landed(web, same))).toEqual({
      email: 'Your emails are already sent to this address.',
    })
  })

  it('that does not exist is no bounce of the current one', async () => {
    await using refusing = await openMailbox({
      onRcptTo: ({ address }, _, done) =>
        done(
          address.includes('typo')
            ? Object.assign(new Error('5.1.1 no such user'), { responseCode: 550 })
            : null,
        ),
    })
    await using other = await testWeb({ env: { SMTP_URL: refusing.url } })
    const { first } = await enrolled(other)
    await other.settle()
    await other.post(other.app.links.url('preferences', first.id, other.app.now()), {
      do: 'address',
      email: 'typo@example.org',
    })
    await other.settle()
    const rows = await other.db
      .selectFrom('deliveries')
      .select(['kind', 'status'])
      .orderBy('id')
      .execute()
    expect(rows).toContainEqual({ kind: 'change', status: 'bounced' })
    expect(await other.db.selectFrom('suppressions').selectAll().execute()).toEqual([])
    expect(
      (await other.app.operator.enrollmentsOf(first.subscriber_id)).map(({ status }) => status),
    ).toEqual(['active', 'active'])
  })
})

describe('a first name', () => {
  it('is saved and used to greet in the next mail', async () => {
    const { email, link } = await reader()
    const html = await landed(web, await web.post(link, { do: 'name', name: ' Grace ' }))
    expect(textOf(html)).toContain('Saved.')
    expect(html).toContain('value="Grace"')
    await web.post(link, { do: 'again', enrollment: '' })
    web.clock.set(web.app.now().add({ hours: 24 }))
    await web.settle()
    expect(newest(email).mail.text).toContain('Dear Grace,')
  })

  it('that is not allowed is redisplayed with a message', async () => {
    const { link } = await reader()
    const response = await followed(
      web,
      await web.post(link, { do: 'name', name: 'https://example.com' }),
    )
    const html = await response.text()
    expect(response.status).toBe(422)
    expect(faultsOf(html).name).toContain('Leave web addresses out')
    expect(html).toContain('value="https://example.com"')
  })
})
