import { Deferred, noServerUp } from '../../domain/deferred.ts'
import { providerOf } from '../../domain/provider.ts'
import { providerIdFrom } from '../../domain/provider-id.ts'
import { SmtpFailure } from '../../domain/smtp-failure.ts'
import {
  lacksSmtputf8,
  type SmtpError,
  throttleSourceOf,
  type Verdict,
  verdictOn,
} from '../../domain/verdict.ts'
import type { Logger } from '../../platform/log.ts'
import type { SmtpServer } from '../../platform/smtp-server.ts'
import type { Mail, Signer } from '../mail.ts'
import { type Breaker, openBreaker } from './breaker.ts'
import { rankRoutes } from './rank-routes.ts'
import { openRefusals, RECENT_MAILS, type Refusals } from './refusals.ts'
import { openSendSlots, type SendSlots } from './send-slots.ts'
import { openServerErrorLog, type ServerErrorLog } from './server-error-log.ts'
import { openPool, type SmtpPool } from './smtp-pool.ts'
import { type Begin, NO_OP_BEGIN } from './transmit.ts'
import { awaitTurn, type Turn } from './turn.ts'

/** The server that accepted a mail, and its reply: most name the mail's id in their log. */
export interface Receipt {
  readonly server: string
  readonly reply: string
  /** The provider's id for the mail, if the server belongs to a provider. */
  readonly providerId?: string | null
}

/** Hands mails to SMTP servers. */
export interface Transport extends SendSlots {
  /**
   * Resolves when a server has accepted the mail. Rejects with an SmtpFailure, or with Deferred if
   * none may take it now. A person's mails go through the same server while it is up. `begin` is
   * called before a server can have the message, which gets none if it throws.
   */
  send(mail: Mail, subscriberId: string, begin?: Begin): Promise<Receipt>
  /** Each server's state as this process sees it; empty if no mail leaves this machine. */
  servers(): readonly ServerState[]
  /** Ends all connections; mails being sent at that moment fail. */
  close(): Promise<void>
}

export interface ServerState {
  readonly name: string
  /** Whether the server is in use; false while it is down and only probed now and then. */
  readonly up: boolean
  /** Whether it accepts non-ASCII addresses (RFC 6531); null before the first connection. */
  readonly speaksUtf8: boolean | null
  /** Number of connections open now, and the maximum. */
  readonly open: number
  readonly connections: number
}

/** Limits on how much mail goes where, shared by all workers. */
export interface Throttle {
  /**
   * Requests a mail's turn at a server: 0 if it may go now, and it is counted; otherwise the
   * milliseconds until asking again. `serverIsFull`: for today, so another server may take it.
   */
  turn(server: SmtpServer, provider: string): Promise<Turn>
  /**
   * Connections per worker that a server accepts, as another worker recently found; null if none
   * was refused.
   */
  connections(server: SmtpServer): number | null
  /** Records that the server accepted only this many connections from a worker. */
  recordConnectionLimit(server: SmtpServer, connections: number): Promise<void>
  /**
   * Whether a server's refusals are believed: `full` after an operator has checked them, `some`
   * normally, `none` while the server is halted and no mail goes through it.
   */
  trustIn(server: SmtpServer): 'full' | 'some' | 'none'
  /**
   * Halts a server until an operator has checked it, because it refused this many of the last
   * mails.
   */
  halt(server: SmtpServer, refused: number): Promise<void>
  /** Slows down because the server or the recipient's provider asked for less mail. */
  slowDown(server: SmtpServer, provider: string, of: 'server' | 'provider'): Promise<void>
}

/** Verdicts that end a mail for good. */
const FINAL_VERDICTS: ReadonlySet<Verdict> = new Set(['bounced', 'disabled', 'refused'])
/** Verdicts on a mail that was cut off; they say nothing about it if others are too. */
const CUT_OFF: ReadonlySet<Verdict> = new Set(['transport', 'unknown'])
/**
 * Verdicts against the server or our access to it rather than a mail. The transport logs them,
 * once.
 */
const SERVER_FAULT_VERDICTS: ReadonlySet<Verdict> = new Set([...CUT_OFF, 'halt'])

