/**
 * Behind the proxies of deploy/: TLS, the network that a visitor is from, and no personal link in a
 * log.
 */
import type { AddressInfo } from 'node:net'
import { expect, it } from 'vitest'
import { openServer } from '../../../src/http/shared/listen.ts'
import { hasProxy, type ProxyName, startProxy } from '../../support/proxy.ts'
import { until } from '../../support/wait.ts'
import { encoded, FORM, stamped, testWeb } from '../../support/web.ts'

async function site() {
  const web = await testWeb({ env: { PUBLIC_URL: 'https://courses.example.com' } })
  const server = openServer(web.server, { each: 100 })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    web,
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
      await web[Symbol.asyncDispose]()
    },
  }
}

const passesOn = async (name: ProxyName) => {
  await using behind = await site()
  await using proxy = await startProxy(name, behind.port)
  const page = await proxy.ask('/courses/inner-wisdom')
  expect([page.status, page.body.includes('<form')]).toEqual([200, true])

  // A made-up origin does not hide the real one.
  const form = encoded(stamped(behind.web, FORM))
  const headers = { 'X-Forwarded-For': '203.0.113.9' }
  expect((await proxy.ask('/courses/inner-wisdom', { headers, form })).status).toBe(303)
  await behind.web.app.sender.processRequests()
  const networks = await behind.web.db.selectFrom('consents').select('network').distinct().execute()
  expect(networks).toEqual([{ network: '127.0.0.0/24' }])

  const metrics = await proxy.ask('/metrics')
  expect([metrics.status, metrics.body.includes('Dawnpost')]).toEqual([404, false])
  await proxy.ask('/unsubscribe/a-secret-link?and=more')
  if (name === 'caddy') return
  // Nginx writes the line after it has answered.
  const isLogged = async () => (await proxy.logged()).includes(' GET /unsubscribe 404 ')
  await until('the request to be logged', isLogged)
  expect(await proxy.logged()).not.toContain('secret')
}

for (const name of ['nginx', 'caddy'] as const) {
  const isThere = hasProxy(name)
  const what = `${name} passes on who asks, over TLS${isThere ? '' : ': it is not installed'}`
  it.skipIf(!isThere)(what, () => passesOn(name))
}
