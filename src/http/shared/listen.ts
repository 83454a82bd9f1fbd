/** The HTTP server's sockets: how long a client may take, and how many connections it may hold. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import type { Hono } from 'hono'
import { MINUTE, SECOND } from '../../domain/time.ts'
import { closeDelayed, type Listener, serializeRequests } from './pipelining.ts'

export const CONNECTION_TIMEOUTS = {
  /** Limit for the request line and headers together; our URLs are about 200 bytes. */
  maxHeaderSize: 16 * 1024,
  /** A slower client gets 408. */
  headersTimeout: 10 * SECOND,
  requestTimeout: 20 * SECOND,
  connectionsCheckingInterval: SECOND,
  keepAliveTimeout: 5 * SECOND,
  /**
   * From the end of a response until its last byte is sent: a client that does not read is cut off.
   */
  answerTimeout: MINUTE,
}
const MAX_HEADERS = 100
/**
 * How much of a body is buffered before anything reads it. Each chunk is an object: 64 kB in
 * one-byte chunks would take 10 MB.
 */
const BUFFER_BYTES = 4 * 1024
/** Maximum number of open connections, in total and per client. */
export const CONNECTION_LIMITS = { all: 1_000, each: 100 } as const
/**
 * Connections that the kernel queues until they are accepted. Beyond that it drops everybody's, and
 * clients retry after a second: one client that opens nine hundred at once must not fill the queue.
 */
export const BACKLOG = 2_048

/** Used for requests without a `Host`, as old health checks send them. */
const NO_HOST = 'no-host.invalid'

interface ServerLimits {
  /** How many connections one address may hold. */
  readonly each: number
  readonly timeouts?: typeof CONNECTION_TIMEOUTS
}

/**
 * Creates a server with the same timeouts for every client. Behind a proxy all visitors come from
 * one address, so `each` must equal the total.
 */
export function openServer(
  { fetch }: Hono,
  { each, timeouts = CONNECTION_TIMEOUTS }: ServerLimits,
): Server {
  const server = createServer({ ...timeouts, highWaterMark: BUFFER_BYTES })
  server.maxHeadersCount = MAX_HEADERS
  const answer = getRequestListener(fetch, { hostname: NO_HOST })
  serializeRequests(server, (request, response) => {
    working(request, response)
    destroyIfUnread(response, timeouts.answerTimeout)
    answer(request, response)
  })
  // Registered after `serializeRequests`, so that connections are counted on arrival, before their
  // turn comes.
  const working = limitConnections(server, { all: CONNECTION_LIMITS.all, each })
  return server
}

function destroyIfUnread(response: ServerResponse, afterMs: number) {
  response.once('prefinish', () => {
    const timer = setTimeout(() => response.destroy(), afterMs).unref()
    response.once('close', () => clearTimeout(timer))
  })
}

/**
 * Limits open connections by closing the one whose client has gone longest without completing a
 * request; where an address exceeds its own limit, one of that address. So a client that hoards
 * connections loses its own, and new visitors get in. Returns the listener to call for each request
 * that begins.
 */
function limitConnections(server: Server, { all, each }: { all: number; each: number }): Listener {
  /** Open connections with their addresses, the longest idle first. */
  const open = new Map<Socket, string>()
  const held = new Map<string, number>()
  /** Connections with a request being handled. */
  const busy = new WeakSet<Socket>()
  /** Connections that have been sent a response. */
  const served = new WeakSet<Socket>()
  /** Connections chosen for closing that are still open. */
  const leaving = new Set<Socket>()

  const forget = (socket: Socket) => {
    const address = open.get(socket)
    if (address === undefined) return
    open.delete(socket)
    const left = (held.get(address) ?? 1) - 1
    if (left > 0) held.set(address, left)
    else held.delete(address)
  }
  /**
   * Closes with a delay, unless too many are being closed that way: a client that would immediately
   * open the next connection is slowed down by it. One that was served is closed immediately: its
   * client may be about to send another request, and can do so on a new connection.
   */
  const retire = (socket: Socket) => {
    forget(socket)
    if (leaving.size >= all || served.has(socket)) return socket.destroy()
    leaving.add(socket.once('close', () => leaving.delete(socket)))
    closeDelayed(socket)
  }

  const makeWay = (newcomer: Socket, isRival: (address: string) => boolean) => {
    const rivals = open
      .entries()
      .filter(([socket, address]) => socket !== newcomer && isRival(address))
    const [longest] = rivals.find(([socket]) => !busy.has(socket)) ?? [newcomer]
    retire(longest)
  }
  server.on('connection', (socket: Socket) => {
    const address = socket.remoteAddress ?? ''
    const ofAddress = (held.get(address) ?? 0) + 1
    open.set(socket, address)
    held.set(address, ofAddress)
    socket.once('close', () => forget(socket))
    if (ofAddress > each) makeWay(socket, (rival) => rival === address)
    else if (open.size > all) makeWay(socket, () => true)
  })
  return (request, response) => {
    const { socket } = request
    if (hasBody(request)) request.once('end', () => busy.add(socket))
    else busy.add(socket)
    response.once('close', () => {
      busy.delete(socket)
      served.add(socket)
      const address = open.get(socket)
      if (address === undefined || !open.delete(socket)) return
      open.set(socket, address)
    })
  }
}

const hasBody = ({ headers }: IncomingMessage) =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