/**
 * Slots between claim and result per connection: enough that no connection waits for the database.
 * More are allowed if mails leave so quickly that the claims would hold them up.
 */
const [SLOTS_PER_CONNECTION, MAX_SLOTS_PER_CONNECTION] = [4, 16]

/** A server, and the signer of mails that go through it. */
export interface SmtpRoute {
  readonly server: SmtpServer
  readonly sign: Signer | null
  readonly observer?: Observer
}

/** Observes each mail sent to a server, with its duration; `around` wraps the sending. */
export interface Observer {
  around<T>(send: () => Promise<T>): Promise<T>
  accepted(seconds: number): void
  failed(verdict: Verdict, seconds: number): void
}

interface Route extends SmtpRoute {
  readonly pool: SmtpPool
  readonly breaker: Breaker
  readonly refusals: Refusals
  readonly complain: ServerErrorLog
}

/** What decides whether a route may be used. */
interface RouteContext {
  readonly throttle: Throttle
  readonly log: Logger
}

export function openTransport(
  smtpRoutes: readonly SmtpRoute[],
  throttle: Throttle,
  log: Logger,
): Transport {
  const context = { throttle, log }
  const routes = smtpRoutes.map((route) => routeTo(route, context))
  const connections = smtpRoutes.reduce((sum, { server }) => sum + server.connections, 0)
  const roomBy = ({ server, breaker }: Route) =>
    throttle.trustIn(server) === 'none' ? 0 : breaker.room(performance.now())
  return {
    ...openSendSlots(
      { least: SLOTS_PER_CONNECTION * connections, most: MAX_SLOTS_PER_CONNECTION * connections },
      () => Math.max(...routes.map(roomBy)),
    ),
    send: (mail, subscriberId, begin = NO_OP_BEGIN) =>
      sendBy(rankRoutes(routes, subscriberId), { ...mail, begin }, context),
    servers: () =>
      routes.map((route) => {
        const { name, connections } = route.server
        return {
          name,
          up: roomBy(route) === Number.POSITIVE_INFINITY,
          speaksUtf8: route.pool.supportsSmtputf8(),
          open: route.pool.open(),
          connections,
        }
      }),
    close: async () => {
      await Promise.all(routes.map(({ pool }) => pool.close()))
    },
  }
}

function routeTo(route: SmtpRoute, context: RouteContext): Route {
  const { throttle, log } = context
  const { server } = route
  const breaker = openBreaker()
  const complain = openServerErrorLog(server.name, log)
  const pool = openPool(server, {
    fewer: (err, connections) => {
      const fields = { server: server.name, connections, err }
      log.warn(fields, 'an SMTP server accepts no more connections than are open')
      // If this is lost, another worker finds it out again.
      throttle.recordConnectionLimit(server, connections).catch(() => {})
    },
    down: (why) => {
      const verdict = verdictOn(why)
      complain(why, verdict)
      const opened = breaker.refused(performance.now(), verdict === 'halt' ? 'halt' : 'down')
      logDown({ server, why, opened }, context)
    },
  })
  return { ...route, pool, breaker, complain, refusals: openRefusals() }
}

/**
 * Sends over the first route that is up and whose limits admit the mail, or over the next if that
 * one turns out to be down. Throws Deferred if the mail has to wait, and SmtpFailure if it failed.
 */
