import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DeliveryKind } from '../../../src/domain/delivery.ts'
import { mailsByKind, ourLinks, sendEveryKind } from '../../support/every-mail.ts'
import { type Mailbox, openMailbox, type Received } from '../../support/mailbox.ts'
import { allRows, from, type TestWeb, testWeb } from '../../support/web.ts'

/** The several machines of a scanner (standards.md J12). */
const MACHINES = ['198.51.100.1', '203.0.113.9', '2001:db8::1']
const TIMES = 9

describe('a scanner that follows every link in a mail nine times, by kind of mail', () => {
  let mailbox: Mailbox
  let web: TestWeb
  let mails: ReadonlyMap<DeliveryKind, Received>

  beforeAll(async () => {
    mailbox = await openMailbox()
    web = await testWeb({ env: { SMTP_URL: mailbox.url } })
    await sendEveryKind(web)
    mails = await mailsByKind(web, mailbox)
  })
  afterAll(async () => {
    await web[Symbol.asyncDispose]()
    await mailbox[Symbol.asyncDispose]()
  })

  const mailOf = (kind: DeliveryKind) => mails.get(kind) as Received

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
    ['again', ['/preferences/', '/unsubscribe/', '/lessons/', '/practice/']],
    ['change', ['/address/']],
    ['changed', ['/undo/']],
    ['link', ['/preferences/']],
    ['export', ['/data/']],
    ['erase', ['/erase/']],
    ['sign-in', ['/sign-in/']],
  ] as const)('changes nothing: %s', async (kind, purposes) => {
    const ours = ourLinks(web, mailOf(kind))
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
    const [confirm = ''] = ourLinks(web, mailOf('confirm'))
    expect((await web.post(confirm)).status).toBe(303)
  })
})
