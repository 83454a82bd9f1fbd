/** Pages on a real socket, to be flooded. */
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Hono } from 'hono'
import { openServer } from '../../src/http/shared/listen.ts'

/** The pages behind a real socket, and the server below them. */
export async function served(pages: Hono, bounds: Partial<Parameters<typeof openServer>[1]> = {}) {
  const server: Server = openServer(pages, { each: 100, ...bounds })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    server,
    connections: () =>
      new Promise<number>((resolve) => server.getConnections((_, count) => resolve(count))),
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

export const oneTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1)
