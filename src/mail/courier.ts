/** Chooses the server a mail goes through, and carries it there. */
import { createHash } from 'node:crypto'
import type { Logger } from '../log.ts'
import type { SmtpServer } from '../smtp-server.ts'
import { type Breaker, openBreaker } from './breaker.ts'
import type { Mail } from './compose.ts'
import type { Signer } from './dkim.ts'
import { openPlaces, type Places } from './places.ts'
import { openPool, SmtpFailure, type SmtpPool } from './smtp-pool.ts'
import { type Verdict, verdictOn } from './verdict.ts'

/** Hands mails over. */
export interface Courier extends Places {
  /**
   * Resolves when a server has accepted the mail, with its words. Rejects with an SmtpFailure, or with
   * NotNow when no server may take it at present. A person's mails go through the same server while it is up.
   */
  send(mail: Mail, subscriberId: string): Promise<string>
  /** Ends all connections; what is being sent then has failed. */
  close(): Promise<void>
}

/** No server may take the mail for another `inMs`; nothing was attempted. */
export class NotNow extends Error {
  override name = 'NotNow'
  readonly inMs: number
  constructor(message: string, inMs: number) {
    super(message)
    this.inMs = inMs
  }
}

/** Verdicts that speak against the server or our access to it, not against a mail. */
const AGAINST_SERVER: ReadonlySet<Verdict> = new Set(['transport', 'halt'])

const SANDBOX_GROUP = 10
/** A mail that came in the way of a probe waits this long. */
const RETRY_MS = 1_000

/** A server, and what signs the mail that goes through it. */
export interface Exit {
  readonly server: SmtpServer
  readonly sign: Signer | null
}

interface Route extends Exit {
  readonly pool: SmtpPool
  readonly breaker: Breaker
}

export function openCourier(exits: readonly Exit[], log: Logger): Courier {
  const routes = exits.map(
    (exit): Route => ({ ...exit, pool: openPool(exit.server), breaker: openBreaker() }),
  )
  const connections = exits.reduce((sum, { server }) => sum + server.connections, 0)
  const up = () => Math.max(...routes.map(({ breaker }) => breaker.room(performance.now())))
  return {
    ...openPlaces(4 * connections, up),
    send: async ({ envelope, message }, subscriberId) => {
      const route = preferred(routes, subscriberId).find(({ breaker }) => breaker.allows(performance.now()))
      if (!route) throw new NotNow('no SMTP server is up', RETRY_MS)
      try {
        const response = await route.pool.send(envelope, route.sign ? await route.sign(message) : message)
        route.breaker.succeeded()
        return response
      } catch (error) {
        if (error instanceof SmtpFailure && AGAINST_SERVER.has(verdictOn(error))) note(route, error, log)
        else route.breaker.succeeded()
        throw error
      }
    },
    close: async () => {
      await Promise.all(routes.map(({ pool }) => pool.close()))
    },
  }
}

function note({ server, breaker }: Route, error: SmtpFailure, log: Logger) {
  if (breaker.failed(performance.now()))
    log.error({ server: server.name, code: error.code }, 'an SMTP server is down')
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
