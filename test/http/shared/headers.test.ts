import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Purpose } from '../../../src/security/links.ts'
import { enrolled } from '../../support/app.ts'
import { type TestWeb, testWeb } from '../../support/web.ts'

let web: TestWeb
let id: string
beforeAll(async () => {
  web = await testWeb()
  id = (await enrolled(web)).first.id
})
afterAll(() => web[Symbol.asyncDispose]())

const robots = async (path: string) => (await web.get(path)).headers.get('x-robots-tag')

describe('search engines', () => {
  it('are kept from pages with a token, valid or not, and from what follows a form', async () => {
    const purposes: readonly Purpose[] = [
      'unsubscribe',
      'preferences',
      'days',
      'confirm',
      'erase',
      'data',
    ]
    for (const purpose of purposes) {
      expect(
        await robots(`/${purpose}/${web.app.links.token(purpose, id, web.app.now())}`),
        purpose,
      ).toBe('noindex')
      expect(await robots(`/${purpose}/x`), purpose).toBe('noindex')
    }
    for (const path of [
      '/enrolled',
      '/link',
      '/link/sent',
      '/sign-in',
      '/sign-in/x',
      '/member',
      '/outbox',
      '/nowhere',
      '/courses/inner-wisdom/embed-code',
    ])
      expect(await robots(path), path).toBe('noindex')
  })

  it('may list public pages', async () => {
    for (const path of [
      '/',
      '/courses/inner-wisdom',
      '/daily/daily-inspiration',
      '/daily/daily-inspiration/feed',
    ])
      expect(await robots(path), path).toBeNull()
  })
})

it('every answer denies the permissions that no page needs', async () => {
  for (const path of ['/', '/nowhere', '/healthz', '/assets/style.css', '/enrolled'])
    expect((await web.get(path)).headers.get('permissions-policy'), path).toMatch(
      /camera=\(\).*geolocation=\(\)/,
    )
})

describe('/.well-known/security.txt', () => {
  const WHERE = '/.well-known/security.txt'

  it('is a 404 unless a contact is set', async () => {
    expect((await web.get(WHERE)).status).toBe(404)
  })

  it('names the contact, and is valid for less than a year (RFC 9116)', async () => {
    await using named = await testWeb({ env: { SECURITY_CONTACT: 'security@courses.example' } })
    const response = await named.get(WHERE)
    expect(response.headers.get('content-type')).toMatch(/^text\/plain; ?charset=utf-8$/i)
    const lines = (await response.text()).trim().split('\n')
    const fields = new Map(lines.map((line) => line.split(/: (.*)/, 2) as [string, string]))
    expect(fields.get('Contact')).toBe('mailto:security@courses.example')
    expect(fields.get('Canonical')).toBe(`https://courses.example${WHERE}`)
    const expires = Temporal.Instant.from(fields.get('Expires') ?? '')
    const days = named.app.now().until(expires).total('hours') / 24
    expect(days).toBeGreaterThan(30)
    expect(days).toBeLessThan(365)
  })
})
