/** The web half: serves the pages on the configured port. */
import { createServer, type Server } from 'node:net'
import type { App } from '../app/app.ts'
import { messageOf, Problem } from '../domain/problem.ts'
import { SECOND } from '../domain/time.ts'
import { createServer as createPages } from '../http/server.ts'
import { BACKLOG, CONNECTION_LIMITS, openServer } from '../http/shared/listen.ts'
import type { Config } from '../platform/config.ts'

/** Opens the port for a moment, so that one in use is reported before a database is created. */
export async function expectPort({ http }: Config): Promise<void> {
  const probe = createServer()
  await openPort(probe, http)
  await new Promise((resolve) => probe.close(resolve))
}

async function openPort(
  server: Server,
  { host, port }: { host: string; port: number },
): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, host, BACKLOG, resolve)
  }).catch((cause: NodeJS.ErrnoException) => {
    throw cause.code === 'EADDRINUSE'
      ? new Problem('unavailable', 'operator.server.port-taken', { params: { port }, cause })
      : new Problem('unavailable', 'operator.server.port-closed', {
          params: { port, cause: messageOf(cause) },
          cause,
        })
  })
}

/**
 * Serves the pages; throws a Problem if the port cannot be opened. Closing lets short responses
 * end.
 */
export async function listen(app: App): Promise<{ close(): Promise<void> }> {
  const { host, port, trustProxy } = app.config.http
  const server = openServer(await createPages(app), {
    each: trustProxy > 0 ? CONNECTION_LIMITS.all : CONNECTION_LIMITS.each,
  })
  await openPort(server, { host, port })
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeIdleConnections()
        // Pages are short; a connection still open now is a browser listening to the outbox.
        setTimeout(() => server.closeAllConnections(), SECOND).unref()
      }),
  }
}
