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
import { asksForLess, type Verdict, verdictOn } from './verdict.ts'

/** Hands mails over. */
export interface Courier extends Places {
  /**
   * Resolves when a server has accepted the mail, with its words. Rejects with an SmtpFailure, or with
   * NotNow when none may take it at present. A person's mails go through the same server while it is up.
   */
  send(mail: Mail, subscriberId: string): Promise<string>
  /** How each server does, as this process finds it. None: nothing leaves this machine. */
  servers(): readonly ServerState[]
  /** Ends all connections; what is being sent then has failed. */
  close(): Promise<void>
}

export interface ServerState {
  readonly name: string
  /** Whether it is in use: false while it does not work and is tried now and then. */
  readonly up: boolean
  /** Connections that are open now, and how many may be. */
  readonly open: number
  readonly connections: number
}

/** What limits how much goes where, for all workers together. */
export interface Throttle {
  /**
   * Asks for a mail's turn at a server. At once (0), and it is counted; or in so many milliseconds, when it is to ask
   * again. `serverIsFull`: for today, so that another server may take it.
   */
  turn(
    server: SmtpServer,
    provider: string,
  ): Promise<{ readonly inMs: number; readonly serverIsFull: boolean }>
  /** The server, or the recipient's provider, asked for less. */
  slowDown(server: SmtpServer, provider: string, of: 'server' | 'provider'): Promise<void>
}

/** Verdicts that speak against the server or our access to it, not against a mail. */
const AGAINST_SERVER: ReadonlySet<Verdict> = new Set(['transport', 'halt'])

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
  readonly observer?: Observer
}

/** Is told what becomes of each mail at a server, and after how many seconds. */
export interface Observer {
  accepted(seconds: number): void
  failed(verdict: Verdict, seconds: number): void
}

interface Route extends Exit {
  readonly pool: SmtpPool
  readonly breaker: Breaker
}

export function openCourier(exits: readonly Exit[], throttle: Throttle, log: Logger): Courier {
  const routes = exits.map(
    (exit): Route => ({ ...exit, pool: openPool(exit.server), breaker: openBreaker() }),
  )
  const connections = exits.reduce((sum, { server }) => sum + server.connections, 0)
  const up = () => Math.max(...routes.map(({ breaker }) => breaker.room(performance.now())))
  return {
    ...openPlaces(PLACES * connections, up),
    send: async ({ envelope, message }, subscriberId) => {
      const provider = providerOf(envelope.to)
      const route = await openRoute(preferred(routes, subscriberId), provider, throttle)
      const began = performance.now()
      const seconds = () => (performance.now() - began) / 1_000
      try {
        const response = await route.pool.send(envelope, route.sign ? await route.sign(message) : message)
        route.breaker.succeeded()
        route.observer?.accepted(seconds())
        return response
      } catch (error) {
        if (error instanceof SmtpFailure) route.observer?.failed(verdictOn(error), seconds())
        if (error instanceof SmtpFailure) await learn(route, provider, error, throttle, log)
        throw error
      }
    },
    servers: () =>
      routes.map(({ server: { name, connections }, pool, breaker }) => {
        const up = breaker.room(performance.now()) === Number.POSITIVE_INFINITY
        return { name, up, open: pool.open(), connections }
      }),
    close: async () => {
      await Promise.all(routes.map(({ pool }) => pool.close()))
    },
  }
}

/** The first route that is up and whose limits let the mail through. Throws NotNow when it has to wait. */
async function openRoute(routes: readonly Route[], provider: string, throttle: Throttle): Promise<Route> {
  let wait: NotNow | undefined
  for (const route of routes) {
    if (route.breaker.room(performance.now()) === 0) continue
    const { inMs, serverIsFull } = await turnSoon(route.server, provider, throttle)
    if (inMs > 0) {
      wait = new NotNow('over a limit of the SMTP server or the provider', inMs)
      // A person's mails stay with their server while it is up; only one that is full for today is passed over.
      if (!serverIsFull) throw wait
    } else if (route.breaker.allows(performance.now())) return route
  }
  throw wait ?? new NotNow('no SMTP server is up', RETRY_MS)
}

/** A turn, waited for when it comes soon: a limit a second must not send every mail back to the ledger. */
async function turnSoon(server: SmtpServer, provider: string, throttle: Throttle) {
  for (;;) {
    const turn = await throttle.turn(server, provider)
    if (turn.inMs === 0 || turn.inMs > SOON_MS) return turn
    await pause(turn.inMs)
  }
}

async function learn(
  { server, breaker }: Route,
  provider: string,
  error: SmtpFailure,
  throttle: Throttle,
  log: Logger,
): Promise<void> {
  const less = asksForLess(error)
  if (less) await throttle.slowDown(server, provider, less)
  if (!AGAINST_SERVER.has(verdictOn(error))) breaker.succeeded()
  else if (breaker.failed(performance.now())) {
    log.error({ server: server.name, code: error.code }, 'an SMTP server is down')
  }
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
  servers: () => [],
  close: async () => {},
})
