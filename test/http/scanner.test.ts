import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Kind } from '../../src/domain/delivery.ts'
import { ask, CONSENT, enrolled } from '../support/app.ts'
import { linksOf, type Mailbox, openMailbox } from '../support/mailbox.ts'
import { allRows, from, type TestWeb, testWeb } from '../support/web.ts'

/** As a scanner's several machines (standards.md J12). */
const MACHINES = ['198.51.100.1', '203.0.113.9', '2001:db8::1']
const TIMES = 100

describe('a scanner that follows every link of a mail a hundred times, by kind of mail', () => {
  let mailbox: Mailbox
  let web: TestWeb

  beforeAll(async () => {
    mailbox = await openMailbox()
    web = await testWeb({ env: { SMTP_URL: mailbox.url } })
    await ask(web, { email: 'pending@example.com' })
    const { first } = await enrolled(web)
    await web.settle()
    web.clock.set('2027-03-20T06:00:00Z')
    await web.settle() // the first lesson with its inspiration
    await web.db.updateTable('enrollments').set({ next_day: 31 }).where('id', '=', first.id).execute()
    web.clock.set('2027-03-21T06:00:00Z')
    await web.settle() // the completion, and an inspiration alone
    const reader = await enrolled(web, { email: 'bob@example.com' })
    for (const spec of ['bob@example.net', 'bob@example.org']) {
      await web.app.changeAddress(reader.first.id, { spec, key: spec })
      await web.settle()
    }
    const { id } = await web.db
      .selectFrom('deliveries')
      .select('id')
      .where('kind', '=', 'change')
      .orderBy('id', 'desc')
      .limit(1)
      .executeTakeFirstOrThrow()
    await web.app.confirmAddress(id, CONSENT)
    await web.settle()
    await web.app.sendLink({ spec: 'bob@example.org', key: 'bob@example.org' })
    await web.settle()
  })
  afterAll(async () => {
    await web[Symbol.asyncDispose]()
    await mailbox[Symbol.asyncDispose]()
  })

  /** The mail as it came over SMTP, found by the ledger's Message-ID. */
  async function mailOf(kind: Kind) {
    const { message_id } = await web.db
      .selectFrom('deliveries')
      .select('message_id')
      .where('kind', '=', kind)
      .where('status', '=', 'sent')
      .orderBy('id', 'desc')
      .limit(1)
      .executeTakeFirstOrThrow()
    const received = mailbox.received.find(({ mail }) => mail.messageId === message_id)
    if (!received) throw new Error(`no ${kind} arrived`)
    return received
  }

  /** Follows redirects, as long as they stay with us; gives the last status. */
  async function follow(method: 'get' | 'head', link: string, machine: string): Promise<number> {
    let next = link
    for (let hops = 0; hops < 5; hops++) {
      const response = await web[method](next, from(machine))
      const location = response.headers.get('location')
      if (!location) return response.status
      next = new URL(location, link).href
    }
    throw new Error(`${link} redirects without end`)
  }

  it.each([
    ['confirm', ['/confirm/']],
    ['welcome', ['/preferences/', '/unsubscribe/']],
    ['lesson', ['/preferences/', '/unsubscribe/', '/lessons/', '/practice/', '/pause', '/now']],
    ['inspiration', ['/preferences/', '/unsubscribe/', '/lessons/', '/pause']],
    ['completion', ['/preferences/', '/unsubscribe/', '/days/', '/completion']],
    ['change', ['/address/']],
    ['changed', ['/preferences/']],
    ['link', ['/preferences/']],
  ] as const)('changes nothing: %s', async (kind, purposes) => {
    const ours = linksOf(await mailOf(kind)).filter((link) => link.startsWith(web.app.siteUrl))
    for (const purpose of purposes) expect(ours.join(' ')).toContain(purpose)
    const before = await allRows(web.db)
    for (const link of ours) {
      for (const method of ['get', 'head'] as const) {
        for (let n = 0; n < TIMES; n++) {
          const machine = MACHINES[n % MACHINES.length] ?? ''
          expect(await follow(method, link, machine), `${method} ${link}`).toBe(200)
        }
      }
    }
    expect(await allRows(web.db)).toEqual(before)
  })

  it('leaves the button of the confirmation working', async () => {
    const [confirm = ''] = linksOf(await mailOf('confirm')).filter((link) => link.includes('/confirm/'))
    expect((await web.post(confirm)).status).toBe(200)
  })
})
