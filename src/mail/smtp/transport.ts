import { Deferred, noneIsUp } from '../../domain/deferred.ts'
import { providerOf } from '../../domain/provider.ts'
import { providerIdFrom } from '../../domain/provider-id.ts'
import { SmtpFailure } from '../../domain/smtp-failure.ts'
import {
  asksForLess,
  lacksSmtputf8,
  type SmtpError,
  type Verdict,
  verdictOn,
} from '../../domain/verdict.ts'
import type { Logger } from '../../platform/log.ts'
import type { SmtpServer } from '../../platform/smtp-server.ts'
import type { Mail, Signer } from '../mail.ts'
import { type Breaker, openBreaker } from './breaker.ts'
import { type Complaints, openComplaints } from './complaints.ts'
import { preferred } from './preference.ts'
import { LAST, openRefusals, type Refusals } from './refusals.ts'
import { openSendSlots, type SendSlots } from './send-slots.ts'
import { openPool, type SmtpPool } from './smtp-pool.ts'
import { BEGIN_AT_ONCE, type Begin } from './transmit.ts'
import { type Turn, turnSoon } from './turn.ts'

/** Which server has taken a mail, and its words: most name the mail's id in their log. */
export interface Receipt {
  readonly server: string
  readonly reply: string
  /** What the provider calls the mail, where the server is one's. */
  readonly providerId?: string | null
}

/** Hands mails over. */
export interface Transport extends SendSlots {
  /**
   * Resolves when a server has accepted the mail. Rejects with an SmtpFailure, or with Deferred
   * when none may take it at present. A person's mails go through the same server while it is up.
   * `begin` is called before a server can have the message, which gets none when it throws.
   */
  send(mail: Mail, subscriberId: string, begin?: Begin): Promise<Receipt>
  /** How each server does, as this process finds it. None: nothing leaves this machine. */
  servers(): readonly ServerState[]
  /** Ends all connections; what is being sent then has failed. */
  close(): Promise<void>
}

export interface ServerState {
  readonly name: string
  /** Whether it is in use: false while it does not work and is tried now and then. */
  readonly up: boolean
  /** Whether it takes addresses outside ASCII (RFC 6531); null until it has been asked. */
  readonly speaksUtf8: boolean | null
  /** Connections that are open now, and how many may be. */
  readonly open: number
  readonly connections: number
}

/** What limits how much goes where, for all workers together. */
export interface Throttle {
  /**
   * Asks for a mail's turn at a server. At once (0), and it is counted; or in so many milliseconds,
   * when it is to ask again. `serverIsFull`: for today, so that another server may take it.
   */
  turn(server: SmtpServer, provider: string): Promise<Turn>
  /**
   * Connections a worker may open to a server, as another has lately found out; null when none was
   * refused.
   */
  connections(server: SmtpServer): number | null
  /** The server took no more connections than these of a worker. */
  tookOnly(server: SmtpServer, connections: number): Promise<void>
  /**
   * Whether a server's refusals are believed: after an operator has looked, usually, or not, and
   * nothing is sent by it.
   */
  trustIn(server: SmtpServer): 'full' | 'some' | 'none'
  /**
   * Sends nothing by a server any more, until an operator has looked: it refused so many of the
   * last mails.
   */
  halt(server: SmtpServer, refused: number): Promise<void>
  /** The server, or the recipient's provider, asked for less. */
  slowDown(server: SmtpServer, provider: string, of: 'server' | 'provider'): Promise<void>
}

/** Verdicts that end a mail for good. */
const FOR_GOOD: ReadonlySet<Verdict> = new Set(['bounced', 'disabled', 'refused'])
/** Verdicts on a mail that was cut off: it says nothing of the mail when others are, too. */
const CUT_OFF: ReadonlySet<Verdict> = new Set(['transport', 'unknown'])
/**
 * Verdicts that speak against the server or our access to it, not against a mail. The transport
 * tells them, once.
 */
const AGAINST_SERVER: ReadonlySet<Verdict> = new Set([...CUT_OFF, 'halt'])

/**
 * Mails between claim and result, a connection: enough that none waits for the database. More where
 * they leave so quickly that the claims themselves would hold them up.
 */
const [PLACES, MOST_PLACES] = [4, 16]

/** A server, and what signs the mail that goes through it. */
export interface SmtpRoute {
  readonly server: SmtpServer
  readonly sign: Signer | null
  readonly observer?: Observer
}

/** Is told what becomes of each mail at a server, and after how many seconds. */
export interface Observer {
  /** Sends. */
  around<T>(send: () => Promise<T>): Promise<T>
  accepted(seconds: number): void
  failed(verdict: Verdict, seconds: number): void
}

interface Route extends SmtpRoute {
  readonly pool: SmtpPool
  readonly breaker: Breaker
  readonly refusals: Refusals
  readonly complain: Complaints
}

/** What a way is judged by. */
interface Judge {
  readonly throttle: Throttle
  readonly log: Logger
}

export function openTransport(
  smtpRoutes: readonly SmtpRoute[],
  throttle: Throttle,
  log: Logger,
): Transport {
  const judge = { throttle, log }
  const routes = smtpRoutes.map((route) => routeTo(route, judge))
  const connections = smtpRoutes.reduce((sum, { server }) => sum + server.connections, 0)
  const roomBy = ({ server, breaker }: Route) =>
    throttle.trustIn(server) === 'none' ? 0 : breaker.room(performance.now())
  return {
    ...openSendSlots({ least: PLACES * connections, most: MOST_PLACES * connections }, () =>
      Math.max(...routes.map(roomBy)),
    ),
    send: (mail, subscriberId, begin = BEGIN_AT_ONCE) =>
      sendBy(preferred(routes, subscriberId), { ...mail, begin }, judge),
    servers: () =>
      routes.map((route) => {
        const { name, connections } = route.server
        return {
          name,
          up: roomBy(route) === Number.POSITIVE_INFINITY,
          speaksUtf8: route.pool.speaksUtf8(),
          open: route.pool.open(),
          connections,
        }
      }),
    close: async () => {
      await Promise.all(routes.map(({ pool }) => pool.close()))
    },
  }
}

