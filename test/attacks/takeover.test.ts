/** A link in the wrong hands allows no takeover: docs/links.md, "A change of address". */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ask } from '../support/app.ts'
import { openMailbox } from '../support/mailbox.ts'
import { textOf } from '../support/page.ts'
import { testWeb } from '../support/web.ts'
import {
  addressOf,
  askFor,
  CONSENT,
  later,
  linkIn,
  linksTo,
  moveTo,
  openWorld,
  presentLink,
  reader,
  somewhere,
  status,
  subscriberOf,
  type World,
} from './people.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world?.[Symbol.asyncDispose]())

const post = (link: string, fields = {}, headers = {}) => world.web.post(link, fields, headers)
const get = (link: string) => world.web.get(link)

describe('“This wasn’t me”', () => {
  it('undoes a chain of changes back to the start, and later links change nothing', async () => {
    const owner = await reader(world)
    await moveTo(world, owner.links.preferences, 'b@chain.example')
    await moveTo(world, await presentLink(world, owner), 'c@chain.example')
    const pending = await askFor(world, await presentLink(world, owner), 'd@chain.example')
    later(world, 7 * 24 - 1)
    const undoB = linkIn(world, 'b@chain.example', 'undo')
    await post(linkIn(world, owner.email, 'undo'))
    expect(await addressOf(world, owner)).toBe(owner.email)
    expect([await status(post(pending)), await status(post(undoB))]).toEqual([410, 303])
    expect(await addressOf(world, owner)).toBe(owner.email)
  })

  it('from the earliest address overrides one from a later address', async () => {
    const owner = await reader(world)
    await moveTo(world, owner.links.preferences, 'b@last.example')
    await moveTo(world, await presentLink(world, owner), 'c@last.example')
    await post(linkIn(world, 'b@last.example', 'undo'))
    expect(await addressOf(world, owner)).toBe('b@last.example')
    await post(linkIn(world, owner.email, 'undo'))
    expect(await addressOf(world, owner)).toBe(owner.email)
  })

  it('takes effect once if pressed fifty times at once, and mails one fresh link', async () => {
    const owner = await reader(world)
    await moveTo(world, owner.links.preferences, 'eve@often.example')
    const undo = linkIn(world, owner.email, 'undo')
    const pressed = await Promise.all(Array.from({ length: 50 }, () => post(undo)))
    expect(new Set(pressed.map((one) => one.status))).toEqual(new Set([303]))
    await world.web.settle()
    const fresh = world.mailbox.to(owner.email).filter(({ mail }) => mail.subject === 'Your link')
    expect(fresh).toHaveLength(1)
    expect(await status(get(linkIn(world, owner.email, 'preferences')))).toBe(200)
    // There is no waiting period: the address is the owner's own again.
    expect(await status(post(await presentLink(world, owner), { do: 'export' }))).toBe(303)
  })

  it('merges both subscribers if the owner has enrolled again', async () => {
    const owner = await reader(world, { series: ['inner-wisdom', 'daily-inspiration'] })
    await moveTo(world, owner.links.preferences, 'eve@anew.example')
    const anew = await reader(world, { email: owner.email })
    expect(anew.id).not.toBe(owner.id)
    expect(await status(post(linkIn(world, owner.email, 'undo')))).toBe(303)
    expect(await addressOf(world, owner)).toBe(owner.email)
    const theirs = await world.web.app.operator.enrollmentsOf(owner.id)
    expect(theirs.map(({ series, status: now }) => `${series} ${now}`).toSorted()).toEqual([
      'daily-inspiration active',
      'inner-wisdom active',
      'inner-wisdom restarted',
    ])
    expect(theirs.find(({ id }) => id === anew.enrollment)?.status).toBe('active')
    // Earlier links of both are void, except those to unsubscribe.
    for (const { links } of [owner, anew])
      expect([await status(get(links.preferences)), await status(get(links.unsubscribe))]).toEqual([
        410, 200,
      ])
    await world.web.settle()
    expect(await status(get(linkIn(world, owner.email, 'preferences')))).toBe(200)
  })

  it('keeps what the owner later started at the new address', async () => {
    const owner = await reader(world, { series: ['daily-inspiration'] })
    await moveTo(world, owner.links.preferences, 'new@later.example')
    const stranger = await reader(world, { email: owner.email })
    later(world, 1)
    const latest = await reader(world, { email: 'new@later.example' })
    expect(latest.id).toBe(owner.id)
    expect(await status(post(linkIn(world, owner.email, 'undo')))).toBe(303)
    const all = await world.web.app.operator.enrollmentsOf(owner.id)
    const statusOf = (id: string) => all.find((enrollment) => enrollment.id === id)?.status
    expect([statusOf(latest.enrollment), statusOf(stranger.enrollment)]).toEqual([
      'active',
      'restarted',
    ])
  })

  it('drops an unconfirmed enrollment of the old address', async () => {
    const owner = await reader(world)
    await moveTo(world, owner.links.preferences, 'eve@asked.example')
    await ask(world.web, { email: owner.email, series: ['daily-inspiration'] })
    await post(linkIn(world, owner.email, 'undo'))
    expect(await addressOf(world, owner)).toBe(owner.email)
    expect(
      (await world.web.app.operator.enrollmentsOf(owner.id)).map(({ series }) => series),
    ).toEqual(['inner-wisdom'])
  })

  it('is mailed for a completed change even if the new address bounces', async () => {
    const owner = await reader(world)
    const confirm = await askFor(world, owner.links.preferences, 'eve@bounce.example')
    await post(confirm)
    const { address_hash } = await subscriberOf(world.web, owner.id)
    const bounced = {
      address_hash,
      reason: 'bounce' as const,
      created_at: String(world.web.app.now()),
    }
    await world.web.db.insertInto('suppressions').values(bounced).execute()
    await world.web.settle()
    expect(await status(post(linkIn(world, owner.email, 'undo')))).toBe(303)
  })

  it('no longer works once the reader is erased', async () => {
    const owner = await reader(world)
    await moveTo(world, owner.links.preferences, 'eve@ends.example')
    await world.web.app.reader.erase(owner.id)
    const undo = linkIn(world, owner.email, 'undo')
    expect([await status(get(undo)), await status(post(undo))]).toEqual([410, 410])
  })
})

