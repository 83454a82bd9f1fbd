/**
 * The sockets below the pages: how long a client may take, and how many connections it may hold.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import type { Hono } from 'hono'
import { MINUTE, SECOND } from '../../domain/time.ts'
import { holdUp, type Listener, oneByOne } from './one-by-one.ts'

export const CONNECTION_PATIENCE = {
  /** Of request line and headers; a URL of ours has 200 bytes. */
  maxHeaderSize: 16 * 1024,
  /** Whoever takes longer is answered 408. */
  headersTimeout: 10 * SECOND,
  requestTimeout: 20 * SECOND,
  connectionsCheckingInterval: SECOND,
  keepAliveTimeout: 5 * SECOND,
  /** From an answer's end to its last byte's leaving: a client that takes none of it is cut off. */
  answerTimeout: MINUTE,
}
const MOST_HEADERS = 100
/**
 * Of a body that nobody reads yet: each of its chunks is an object, and 64 kB in chunks of one byte
 * would be 10 MB.
 */
const BUFFER_BYTES = 4 * 1024
/** Connections that may be open at once, of all clients and of one. */
export const CONNECTION_LIMITS = { all: 1_000, each: 100 } as const
/**
 * Connections that the kernel keeps until we take them. Where there are more it drops them,
 * everybody's, and a client tries again after a second: a client that opens nine hundred at once
 * must not fill it.
 */
export const BACKLOG = 2_048

/** For a request without a `Host`, as old health checks send it. */
const NO_HOST = 'no-host.invalid'

interface ServerBounds {
  /** How many connections one address may hold. */
  readonly each: number
  readonly patience?: typeof CONNECTION_PATIENCE
}

/**
 * A server that gives every client the same patience. Behind a proxy all visitors come from one
 * address, so that `each` has to be as many as all.
 */
export function openServer(
  { fetch }: Hono,
  { each, patience = CONNECTION_PATIENCE }: ServerBounds,
): Server {
  const server = createServer({ ...patience, highWaterMark: BUFFER_BYTES })
  server.maxHeadersCount = MOST_HEADERS
  const answer = getRequestListener(fetch, { hostname: NO_HOST })
  oneByOne(server, (request, response) => {
    working(request, response)
    endUntaken(response, patience.answerTimeout)
    answer(request, response)
  })
  // Counted as they come, when their turn has not come yet.
  const working = limitConnections(server, { all: CONNECTION_LIMITS.all, each })
  return server
}

function endUntaken(response: ServerResponse, afterMs: number) {
  response.once('prefinish', () => {
    const timer = setTimeout(() => response.destroy(), afterMs).unref()
    response.once('close', () => clearTimeout(timer))
  })
}

/**
 * Where there are too many, the one that has waited longest for its client to finish a request
 * makes way; of the same address where it is that one's limit. Who holds connections open loses
 * those, and a new visitor gets in. Gives back what is to be told of each request that begins.
 */
function limitConnections(server: Server, { all, each }: { all: number; each: number }): Listener {
  /** Those that have waited longest come first. */
  const open = new Map<Socket, string>()
  const held = new Map<string, number>()
  /** Those we are working for. */
  const busy = new WeakSet<Socket>()
  /** Those that have had an answer. */
  const served = new WeakSet<Socket>()
  /** Those that made way, until they are closed. */
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
   * A moment later, as long as they are not too many: a client that at once opens the next one is
   * held up by that. One that was served may be about to ask again, and does so at once on another.
   */
  const retire = (socket: Socket) => {
    forget(socket)
    if (leaving.size >= all || served.has(socket)) return socket.destroy()
    leaving.add(socket.once('close', () => leaving.delete(socket)))
    holdUp(socket)
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