function routeTo(route: SmtpRoute, judge: Judge): Route {
  const { throttle, log } = judge
  const { server } = route
  const breaker = openBreaker()
  const complain = openComplaints(server.name, log)
  const pool = openPool(server, {
    fewer: (err, connections) => {
      const fields = { server: server.name, connections, err }
      log.warn(fields, 'an SMTP server takes no more connections than are open')
      // What is not written down now is found out again.
      throttle.tookOnly(server, connections).catch(() => {})
    },
    down: (why) => {
      const verdict = verdictOn(why)
      complain(why, verdict)
      const opened = breaker.refused(performance.now(), verdict === 'halt' ? 'halt' : 'down')
      tellDown({ server, why, opened }, judge)
    },
  })
  return { ...route, pool, breaker, complain, refusals: openRefusals() }
}

/**
 * Sends by the first route that is up and whose limits let the mail through; by the next when it
 * turns out to be down. Throws Deferred when the mail has to wait, and an SmtpFailure when it
 * failed.
 */
async function sendBy(
  routes: readonly Route[],
  { envelope, message, isForeign, begin }: Mail & { readonly begin: Begin },
  judge: Judge,
): Promise<Receipt> {
  const provider = providerOf(envelope.to)
  let why: Error | undefined
  const unable: SmtpFailure[] = []
  for (const route of routes) {
    if (isShut(route, judge)) continue
    const { inMs, serverIsFull } = await turnSoon(() => judge.throttle.turn(route.server, provider))
    if (inMs > 0) {
      why = new Deferred('over a limit of the SMTP server or the provider', inMs)
      // A person's mails stay with their server while it is up; only one that is full for today is
      // passed over.
      if (!serverIsFull) throw why
      continue
    }
    const signed = route.sign ? await route.sign(message, isForeign) : message
    const begunMs = performance.now()
    if (isShut(route, judge) || !route.breaker.allows(begunMs)) continue
    try {
      const most = judge.throttle.connections(route.server)
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
        await learn({ route, to: envelope.to, error, begunMs }, judge)
        if (lacksSmtputf8(error)) {
          unable.push(error)
          continue
        }
      }
      if (!isShut(route, judge) || isAnswered(error)) throw error
      why ??= error as Error
    }
  }
  throw (unable.length === routes.length ? unable[0] : why) ?? noneIsUp(unable.length > 0)
}

/** Nothing goes by it now: it is down, or halted until an operator has looked. */
const isShut = ({ breaker, server }: Route, { throttle }: Judge) =>
  breaker.room(performance.now()) === 0 || throttle.trustIn(server) === 'none'

/** The mail may have left, or it is the mail that was refused: no other server is asked. */
const isAnswered = (error: unknown) =>
  error instanceof SmtpFailure && (error.handedOver || FOR_GOOD.has(verdictOn(error)))

/** A mail that failed, and on which way. */
interface FailedAttempt {
  readonly route: Route
  readonly to: string
  readonly error: SmtpFailure
  readonly begunMs: number
}

async function learn(failed: FailedAttempt, judge: Judge) {
  const { route, to, error, begunMs } = failed
  const { server, breaker, complain } = route
  error.server = server.name
  const less = asksForLess(error)
  if (less) {
    // What the server said must reach the ledger, whatever becomes of the pace.
    const slowing = judge.throttle.slowDown(server, providerOf(to), less)
    await slowing.catch((err) => judge.log.warn({ err }, 'the pace was not kept'))
  }
  const nowMs = performance.now()
  const verdict = verdictOn(error)
  if (!error.inMail) return
  if (AGAINST_SERVER.has(verdict)) complain(error, verdict)
  if (verdict === 'halt')
    tellDown({ server, why: error, opened: breaker.refused(nowMs, 'halt') }, judge)
  else if (!CUT_OFF.has(verdict)) breaker.succeeded()
  else if (breaker.cutOff(begunMs, nowMs)) tellDown({ server, why: error, opened: true }, judge)
  if (FOR_GOOD.has(verdict) && !lacksSmtputf8(error)) await doubt(failed, judge)
}

/** A server that refuses nearly everybody is mistaken, or is mistaken for one that it is not. */
async function doubt({ route, to, error }: FailedAttempt, { throttle, log }: Judge) {
  const { server, refusals } = route
  if (throttle.trustIn(server) === 'full') return
  refusals.note(to, 'refused')
  error.isDoubted = () => throttle.trustIn(server) === 'none' || refusals.isSuspicious()
  if (throttle.trustIn(server) === 'none' || !refusals.isOfNearlyAll()) return
  const refused = refusals.count()
  log.error(
    { server: server.name, refused, of: LAST, err: error },
    'an SMTP server refuses nearly all mail; nothing is sent by it until `dawnpost servers --resume`',
  )
  await throttle.halt(server, refused)
  refusals.clear()
}

/** The words of the server stand in the error's message. */
function tellDown(
  { server, why, opened }: { server: SmtpServer; why: SmtpError; opened: boolean },
  { log }: Judge,
) {
  const verdict = verdictOn(why)
  // A server that cannot be used as it is set up has been complained of in so many words.
  if (!opened || verdict === 'halt') return
  const { code, responseCode: smtp } = why
  log.error({ server: server.name, verdict, code, smtp, err: why }, 'an SMTP server is down')
}