describe('a new address', () => {
  it('can be requested by the owner, however often somebody else has done so', async () => {
    const owner = await reader(world)
    const asked = []
    for (let n = 0; n < 6; n++) {
      const fields = { do: 'address', email: `eve${n}@many.example` }
      asked.push(await status(post(owner.links.preferences, fields, somewhere())))
    }
    expect(asked).toEqual([303, 303, 303, 303, 303, 429])
    // The stranger has an old link; the owner voids it and gets a new one.
    await post(owner.links.preferences, { do: 'void' })
    await moveTo(world, await presentLink(world, owner), 'owner@many.example')
    expect(await addressOf(world, owner)).toBe('owner@many.example')
  })

  it('is mailed once a day, and only the newest request can be confirmed', async () => {
    const owner = await reader(world)
    const { preferences } = owner.links
    for (const email of ['x@once.example', 'y@once.example', 'X@once.example'])
      expect(await status(post(preferences, { do: 'address', email }, somewhere()))).toBe(303)
    await world.web.settle()
    expect(world.mailbox.to('x@once.example')).toHaveLength(1)
    expect(await status(post(linkIn(world, 'y@once.example', 'address')))).toBe(410)
    expect(await status(post(linkIn(world, 'x@once.example', 'address')))).toBe(303)
    expect(await addressOf(world, owner)).toBe('x@once.example')
  })

  it('cannot be confirmed if it was requested before links were voided', async () => {
    const owner = await reader(world)
    const confirm = await askFor(world, owner.links.preferences, 'eve@void.example')
    await post(owner.links.preferences, { do: 'void' })
    expect([await status(get(confirm)), await status(post(confirm))]).toEqual([410, 410])
    expect(await addressOf(world, owner)).toBe(owner.email)
  })

  it('is recorded once, even if it is confirmed fifty times at once', async () => {
    const owner = await reader(world)
    const confirm = await askFor(world, owner.links.preferences, 'fifty@example.org')
    const pressed = await Promise.all(Array.from({ length: 50 }, () => post(confirm)))
    expect(new Set(pressed.map((one) => one.status))).toEqual(new Set([303]))
    const records = await world.web.db
      .selectFrom('consents')
      .select('id')
      .where('enrollment_id', '=', owner.enrollment)
      .where('wording', '=', 'Yes, use this address')
      .execute()
    expect(records).toHaveLength(1)
    await world.web.settle()
    const told = world.mailbox
      .to(owner.email)
      .filter(({ mail }) => mail.subject?.includes('go to another address'))
    expect(told).toHaveLength(1)
  })

  it('goes to one of two people who confirm it at once, and the other is told', async () => {
    const [one, two] = [await reader(world), await reader(world)]
    const first = await askFor(world, one.links.preferences, 'both@example.org')
    later(world, 24)
    const second = await askFor(world, two.links.preferences, 'both@example.org')
    expect(second).not.toBe(first)
    const pressed = await Promise.all([first, second].map((link) => post(link)))
    expect(pressed.map((response) => response.status).toSorted()).toEqual([303, 422])
    const refused = pressed.find((response) => response.status === 422)
    expect(textOf((await refused?.text()) ?? '')).toContain(
      'This address is already enrolled here.',
    )
  })
})

