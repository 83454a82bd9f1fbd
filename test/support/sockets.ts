/** Clients that write any bytes to a socket. */
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { connect, type Socket } from 'node:net'
import type { Hono } from 'hono'
import { openServer } from '../../src/http/shared/listen.ts'

export interface Listening extends AsyncDisposable {
  readonly port: number
}

/** The pages on a real loopback socket. */
export async function listening(
  server: Hono,
  bounds: Partial<Parameters<typeof openServer>[1]> = {},
): Promise<Listening> {
  const http = openServer(server, { each: 100, ...bounds })
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  return {
    port: (http.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      http.close()
      http.closeAllConnections()
      await once(http, 'close')
    },
  }
}

/** A connection, and all that it received once it has ended; `error` if it was reset. */
export function client(port: number): {
  socket: Socket
  ended: Promise<{ text: string; error?: Error }>
} {
  const socket = connect(port, '127.0.0.1')
  let text = ''
  let error: Error | undefined
  socket.on('data', (bytes) => {
    text += bytes
  })
  socket.on('error', (one) => {
    error = one
  })
  const ended = once(socket, 'close').then(() => ({ text, ...(error && { error }) }))
  return { socket, ended }
}

/** Sends bytes and returns what comes back before the connection ends. */
export function said(port: number, bytes: string) {
  const { socket, ended } = client(port)
  socket.write(bytes)
  return ended
}
