/**
 * Handles one request per connection at a time, however many arrive in one write (pipelining: RFC
 * 9112, 9.3.2).
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { SECOND } from '../../domain/time.ts'

/**
 * How much of a connection is parsed at a time; most requests are no longer. Node would take 64 kB,
 * enough for thousands of requests or as many one-byte chunks.
 */
const SLICE_BYTES = 1024
/**
 * A slice of a chunked body whose lines are on average shorter than this is almost all chunk
 * framing (RFC 9112, 7.1). None of our clients sends that, and parsing a byte of it costs as much
 * as parsing a kilobyte. After more than `MAX_FRAMING_SLICES` such slices the connection is closed.
 */
const MIN_LINE_BYTES = 8
const MAX_FRAMING_SLICES = 4
/**
 * Steps (a slice or a request of any connection) per turn of the event loop. Each may take a
 * millisecond or two.
 */
const STEPS_PER_TURN = 4
/**
 * Maximum number of consecutive turns that only accept connections, one per turn, so that newcomers
 * are in the queue before it is served.
 */
const MAX_POSTPONED_TURNS = 100

export type Listener = (request: IncomingMessage, response: ServerResponse) => void

interface Connection {
  /** Requests parsed from the same slice as the one being answered. */
  readonly behind: (() => void)[]
  latest: IncomingMessage | null
  isAnswering: boolean
  /** Slices of the latest request that were almost all framing. */
  frames: number
  /** Schedules answering the next request or parsing more, if there is any and a use for it. */
  more(): void
}

/**
 * Calls `begin` for each request once the previous ones on its connection are answered. Until then
 * nothing more of the connection is parsed or kept than a socket's buffer holds: a client that
 * sends ahead delays only itself. Addresses take turns.
 */
