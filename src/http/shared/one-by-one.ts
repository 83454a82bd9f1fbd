/**
 * One request of a connection at a time, however many came in one write (pipelining: RFC 9112,
 * 9.3.2).
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { SECOND } from '../../domain/time.ts'

/**
 * What is parsed of a connection at a time: most requests are no longer. Node would take 64 kB,
 * which has room for thousands of requests, or for as many chunks of one byte.
 */
const SLICE_BYTES = 1024
/**
 * A slice of a body whose lines are shorter than this is all but frames of chunks (RFC 9112, 7.1),
 * which no client of ours sends: parsing a byte of it costs as much as parsing a kilobyte. After so
 * many the connection is closed.
 */
const SHORTEST_LINES = 8
const MOST_FRAMES = 4
/**
 * Slices and requests, of all connections, in one turn of the event loop. Each may take a
 * millisecond or two.
 */
const STEPS_A_TURN = 4
/**
 * Turns in which connections are taken, one in each, and nothing else is done: whoever comes stands
 * in line with them.
 */
const MOST_POSTPONED = 100

export type Listener = (request: IncomingMessage, response: ServerResponse) => void

interface Connection {
  /** Those that stood in the same slice as the one that is being answered. */
  readonly behind: (() => void)[]
  latest: IncomingMessage | null
  isAnswering: boolean
  /** Slices of the latest request that were all but frames. */
  frames: number
  /**
   * Has its next request answered, or more of it parsed: in its turn, if there is any and a use for
   * it.
   */
  more(): void
}

/**
 * Calls `begin` for each request once those before it on its connection are answered. Until then
 * nothing more of the connection is parsed or kept than a socket's buffer holds: whoever sends
 * ahead waits for itself. Addresses take turns.
 */
export function oneByOne(server: Server, begin: Listener): void {
  const connections = new WeakMap<Socket, Connection>()
  const turns = openSteps()
  attachInTurn(server, turns, (socket) => connections.set(socket, open(socket, turns.inTurn)))
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const { socket } = request
    const connection = connections.get(socket)
    if (!connection || socket.destroyed || heldUp.has(socket)) return
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

/** Node's own listener makes a parser, which takes longer than all else that a connection needs. */
function attachInTurn(server: Server, { inTurn, postpone }: Turns, then: (socket: Socket) => void) {
  const listeners = server.listeners('connection') as ((this: Server, socket: Socket) => void)[]
  server.removeAllListeners('connection')
  // Nothing is read of one before.
  Object.assign(server, { pauseOnConnect: true })
  const waiting = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    postpone()
    waiting.add(socket)
    // One that is reset before: 'close' follows.
    socket.on('error', () => {}).once('close', () => waiting.delete(socket))
    inTurn(socket.remoteAddress ?? '', () => {
      if (socket.destroyed || heldUp.has(socket)) return
      waiting.delete(socket)
      for (const attach of listeners) attach.call(server, socket)
      then(socket)
    })
  })
  // Which knows only of those that have a parser.
  const closeAttached = server.closeAllConnections.bind(server)
  server.closeAllConnections = () => {
    closeAttached()
    for (const socket of waiting) socket.destroy()
  }
}

/** Those that are to be closed, and of which nothing more is read. */
const heldUp = new WeakSet<Socket>()
/** As much as a buffer holds: Node reads no more from a socket until somebody takes it. */
const FILLING = Buffer.alloc(64 * 1024)

/**
 * Closes a connection within five seconds: a client that is cut off at once opens the next one at
 * once, and nine hundred of them are to be spread. Until then it costs nothing, whatever it sends.
 */
export function holdUp(socket: Socket): void {
  heldUp.add(socket)
  if (!socket.readableEnded) socket.unshift(FILLING)
  setTimeout(() => socket.destroy(), SECOND * (1 + 4 * Math.random())).unref()
}

type InTurn = (address: string, step: () => void) => void

interface Turns {
  readonly inTurn: InTurn
  /** Has this turn of the event loop pass, unless many have. */
  postpone(): void
}

/**
 * Takes a few steps in each turn of the event loop, and one of each address before the next of the
 * same: the first of an address at once.
 */
function openSteps(): Turns {
  const waiting = new Map<string, Set<() => void>>()
  let isPostponed = false
  let postponed = 0
  const serve = () => {
    if (isPostponed && postponed++ < MOST_POSTPONED) {
      isPostponed = false
      return void setImmediate(serve)
    }
    postponed = 0
    for (let left = STEPS_A_TURN; left > 0; left--) {
      const [address, steps] = waiting.entries().next().value ?? []
      const [step] = steps ?? []
      if (address === undefined || !steps || !step) return
      steps.delete(step)
      // Behind all others: a Map keeps the order in which its keys came.
      waiting.delete(address)
      if (steps.size > 0) waiting.set(address, steps)
      step()
    }
    if (waiting.size > 0) setImmediate(serve)
  }
  const atOnce = new Set<string>()
  const inTurn: InTurn = (address, step) => {
    // Whoever asks for one thing is not to wait for the next turn: it takes two of them to be
    // answered instead of five.
    if (!waiting.has(address) && !atOnce.has(address) && atOnce.size < STEPS_A_TURN) {
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
 * Stands between a socket and Node's parser, which gets what came in slices, and only when there is
 * a use for it.
 */
function open(socket: Socket, inTurn: InTurn): Connection {
  const [listener] = socket.listeners('data')
  const more = () => connection.behind.shift()?.()
  const connection: Connection = { behind: [], latest: null, isAnswering: false, frames: 0, more }
  // A Node that hands its parser what comes in another way does so unhindered.
  if (!listener) return connection
  const parse = listener as (this: Socket, bytes: Buffer) => void
  const address = socket.remoteAddress ?? ''
  const goOn = () => {
    if (socket.destroyed || !isWanted(connection, socket)) return
    // A kilobyte may hold forty requests: each has a turn of its own.
    const next = connection.behind.shift()
    if (next) return next()
    const slice = socket.read(Math.min(SLICE_BYTES, socket.readableLength) || 1)
    if (slice === null) return
    if (isInBody(connection) && isFraming(slice) && ++connection.frames > MOST_FRAMES)
      return holdUp(socket)
    parse.call(socket, slice)
    if (socket.readableLength > 0) connection.more()
    else socket.read(0) // which tells of the end, where that has come
  }
  connection.more = () => {
    if (isWanted(connection, socket)) inTurn(address, goOn)
  }
  socket.removeListener('data', parse)
  // 'resume' tells that the body of a request is being read.
  socket.on('readable', connection.more).on('resume', connection.more).on('drain', connection.more)
  return connection
}

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
  if (heldUp.has(socket)) return false
  // Node's parser must not be fed while answers wait to be taken.
  if (socket.writableNeedDrain) return false
  if (behind.length > 0) return !isAnswering
  if (!latest || latest.complete) return !isAnswering
  return latest.readableLength < latest.readableHighWaterMark
}
