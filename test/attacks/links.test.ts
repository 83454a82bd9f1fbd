/**
 * docs/links.md, line by line: who may hold a link, what they see, can and cannot do, and how it is
 * undone.
 */
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { linksOf } from '../support/mailbox.ts'
import { textOf } from '../support/page.ts'
import { allRows, landed, verdictOf } from '../support/web.ts'
import {
  addressOf,
  askFor,
  later,
  linkIn,
  linksTo,
  moveTo,
  openWorld,
  presentLink,
  reader,
  status,
  type World,
} from './people.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world?.[Symbol.asyncDispose]())

const text = async (response: Promise<Response>) => textOf(await (await response).text())
const get = (link: string) => world.web.get(link)
const post = (link: string, fields = {}) => world.web.post(link, fields)

describe('who may hold a link', () => {
  it('somebody a mail was forwarded to', async () => {
    const owner = await reader(world)
    const { preferences } = owner.links
    const page = await text(get(preferences))
    expect(page).toContain('o…@example.com')
    expect(page).not.toContain(owner.email)
    const of = { enrollment: owner.enrollment }
    for (const name of ['pause', 'resume'])
      expect((await post(preferences, { ...of, do: name })).status).toBe(303)
    // What they request is mailed to the owner alone.
    expect(await status(post(preferences, { do: 'export' }))).toBe(303)
    await world.web.settle()
    expect(linkIn(world, owner.email, 'data')).not.toBe('')
    expect(await status(post(preferences, { do: 'void' }))).toBe(303)
    expect(await status(get(preferences))).toBe(410)
  })

  it('an archive of mails, or of a mailing list', async () => {
    const owner = await reader(world)
    await world.web.settle()
    later(world, 24)
    await world.web.settle()
    const links = new Set(world.mailbox.to(owner.email).flatMap(linksOf))
    const ours = [...links].filter((link) => link.startsWith(world.web.app.siteUrl))
    expect(ours.length).toBeGreaterThan(5)
    for (const link of ours) expect([link, await status(get(link))]).toEqual([link, 200])
    await post(owner.links.preferences, { do: 'void' })
    for (const link of ours)
      expect([link, await status(get(link))]).toEqual([
        link,
        link.includes('/unsubscribe/') ? 200 : 410,
      ])
  })

  it('others in a shared mailbox', async () => {
    const owner = await reader(world, { email: 'family@example.com' })
    await post(owner.links.preferences, { do: 'export' })
    await world.web.settle()
    // They can read it just like the owner.
    expect(await text(get(linkIn(world, owner.email, 'data')))).toContain(owner.email)
    await moveTo(world, owner.links.preferences, 'mine@example.org')
    const undo = linkIn(world, owner.email, 'undo')
    expect(await status(get(undo))).toBe(200)
    later(world, 7 * 24)
    expect([await status(get(undo)), await status(post(undo))]).toEqual([410, 410])
    for (const link of [
      owner.links.preferences,
      owner.links.days,
      linkIn(world, owner.email, 'data'),
    ])
      expect(await status(get(link))).toBe(410)
    expect(await addressOf(world, owner)).toBe('mine@example.org')
  })

  it('a proxy’s or a server’s access log', async () => {
    const owner = await reader(world)
    for (const link of Object.values(owner.links)) {
      const { headers } = await get(link)
      expect(headers.get('referrer-policy')).toBe('no-referrer')
      expect(headers.get('cache-control')).toBe('no-store')
    }
    await post(owner.links.preferences, { do: 'void' })
    const { unsubscribe, ...others } = owner.links
    for (const link of Object.values(others)) expect(await status(get(link))).toBe(410)
    const fresh = linksTo(world, owner.id, owner.enrollment, 1)
    later(world, 7 * 24)
    for (const link of [fresh.data, fresh.erase]) expect(await status(get(link))).toBe(410)
  })

  it('the history of a browser', async () => {
    const owner = await reader(world)
    const pressed = await post(owner.links.preferences, { do: 'void' })
    expect(pressed.headers.get('location')).toBe('/link/renewed')
    const page = await landed(world.web, pressed)
    expect(textOf(page)).toContain('Your old links no longer work')
    expect(page).not.toMatch(/\/(preferences|days|lessons)\//)
    expect(await status(get(owner.links.preferences))).toBe(410)
    expect(await status(post(owner.links.preferences, { do: 'void' }))).toBe(410)
  })

  it('a scanner that follows links', async () => {
    const owner = await reader(world)
    const confirm = await askFor(world, owner.links.preferences, 'scanned@example.org')
    await moveTo(world, owner.links.preferences, 'scanned.too@example.org')
    const links = [
      confirm,
      linkIn(world, owner.email, 'undo'),
      linkIn(world, 'scanned.too@example.org', 'address'),
    ]
    const before = await allRows(world.web.db)
    for (const link of [...links, ...Object.values(owner.links)])
      for (const method of ['get', 'head'] as const)
        expect((await world.web[method](link)).status).toBeLessThan(500)
    expect(await allRows(world.web.db)).toEqual(before)
  })

  it('a screenshot of a page', async () => {
    const owner = await reader(world)
    for (const link of [
      owner.links.preferences,
      owner.links.days,
      owner.links.unsubscribe,
      owner.links.erase,
    ]) {
      const page = await text(get(link))
      expect(page).not.toContain(owner.email)
      expect(page).not.toMatch(/1\.[a-z0-9]{4}\.[\w-]{20}/)
    }
  })

  it('you, without your old mailbox', async () => {
    const owner = await reader(world, { email: 'lost@example.com' })
    later(world, 1)
    await moveTo(world, owner.links.preferences, 'found@example.org')
    const link = await presentLink(world, owner)
    const waits = await text(get(link))
    expect(waits).toContain(
      'Your email address changed recently. To keep your data safe, you can view or delete it after',
    )
    for (const right of ['export', 'erase'])
      expect((await verdictOf(world.web, await post(link, { do: right }))).status).toBe(403)
    later(world, 7 * 24)
    for (const right of ['export', 'erase'])
      expect(await status(post(link, { do: right }))).toBe(303)
    await world.web.settle()
    const data = linkIn(world, 'found@example.org', 'data')
    const [page, file] = [await text(get(data)), await (await get(`${data}.json`)).text()]
    for (const shown of [page, file]) {
      expect(shown).toContain('found@example.org')
      expect(shown).not.toMatch(/lost@|example\.com/)
      // The network from which the owner consented.
      expect(shown).not.toContain('192.0.2.0/24')
    }
    expect(
      await landed(world.web, await post(linkIn(world, 'found@example.org', 'erase'))),
    ).toContain('Your data is deleted')
  })

  it('somebody with old mails, once links are void', async () => {
    const owner = await reader(world, { series: ['inner-wisdom', 'daily-inspiration'] })
    await moveTo(world, owner.links.preferences, `gone${owner.id.slice(-6)}@example.org`)
    const { unsubscribe, ...others } = owner.links
    for (const link of Object.values(others)) {
      expect([link, await status(get(link))]).toEqual([link, 410])
      expect(await status(post(link))).toBeGreaterThanOrEqual(400)
    }
    const page = await (await get(unsubscribe)).text()
    expect(textOf(page)).toContain('Unsubscribe from Unlocking Your Inner Wisdom?')
    expect(textOf(page)).not.toMatch(/@|Daily Inspiration|also|ended/)
    expect(page).not.toMatch(/href="[^"]*(preferences|days|lessons|courses)/)
    expect(await status(post(unsubscribe, { 'List-Unsubscribe': 'One-Click' }))).toBe(200)
    expect(await (await get(unsubscribe)).text()).toBe(page)
  })

  it('whoever moved your mornings to their address', async () => {
    const owner = await reader(world)
    await moveTo(world, owner.links.preferences, 'eve@example.org')
    const link = await presentLink(world, owner)
    const everything = [
      await text(get(link)),
      ...world.mailbox.to('eve@example.org').map(({ raw }) => String(raw)),
    ]
    for (const shown of everything) expect(shown).not.toMatch(/example\.com|o…@/)
    const { data, erase } = linksTo(world, owner.id, owner.enrollment, 1)
    for (const one of [data, `${data}.json`, erase]) expect(await status(get(one))).toBe(410)
    expect(await status(post(erase))).toBe(410)
    expect((await verdictOf(world.web, await post(link, { do: 'erase' }))).status).toBe(403)
    const undo = linkIn(world, owner.email, 'undo')
    expect(
      await text(Promise.resolve(new Response(await landed(world.web, await post(undo))))),
    ).toContain('Change undone')
    expect(await addressOf(world, owner)).toBe(owner.email)
    expect(await status(get(link))).toBe(410)
    await world.web.settle()
    expect(await text(get(linkIn(world, owner.email, 'preferences')))).toContain('Your preferences')
  })
})

it('every line of the document has a test', () => {
  const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8')
  const [, table = ''] = read('../../docs/links.md').split('## Who may hold a link')
  const lines = [...table.matchAll(/^\| ([^|]+) \|/gm)].flatMap(([, who = '']) =>
    who === 'who' ? [] : [who.replaceAll("'", '’')],
  )
  expect(lines.length).toBeGreaterThan(8)
  const tried = [...read('links.test.ts').matchAll(/^ {2}it\('([^']+)'/gm)].map(([, name]) => name)
  expect(tried).toEqual(lines)
})