export function serializeRequests(server: Server, begin: Listener): void {
  const connections = new WeakMap<Socket, Connection>()
  const turns = openScheduler()
  attachInTurn(server, turns, (socket) =>
    connections.set(socket, openConnection(socket, turns.inTurn)),
  )
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const { socket } = request
    const connection = connections.get(socket)
    if (!connection || socket.destroyed || delayedSockets.has(socket)) return
    const work = () => {
      connection.isAnswering = true
      response.once('close', () => {
        connection.isAnswering = false
        connection.more()
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
 * Node's own listener creates a parser, which takes longer than everything else a connection needs.
 */
function attachInTurn(
  server: Server,
  { inTurn, postpone }: Scheduler,
  then: (socket: Socket) => void,
) {
  const listeners = server.listeners('connection') as ((this: Server, socket: Socket) => void)[]
  server.removeAllListeners('connection')
  // So that nothing is read from a connection before its turn.
  Object.assign(server, { pauseOnConnect: true })
  const waiting = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    postpone()
    waiting.add(socket)
    // A reset before the connection's turn must not throw: 'close' follows.
    socket.on('error', () => {}).once('close', () => waiting.delete(socket))
    inTurn(socket.remoteAddress ?? '', () => {
      if (socket.destroyed || delayedSockets.has(socket)) return
      waiting.delete(socket)
      for (const attach of listeners) attach.call(server, socket)
      then(socket)
    })
  })
  // Node's version knows only connections that have a parser.
  const closeAttached = server.closeAllConnections.bind(server)
  server.closeAllConnections = () => {
    closeAttached()
    for (const socket of waiting) socket.destroy()
  }
}

/** Connections about to be closed, from which nothing more is read. */
const delayedSockets = new WeakSet<Socket>()
/** Fills a socket's read buffer: Node reads no more from it until the data is consumed. */
const FILLING = Buffer.alloc(64 * 1024)

/**
 * Closes a connection after one to five seconds. A client that is cut off immediately reconnects
 * immediately, and nine hundred of those must be spread out. Until then the connection costs
 * nothing, whatever the client sends.
 */
export function closeDelayed(socket: Socket): void {
  delayedSockets.add(socket)
  if (!socket.readableEnded) socket.unshift(FILLING)
  setTimeout(() => socket.destroy(), SECOND * (1 + 4 * Math.random())).unref()
}

type InTurn = (address: string, step: () => void) => void

interface Scheduler {
  readonly inTurn: InTurn
  /** Skips this turn of the event loop, unless many have been skipped. */
  postpone(): void
}

/**
 * Runs a few steps per turn of the event loop, taking addresses in rotation. The first step of an
 * address runs immediately.
 */
function openScheduler(): Scheduler {
  const waiting = new Map<string, Set<() => void>>()
  let isPostponed = false
  let postponed = 0
  const serve = () => {
    if (isPostponed && postponed++ < MAX_POSTPONED_TURNS) {
      isPostponed = false
      return void setImmediate(serve)
    }
    postponed = 0
    for (let left = STEPS_PER_TURN; left > 0; left--) {
      const [address, steps] = waiting.entries().next().value ?? []
      const [step] = steps ?? []
      if (address === undefined || !steps || !step) return
      steps.delete(step)
      // Goes to the end: a Map keeps insertion order.
      waiting.delete(address)
      if (steps.size > 0) waiting.set(address, steps)
      step()
    }
    if (waiting.size > 0) setImmediate(serve)
  }
  const atOnce = new Set<string>()
  const inTurn: InTurn = (address, step) => {
    // A client with a single request does not wait for the next turn: it is answered within two
    // turns instead of five.
    if (!waiting.has(address) && !atOnce.has(address) && atOnce.size < STEPS_PER_TURN) {
      if (atOnce.size === 0) setImmediate(() => atOnce.clear())
      atOnce.add(address)
      return step()
    }
    if (waiting.size === 0) setImmediate(serve)
    const steps = waiting.get(address)
    if (steps) steps.add(step)
    else waiting.set(address, new Set([step]))
  }
  const postpone = () => {
    isPostponed = true
  }
  return { inTurn, postpone }
}

/**
 * Sits between a socket and Node's parser, and feeds the parser in slices, only when there is a use
 * for more.
 */
function openConnection(socket: Socket, inTurn: InTurn): Connection {
  const [listener] = socket.listeners('data')
  const more = () => connection.behind.shift()?.()
  const connection: Connection = { behind: [], latest: null, isAnswering: false, frames: 0, more }
  // A Node version that feeds its parser in another way is left alone.
  if (!listener) return connection
  const parse = listener as (this: Socket, bytes: Buffer) => void
  const address = socket.remoteAddress ?? ''
  const goOn = () => {
    if (socket.destroyed || !isWanted(connection, socket)) return
    // A kilobyte may hold forty requests: each takes its own turn.
    const next = connection.behind.shift()
    if (next) return next()
    const slice = socket.read(Math.min(SLICE_BYTES, socket.readableLength) || 1)
    if (slice === null) return
    if (isInBody(connection) && isFraming(slice) && ++connection.frames > MAX_FRAMING_SLICES)
      return closeDelayed(socket)
    parse.call(socket, slice)
    if (socket.readableLength > 0) connection.more()
    else socket.read(0) // emits 'end' if it has been reached
  }
  connection.more = () => {
    if (isWanted(connection, socket)) inTurn(address, goOn)
  }
  socket.removeListener('data', parse)
  // 'resume' means that a request's body is being read.
  socket.on('readable', connection.more).on('resume', connection.more).on('drain', connection.more)
  return connection
}

const isInBody = ({ latest }: Connection) =>
  latest !== null && !latest.complete && latest.headers['transfer-encoding'] !== undefined

function isFraming(slice: Buffer): boolean {
  let lines = 0
  for (let at = slice.indexOf(LINE_FEED); at >= 0; at = slice.indexOf(LINE_FEED, at + 1)) lines++
  return lines * MIN_LINE_BYTES > slice.length
}
const LINE_FEED = 10

/**
 * Returns whether there is a use for more: a next request, or more of a body that is being read.
 */
function isWanted(connection: Connection, socket: Socket): boolean {
  const { behind, latest, isAnswering } = connection
  if (delayedSockets.has(socket)) return false
  // Node's parser must not be fed while responses wait to be read by the client.
  if (socket.writableNeedDrain) return false
  if (behind.length > 0) return !isAnswering
  if (!latest || latest.complete) return !isAnswering
  return latest.readableLength < latest.readableHighWaterMark
}
