/** Our pages on a real socket. */
import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import { createServer } from '../../src/http/server.ts'
import { type TestApp, testApp } from './app.ts'

export interface Site extends TestApp {
  readonly url: string
}

/**
 * An app in sandbox mode with a running worker, listening on the port that its links use.
 */
export async function openSite(options: Parameters<typeof testApp>[0] = {}): Promise<Site> {
  let handle: (request: Request) => Response | Promise<Response> = () =>
    new Response(null, { status: 503 })
  const server = createAdaptorServer({ fetch: (request: Request) => handle(request) }) as Server
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const test = await testApp({ ...options, env: { PUBLIC_URL: url, ...options.env } })
  handle = (await createServer(test.app)).fetch
  await test.work()
  return {
    ...test,
    url,
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
      await test[Symbol.asyncDispose]()
    },
  }
}
