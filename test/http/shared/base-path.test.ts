/** A site at https://example.org/mail: no link, form, script or redirect leads out of it. */
import { expect, it } from 'vitest'
import { enrolled } from '../../support/app.ts'
import { type TestWeb, testWeb } from '../../support/web.ts'

/** Addresses in a page that begin at the root of its host, with their attributes. */
const inPage = (html: string) =>
  [...html.matchAll(/\s([a-z-]+)="(\/[^"?#]*)/g)].map(([, name = '', path = '']) => ({
    name,
    path,
  }))

/**
 * Visits every page that a link leads to, and gives all addresses that are outside or broken.
 */
async function strays(web: TestWeb, starts: readonly string[]): Promise<string[]> {
  const ahead = [...starts]
  const seen = new Set<string>()
  const found: string[] = []
  for (let path = ahead.pop(); path !== undefined; path = ahead.pop()) {
    if (seen.has(path)) continue
    seen.add(path)
    const answer = await web.get(path)
    const isPage = answer.headers.get('Content-Type')?.startsWith('text/html')
    const addresses = isPage ? inPage(await answer.text()) : []
    const to = answer.headers.get('Location')
    if (to) addresses.push({ name: 'href', path: to.replace(/[?#].*/, '') })
    else if (!answer.ok) found.push(`${path} is ${answer.status}`)
    found.push(...addresses.map((one) => one.path).filter((one) => !/^\/mail(\/|$)/.test(one)))
    // Skips the days of a daily.
    const links = addresses.filter((one) => one.name !== 'action' && !/-\d\d$/.test(one.path))
    ahead.push(...links.map((one) => one.path))
  }
  expect(seen.size).toBeGreaterThan(20)
  return found
}

it('a site below a path stays there, from its front page and from the links in a mail', async () => {
  await using web = await testWeb({ env: { PUBLIC_URL: 'https://example.org/mail' } })
  await enrolled(web, { email: 'ada@example.com', series: ['inner-wisdom'] })
  web.clock.set('2027-03-20T06:00:00Z')
  await web.settle()
  const caught = (await web.app.author.sandbox?.list(9)) ?? []
  const mail = caught.find(({ kind }) => kind === 'lesson')
  const { raw = '' } = (await web.app.author.sandbox?.one(mail?.id ?? '')) ?? {}
  const links = String(raw)
    .replaceAll('=\r\n', '')
    .match(/https:\/\/example\.org\/[^\s"<>)]+/g)
  expect(new Set(links?.map((link) => new URL(link).pathname.split('/')[1]))).toEqual(
    new Set(['mail']),
  )
  const pages = [...new Set(links)].map((link) => new URL(link).pathname)
  expect(await strays(web, ['/mail/', '/mail/outbox', ...pages])).toEqual([])
})

it('a site below a path answers when a proxy strips the path, and redirects with it', async () => {
  await using web = await testWeb({ env: { PUBLIC_URL: 'https://example.org/mail/' } })
  const [whole, cut] = [await web.get('/mail/link'), await web.get('/link')]
  expect([whole.status, await whole.text()]).toEqual([200, await cut.text()])
  const answer = await web.post('/mail/link', { email: 'ada@example.com' })
  expect(answer.headers.get('Location') ?? '/mail/').toMatch(/^\/mail\//)
  expect((await web.get('/mailing')).status).toBe(404)
})