describe('the epoch of links', () => {
  it('keeps data from a link mailed before a change of address, but not from an operator', async () => {
    const owner = await reader(world)
    await post(owner.links.preferences, { do: 'export' })
    await world.web.settle()
    const data = linkIn(world, owner.email, 'data')
    await moveTo(world, owner.links.preferences, 'eve@data.example')
    expect(await status(get(data))).toBe(410)
    const all = JSON.stringify(await world.web.app.reader.exportData(owner.id))
    expect(all).toContain(owner.email)
  })

  it('rises once if its button is pressed several times at once', async () => {
    const owner = await reader(world)
    await Promise.all([1, 2, 3].map(() => post(owner.links.preferences, { do: 'void' })))
    expect((await subscriberOf(world.web, owner.id)).epoch).toBe(1)
  })

  it('does not prevent a first confirmation', async () => {
    const { id } = await ask(world.web, { email: 'never@example.com', series: ['inner-wisdom'] })
    const [pending] = await world.web.app.operator.enrollmentsOf(id)
    const { confirm, preferences } = linksTo(world, id, pending?.id ?? '')
    await post(preferences, { do: 'void' })
    expect(await status(post(confirm))).toBe(303)
    expect(await status(get(confirm))).toBe(410)
  })

  it('stays the same in a mail that is retried, which is identical byte for byte', async () => {
    const offered: string[] = []
    const epochs = new Map<string, unknown>()
    await using mailbox = await openMailbox({
      onData: async (stream, _session, done) => {
        offered.push(
          Buffer.concat(await Array.fromAsync(stream as AsyncIterable<Buffer>)).toString(),
        )
        // What is being sent; the ledger keeps no epoch of what has come.
        const rows = await web.db
          .selectFrom('deliveries')
          .select(['kind', 'epoch'])
          .where('status', '=', 'sending')
          .execute()
        for (const { kind, epoch } of rows) epochs.set(kind, epoch)
        if (offered.length > 1) return done()
        done(Object.assign(new Error('4.3.0 later'), { responseCode: 451 }))
      },
    })
    await using web = await testWeb({ env: { SMTP_URL: mailbox.url } })
    const there: World = { web, mailbox, [Symbol.asyncDispose]: async () => {} }
    const owner = await reader(there)
    await web.settle()
    expect(offered).toHaveLength(1)
    await web.app.reader.voidLinks({ id: owner.enrollment, epoch: 0 })
    await web.settle()
    later(there, 1)
    await web.settle()
    const [first, ...others] = offered
    expect(others.filter((one) => one === first)).toHaveLength(1)
    // Mails written later have the later epoch.
    expect([...epochs]).toEqual([
      ['welcome', 0],
      ['link', 1],
    ])
    await web.app.reader.unsubscribe(owner.enrollment, 'everything', CONSENT)
  })
})
