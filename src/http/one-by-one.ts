/** One request of a connection at a time, however many came in one write (pipelining: RFC 9112, 9.3.2). */
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { SECOND } from '../domain/time.ts'

/**
 * What is parsed of a connection at a time: most requests are no longer. Node would take 64 kB, which has room for
 * thousands of requests, or for as many chunks of one byte.
 */
const SLICE_BYTES = 1024
/**
 * A slice of a body whose lines are shorter than this is all but frames of chunks (RFC 9112, 7.1), which no client of ours
 * sends: parsing a byte of it costs as much as parsing a kilobyte. After so many the connection is closed.
 */
const SHORTEST_LINES = 8
const MOST_FRAMES = 4
/** Slices, of all connections, in one turn of the event loop. A slice may take a millisecond or two. */
const SLICES_A_TURN = 4

export type Listener = (request: IncomingMessage, response: ServerResponse) => void

interface Connection {
  /** Those that stood in the same slice as the one that is being answered. */
  readonly behind: (() => void)[]
  latest: IncomingMessage | null
  isAnswering: boolean
  /** Slices of the latest request that were all but frames. */
  frames: number
  /** Has more of it parsed, if there is any and when there is a use for it. */
  more(): void
}

/**
 * Calls `begin` for each request once those before it on its connection are answered. Until then nothing more of the
 * connection is parsed or kept than a socket's buffer holds: whoever sends ahead waits for itself. Addresses take turns.
 */
export function oneByOne(server: Server, begin: Listener): void {
  const connections = new WeakMap<Socket, Connection>()
  const inTurn = openTurns()
  server.on('connection', (socket: Socket) => connections.set(socket, open(socket, inTurn)))
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const { socket } = request
    const connection = connections.get(socket)
    if (!connection || socket.destroyed) return
    const work = () => {
      connection.isAnswering = true
      response.once('close', () => {
        connection.isAnswering = false
        if (!socket.destroyed) (connection.behind.shift() ?? connection.more)()
      })
      begin(request, response)
    }
    connection.latest = request
    connection.frames = 0
    if (connection.isAnswering) connection.behind.push(work)
    else work()
  })
}

/**
 * Within five seconds: a client that is cut off at once opens the next connection at once, and nine hundred of them are to
 * be spread.
 */
export function destroyLater(socket: Socket): void {
  setTimeout(() => socket.destroy(), SECOND * (1 + 4 * Math.random())).unref()
}

type InTurn = (address: string, parse: () => void) => void

/** Parses a few slices in each turn of the event loop, and one of each address before the next of the same. */
function openTurns(): InTurn {
  const waiting = new Map<string, Set<() => void>>()
  const serve = () => {
    for (let left = SLICES_A_TURN; left > 0; left--) {
      const [address, theirs] = waiting.entries().next().value ?? []
      const [parse] = theirs ?? []
      if (address === undefined || !theirs || !parse) return
      theirs.delete(parse)
      // Behind all others: a Map keeps the order in which its keys came.
      waiting.delete(address)
      if (theirs.size > 0) waiting.set(address, theirs)
      parse()
    }
    if (waiting.size > 0) setImmediate(serve)
  }
  return (address, parse) => {
    if (waiting.size === 0) setImmediate(serve)
    const theirs = waiting.get(address)
    if (theirs) theirs.add(parse)
    else waiting.set(address, new Set([parse]))
  }
}

/** Stands between a socket and Node's parser, which gets what came in slices, and only when there is a use for it. */
function open(socket: Socket, inTurn: InTurn): Connection {
  const [listener] = socket.listeners('data')
  const connection: Connection = { behind: [], latest: null, isAnswering: false, frames: 0, more: () => {} }
  // A Node that hands its parser what comes in another way does so unhindered.
  if (!listener) return connection
  const parse = listener as (this: Socket, bytes: Buffer) => void
  const address = socket.remoteAddress ?? ''
  const parseSlice = () => {
    if (socket.destroyed || !isWanted(connection, socket)) return
    const slice = socket.read(Math.min(SLICE_BYTES, socket.readableLength) || 1)
    if (slice === null) return
    if (isInBody(connection) && isFraming(slice)) connection.frames++
    if (isJunk(connection)) return destroyLater(socket)
    parse.call(socket, slice)
    if (socket.readableLength > 0) connection.more()
    else socket.read(0) // which tells of the end, where that has come
  }
  connection.more = () => {
    if (isWanted(connection, socket)) inTurn(address, parseSlice)
  }
  socket.removeListener('data', parse)
  // 'resume' tells that the body of a request is being read.
  socket.on('readable', connection.more).on('resume', connection.more).on('drain', connection.more)
  return connection
}

const isJunk = ({ frames }: Connection) => frames > MOST_FRAMES

const isInBody = ({ latest }: Connection) =>
  latest !== null && !latest.complete && latest.headers['transfer-encoding'] !== undefined

function isFraming(slice: Buffer): boolean {
  let lines = 0
  for (let at = slice.indexOf(LINE_FEED); at >= 0; at = slice.indexOf(LINE_FEED, at + 1)) lines++
  return lines * SHORTEST_LINES > slice.length
}
const LINE_FEED = 10

/** Whether there is a use for more: a next request, or more of a body that is being read. */
function isWanted(connection: Connection, socket: Socket): boolean {
  const { behind, latest, isAnswering } = connection
  if (isJunk(connection)) return false
  // Node's parser must not be fed while answers wait to be taken.
  if (behind.length > 0 || socket.writableNeedDrain) return false
  if (!latest || latest.complete) return !isAnswering
  return latest.readableLength < latest.readableHighWaterMark
}
