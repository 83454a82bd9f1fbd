/** Chooses the server a mail goes through, and carries it there. */
import { createHash } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { providerOf } from '../domain/provider.ts'
import type { Logger } from '../log.ts'
import type { SmtpServer } from '../smtp-server.ts'
import { type Breaker, openBreaker } from './breaker.ts'
import type { Mail } from './compose.ts'
import type { Signer } from './dkim.ts'
import { NotNow } from './not-now.ts'
import { openPlaces, type Places } from './places.ts'
import { openPool, SmtpFailure, type SmtpPool } from './smtp-pool.ts'
import { asksForLess, type SmtpError, type Verdict, verdictOn } from './verdict.ts'

/** Hands mails over. */
export interface Courier extends Places {
  /**
   * Resolves when a server has accepted the mail, with its words. Rejects with an SmtpFailure, or with
   * NotNow when none may take it at present. A person's mails go through the same server while it is up.
   */
  send(mail: Mail, subscriberId: string): Promise<string>
  /** Ends all connections; what is being sent then has failed. */
  close(): Promise<void>
}

export interface Turn {
  readonly inMs: number
  readonly serverIsFull: boolean
}

/** What limits how much goes where, for all workers together. */
export interface Throttle {
  /**
   * Asks for a mail's turn at a server. At once (0), and it is counted; or in so many milliseconds, when it is to ask
   * again. `serverIsFull`: for today, so that another server may take it.
   */
  turn(server: SmtpServer, provider: string): Promise<Turn>
  /** Connections a worker may open to a server, as another has lately found out; null when none was refused. */
  connections(server: SmtpServer): number | null
  /** The server took no more connections than these of a worker. */
  tookOnly(server: SmtpServer, connections: number): Promise<void>
  /** The server, or the recipient's provider, asked for less. */
  slowDown(server: SmtpServer, provider: string, of: 'server' | 'provider'): Promise<void>
}

/** Verdicts on a mail that was cut off: it says nothing of the mail when others are, too. */
const CUT_OFF: ReadonlySet<Verdict> = new Set(['transport', 'unknown'])

const SANDBOX_GROUP = 10
/** A mail that came in the way of a probe waits this long. */
const RETRY_MS = 1_000
const SOON_MS = 2_000
/** Mails between claim and result, a connection: enough that none waits for the database. */
const PLACES = 4

/** A server, and what signs the mail that goes through it. */
export interface Exit {
  readonly server: SmtpServer
  readonly sign: Signer | null
}

interface Route extends Exit {
  readonly pool: SmtpPool
  readonly breaker: Breaker
}

export function openCourier(exits: readonly Exit[], throttle: Throttle, log: Logger): Courier {
  const routes = exits.map((exit) => routeTo(exit, throttle, log))
  const connections = exits.reduce((sum, { server }) => sum + server.connections, 0)
  const up = () => Math.max(...routes.map(({ breaker }) => breaker.room(performance.now())))
  return {
    ...openPlaces(PLACES * connections, up),
    send: (mail, subscriberId) => sendBy(preferred(routes, subscriberId), mail, throttle, log),
    close: async () => {
      await Promise.all(routes.map(({ pool }) => pool.close()))
    },
  }
}

function routeTo(exit: Exit, throttle: Throttle, log: Logger): Route {
  const { server } = exit
  const breaker = openBreaker()
  const pool = openPool(server, {
    fewer: (err, connections) => {
      const fields = { server: server.name, connections, err }
      log.warn(fields, 'an SMTP server takes no more connections than are open')
      // What is not written down now is found out again.
      throttle.tookOnly(server, connections).catch(() => {})
    },
    down: (why) => {
      const verdict = verdictOn(why)
      const opened = breaker.refused(performance.now(), verdict === 'halt' ? 'halt' : 'down')
      if (opened) logDown(server, why, log)
    },
  })
  return { ...exit, pool, breaker }
}

/**
 * Sends by the first route that is up and whose limits let the mail through; by the next when it turns out to be down.
 * Throws NotNow when the mail has to wait, and an SmtpFailure when it failed.
 */
