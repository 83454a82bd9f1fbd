/** The preview that a phone can reach: nobody sees anything of it without its token. */
import { mkdtemp, rm } from 'node:fs/promises'
import type { NetworkInterfaceInfo } from 'node:os'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Hono } from 'hono'
import { encode } from 'uqr'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openPreviewer, type Previewer } from '../../../src/app/previewer.ts'
import { newCourse } from '../../../src/cli/new-course.ts'
import { invitation, lanAddresses } from '../../../src/cli/phone.ts'
import { createPreview } from '../../../src/http/author/preview.ts'
import { withToken } from '../../../src/http/author/preview-token.ts'
import { textOf } from '../../support/page.ts'
import { launch } from '../../support/program.ts'
import { until } from '../../support/wait.ts'

const TOKEN = 'a-token_of-22-letters1'

let courses: string
let previewer: Previewer
let server: Hono
beforeAll(async () => {
  courses = await mkdtemp(join(tmpdir(), 'dawnpost-phone-'))
  await newCourse('pages', { courses }, () => {})
  previewer = openPreviewer(courses)
  server = await createPreview(previewer, [], TOKEN)
})
afterAll(async () => {
  previewer[Symbol.dispose]()
  await rm(courses, { recursive: true })
})

const get = (path: string, cookie = '') => server.request(path, { headers: { cookie } })
const CSS = '/assets/style.css'

describe('without the token', () => {
  it.each([
    ['no token', '/', ''],
    ['a wrong one', '/?token=x', ''],
    ['an empty one', '/?token=', ''],
    ['one that begins right', `/?token=${TOKEN.slice(0, -1)}`, ''],
    ['a wrong cookie', '/', 'dawnpost-preview=x'],
    ['a wrong one beside a right cookie', '/?token=x', `dawnpost-preview=${TOKEN}`],
    ['no token, for a mail', '/pages/day-1/html', ''],
    ['no token, for a style', CSS, ''],
    ['no token, for what is not there', '/nothing/at/all', ''],
    ['no token, for the events', '/events', ''],
  ])('nothing is shown: %s', async (_, path, cookie) => {
    const response = await get(path, cookie)
    const text = textOf(await response.text())
    expect([response.status, response.headers.get('set-cookie')]).toEqual([403, null])
    expect(text).toContain('This preview is private.')
    expect(text).not.toMatch(/One thing|pages/)
  })

  it('nothing is shown under a foreign host name either, even with it', async () => {
    const response = await server.request(`http://evil.example/?token=${TOKEN}`)
    expect(response.status).toBe(421)
  })
})

describe('with the token', () => {
  it('the first visit gets a cookie and a clean address', async () => {
    const response = await get(`/pages/day-1?reader=none&token=${TOKEN}`)
    expect([response.status, response.headers.get('location')]).toEqual([
      303,
      '/pages/day-1?reader=none',
    ])
    expect(response.headers.get('set-cookie')).toBe(
      `dawnpost-preview=${TOKEN}; Path=/; HttpOnly; SameSite=Strict`,
    )
  })

  it('the redirect never leads to another site', async () => {
    const response = await get(`//evil.example/x?token=${TOKEN}`)
    expect(response.headers.get('location')).not.toMatch(/^\/\/|:\/\//)
  })

  it('pages, styles and mails are shown thanks to the cookie', async () => {
    const cookie = `other=1; dawnpost-preview=${TOKEN}`
    for (const path of ['/', '/pages/day-1', '/pages/day-1/html', CSS])
      expect([path, (await get(path, cookie)).status]).toEqual([path, 200])
  })

  it('a mail’s pictures carry the token, since its frame is sent no cookies', async () => {
    const html = `<img src="/assets/a.png"><img src="/media/0f/b.jpg"><a href="https://x.example/assets/c.png">`
    expect(withToken(html, 't')).toBe(
      `<img src="/assets/a.png?token=t"><img src="/media/0f/b.jpg?token=t"><a href="https://x.example/assets/c.png">`,
    )
    const response = await get(`${CSS}?token=${TOKEN}`)
    expect([response.status, response.headers.get('location')]).toEqual([200, null])
  })
})

describe('the address for the phone', () => {
  const of = (address: string, internal = false) =>
    ({ address, internal, family: 'IPv4' }) as NetworkInterfaceInfo

  it('is first that of the real network, and never one that leads nowhere', () => {
    const interfaces = {
      lo: [of('127.0.0.1', true)],
      docker0: [of('172.17.0.1')],
      eth1: [of('203.0.113.9'), of('2001:db8::1')],
      wlan0: [of('169.254.3.4'), of('fe80::1'), of('192.168.1.5')],
    }
    expect(lanAddresses(interfaces, '0.0.0.0')).toEqual([
      '192.168.1.5',
      '203.0.113.9',
      '172.17.0.1',
    ])
    expect(lanAddresses(interfaces, '::')).toContain('2001:db8::1')
    expect(lanAddresses(interfaces, '10.0.0.7')).toEqual(['10.0.0.7'])
  })

  it('is printed with its QR code, or reported as missing', () => {
    const door = { port: 4000, token: TOKEN, isTTY: false }
    const text = invitation({ ...door, addresses: ['192.168.1.5'] })
    const url = `http://192.168.1.5:4000/?token=${TOKEN}`
    const { size } = encode(url, { border: 2 })
    expect(text).toContain(`  ${url}\n`)
    const code = text.split('\n').filter((line) => /[█▀▄]/.test(line))
    expect(code.map((line) => line.length)).toEqual(Array(Math.ceil(size / 2)).fill(size))
    expect(invitation({ ...door, addresses: [] })).toMatch(/on no network.*\n.*localhost:4000/)
  })

  it('opens only with the token when the real program runs', async () => {
    await using program = launch([
      'preview',

      '--host',
      '127.0.0.1',
      '--port',
      '0',
      '--courses',
      courses,
    ])
    await until('the address', () => program.stdout().includes('?token='))
    const [url = ''] = /http:\/\/127\.0\.0\.1:\d+\/\?token=[\w-]{22}/.exec(program.stdout()) ?? []
    expect((await fetch(new URL('/', url))).status).toBe(403)
    const first = await fetch(url, { redirect: 'manual' })
    const cookie = first.headers.get('set-cookie')?.split(';')[0] ?? ''
    const second = await fetch(new URL('/', url), { headers: { cookie } })
    expect([first.status, second.status]).toEqual([303, 200])
    program.kill('SIGINT')
    expect((await program.ended).code).toBe(0)
  })
})