async function sendBy(
  routes: readonly Route[],
  { envelope, message, isForeign, begin }: Mail & { readonly begin: Begin },
  context: RouteContext,
): Promise<Receipt> {
  const provider = providerOf(envelope.to)
  let why: Error | undefined
  const unable: SmtpFailure[] = []
  for (const route of routes) {
    if (isUnavailable(route, context)) continue
    const { inMs, serverIsFull } = await awaitTurn(() =>
      context.throttle.turn(route.server, provider),
    )
    if (inMs > 0) {
      why = new Deferred('over a limit of the SMTP server or the provider', inMs)
      // A person's mails stay with their server while it is up; it is passed over only when it is
      // full for today.
      if (!serverIsFull) throw why
      continue
    }
    const signed = route.sign ? await route.sign(message, isForeign) : message
    const begunMs = performance.now()
    if (isUnavailable(route, context) || !route.breaker.allows(begunMs)) continue
    try {
      const most = context.throttle.connections(route.server)
      if (most !== null) route.pool.learn(most)
      const send = () => route.pool.send(envelope, signed, begin)
      const reply = await (route.observer ? route.observer.around(send) : send())
      route.observer?.accepted((performance.now() - begunMs) / 1_000)
      route.refusals.note(envelope.to, 'taken')
      route.breaker.succeeded()
      const providerId = providerIdFrom(reply, route.server.provider)
      return { server: route.server.name, reply, providerId }
    } catch (error) {
      if (error instanceof SmtpFailure) {
        route.observer?.failed(verdictOn(error), (performance.now() - begunMs) / 1_000)
        await recordFailure({ route, to: envelope.to, error, begunMs }, context)
        if (lacksSmtputf8(error)) {
          unable.push(error)
          continue
        }
      }
      if (!isUnavailable(route, context) || isConclusive(error)) throw error
      why ??= error as Error
    }
  }
  throw (unable.length === routes.length ? unable[0] : why) ?? noServerUp(unable.length > 0)
}

/** Whether nothing may use this route now: it is down, or halted until an operator checks it. */
const isUnavailable = ({ breaker, server }: Route, { throttle }: RouteContext) =>
  breaker.room(performance.now()) === 0 || throttle.trustIn(server) === 'none'

/** Whether no other server may be tried: the mail may have left, or the mail itself was refused. */
const isConclusive = (error: unknown) =>
  error instanceof SmtpFailure && (error.handedOver || FINAL_VERDICTS.has(verdictOn(error)))

/** A failed mail and the route it took. */
interface FailedAttempt {
  readonly route: Route
  readonly to: string
  readonly error: SmtpFailure
  readonly begunMs: number
}

async function recordFailure(failed: FailedAttempt, context: RouteContext) {
  const { route, to, error, begunMs } = failed
  const { server, breaker, complain } = route
  error.server = server.name
  const less = throttleSourceOf(error)
  if (less) {
    // The server's reply must reach the ledger even if the slowdown cannot be stored.
    const slowing = context.throttle.slowDown(server, providerOf(to), less)
    await slowing.catch((err) => context.log.warn({ err }, 'the slower pace could not be stored'))
  }
  const nowMs = performance.now()
  const verdict = verdictOn(error)
  if (!error.inMail) return
  if (SERVER_FAULT_VERDICTS.has(verdict)) complain(error, verdict)
  if (verdict === 'halt')
    logDown({ server, why: error, opened: breaker.refused(nowMs, 'halt') }, context)
  else if (!CUT_OFF.has(verdict)) breaker.succeeded()
  else if (breaker.cutOff(begunMs, nowMs)) logDown({ server, why: error, opened: true }, context)
  if (FINAL_VERDICTS.has(verdict) && !lacksSmtputf8(error)) await recordRefusal(failed, context)
}

/** A server that refuses nearly everybody is wrong, or is the wrong server. */
async function recordRefusal({ route, to, error }: FailedAttempt, { throttle, log }: RouteContext) {
  const { server, refusals } = route
  if (throttle.trustIn(server) === 'full') return
  refusals.note(to, 'refused')
  error.isDoubted = () => throttle.trustIn(server) === 'none' || refusals.isSuspicious()
  if (throttle.trustIn(server) === 'none' || !refusals.isOfNearlyAll()) return
  const refused = refusals.count()
  log.error(
    { server: server.name, refused, of: RECENT_MAILS, err: error },
    'an SMTP server refuses nearly all mail; nothing is sent by it until `dawnpost servers --resume`',
  )
  await throttle.halt(server, refused)
  refusals.clear()
}

/** The server's reply is already in the error's message. */
function logDown(
  { server, why, opened }: { server: SmtpServer; why: SmtpError; opened: boolean },
  { log }: RouteContext,
) {
  const verdict = verdictOn(why)
  // `complain` has already logged a server that cannot be used as it is set up.
  if (!opened || verdict === 'halt') return
  const { code, responseCode: smtp } = why
  log.error({ server: server.name, verdict, code, smtp, err: why }, 'an SMTP server is down')
}