async function sendBy(
  routes: readonly Route[],
  mail: Mail,
  throttle: Throttle,
  log: Logger,
): Promise<string> {
  const { envelope, message } = mail
  const provider = providerOf(envelope.to)
  let why: Error | undefined
  for (const route of routes) {
    if (isDown(route)) continue
    const { inMs, serverIsFull } = await turnSoon(route.server, provider, throttle)
    if (inMs > 0) {
      why = new NotNow('over a limit of the SMTP server or the provider', inMs)
      // A person's mails stay with their server while it is up; only one that is full for today is passed over.
      if (!serverIsFull) throw why
      continue
    }
    const signed = route.sign ? await route.sign(message) : message
    const begunMs = performance.now()
    if (!route.breaker.allows(begunMs)) continue
    try {
      const most = throttle.connections(route.server)
      if (most !== null) route.pool.learn(most)
      const response = await route.pool.send(envelope, signed)
      route.breaker.succeeded()
      return response
    } catch (error) {
      if (error instanceof SmtpFailure) await learn({ route, provider, error, begunMs }, throttle, log)
      if (!isDown(route) || mayHaveLeft(error)) throw error
      why ??= error as Error
    }
  }
  throw why ?? new NotNow('no SMTP server is up', RETRY_MS)
}

const isDown = ({ breaker }: Route) => breaker.room(performance.now()) === 0
const mayHaveLeft = (error: unknown) => error instanceof SmtpFailure && error.handedOver

/** A turn, waited for when it comes soon: a limit a second must not send every mail back to the ledger. */
async function turnSoon(server: SmtpServer, provider: string, throttle: Throttle) {
  for (;;) {
    const turn = await throttle.turn(server, provider)
    if (turn.inMs === 0 || turn.inMs > SOON_MS) return turn
    await pause(turn.inMs)
  }
}

/** A mail that failed, and on which way. */
interface Failed {
  readonly route: Route
  readonly provider: string
  readonly error: SmtpFailure
  readonly begunMs: number
}

async function learn({ route, provider, error, begunMs }: Failed, throttle: Throttle, log: Logger) {
  const { server, breaker } = route
  const less = asksForLess(error)
  if (less) await throttle.slowDown(server, provider, less)
  const nowMs = performance.now()
  const verdict = verdictOn(error)
  if (!error.inMail) return
  if (verdict === 'halt') {
    if (breaker.refused(nowMs, 'halt')) logDown(server, error, log)
  } else if (!CUT_OFF.has(verdict)) breaker.succeeded()
  else if (breaker.cutOff(begunMs, nowMs)) logDown(server, error, log)
}

/** The words of the server stand in the error's message. */
function logDown(server: SmtpServer, err: SmtpError, log: Logger) {
  const { code, responseCode: smtp } = err
  log.error({ server: server.name, verdict: verdictOn(err), code, smtp, err }, 'an SMTP server is down')
}

/**
 * Servers in the order they are tried for a person: by priority, and among equals by rendezvous hashing with
 * weights, which gives each person the same order as long as the servers stay the same.
 */
function preferred(routes: readonly Route[], subscriberId: string): Route[] {
  if (routes.length < 2) return [...routes]
  const scored = routes.map((route) => ({ route, score: scoreOf(route.server, subscriberId) }))
  scored.sort((a, b) => a.route.server.priority - b.route.server.priority || b.score - a.score)
  return scored.map(({ route }) => route)
}

function scoreOf({ name, weight }: SmtpServer, subscriberId: string): number {
  const hash = createHash('sha256').update(`${name} ${subscriberId}`).digest().readUInt32BE(0)
  return -weight / Math.log((hash + 1) / 0x1_0000_0001)
}

/** Gives each mail to `keep`, as SMTP would get it: the sandbox outbox. */
export const openSandbox = (keep: (mail: Mail) => Promise<void>): Courier => ({
  send: async (mail) => {
    await keep(mail)
    return '250 kept in the outbox'
  },
  reserve: async (wanted, signal) => (signal.aborted ? 0 : Math.min(wanted, SANDBOX_GROUP)),
  free: () => {},
  close: async () => {},
})
