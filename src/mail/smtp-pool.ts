/**
 * Connections to one SMTP server, kept open between mails: nodemailer's protocol, without its composer and
 * queue. What matters of a failed mail is known: whether it had been handed over when the connection ended.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { providerOf } from '../domain/provider.ts'
import { MINUTE, SECOND } from '../domain/time.ts'
import type { SmtpServer } from '../smtp-server.ts'
import type { Message } from './compose.ts'
import { openCrowd } from './crowd.ts'
import { NotNow } from './not-now.ts'
import { bytesIn, SmtpConnection } from './smtp-connection.ts'
import type { SmtpError } from './verdict.ts'

export interface Envelope {
  readonly from: string
  readonly to: string
}

export interface SmtpPool {
  /** Resolves with the server's words. Rejects with an SmtpFailure, or NotNow for a provider that is slow. */
  send(envelope: Envelope, message: Message): Promise<string>
  /** How many connections are open, those that begin or end too. */
  open(): number
  /** Ends all connections, those in use too. */
  close(): Promise<void>
}

/** A send that failed; `handedOver` when the server had begun to take the message. */
export class SmtpFailure extends Error implements SmtpError {
  override name = 'SmtpFailure'
  readonly code: string
  readonly command: string
  readonly responseCode: number | undefined
  readonly response: string | undefined
  readonly inMail: boolean
  readonly handedOver: boolean

  constructor(cause: SmtpError, { inMail = false, handedOver = false } = {}) {
    super(cause.message, { cause })
    this.code = cause.code ?? ''
    this.command = cause.command ?? ''
    this.responseCode = cause.responseCode
    this.response = cause.response
    this.inMail = inMail
    this.handedOver = handedOver
  }
}

/** Mails over one connection before it is replaced; below the 100 many relays allow. */
const MAILS_A_CONNECTION = 99
/** An idle connection is closed before a server tires of it (RFC 5321, 4.5.3.2.7: five minutes). */
const IDLE = 30 * SECOND
/** How long a mail waits whose provider has its share of the connections. */
const CROWDED_MS = 15 * SECOND
/** How long a server may take to say goodbye. */
const GOODBYE = 200

interface Session {
  readonly connection: SmtpConnection
  sent: number
  alive: boolean
  timer?: NodeJS.Timeout
}

export function openPool(server: SmtpServer): SmtpPool {
  const all = new Set<Session>()
  const idle: Session[] = []
  const slots = semaphore(server.connections)
  const crowd = openCrowd(server.connections)

  const open = async () => {
    const session = await connect(server, (begun) => all.add(begun))
    session.connection.once('end', () => all.delete(session))
    return session
  }
  const take = async () => {
    for (let kept = idle.pop(); kept; kept = idle.pop()) {
      clearTimeout(kept.timer)
      if (kept.alive) return kept
    }
    return open()
  }
  const keep = (session: Session) => {
    session.timer = setTimeout(() => {
      session.alive = false
      session.connection.quit()
    }, IDLE).unref()
    idle.push(session)
  }
  /** A server may have closed a connection that was kept; that says nothing of the mail, nor of the server. */
  const viaAny = async (envelope: Envelope, message: Message): Promise<[Session, string]> => {
    const session = await take()
    const reused = session.sent > 0
    try {
      return [session, await transmit(session, envelope, message)]
    } catch (error) {
      const closed = error instanceof SmtpFailure && !error.handedOver && !error.responseCode
      if (!reused || !closed) throw error
      const fresh = await open()
      return [fresh, await transmit(fresh, envelope, message)]
    }
  }

  return {
    send: async (envelope, message) => {
      await slots.take()
      const leave = crowd.enter(providerOf(envelope.to), performance.now())
      try {
        if (!leave) throw new NotNow('the provider answers slowly', CROWDED_MS)
        const [session, response] = await viaAny(envelope, message)
        if (session.alive && session.sent < MAILS_A_CONNECTION) keep(session)
        else session.connection.quit()
        return response
      } finally {
        leave?.()
        slots.free()
      }
    },
    open: () => all.size,
    close: async () => {
      for (const { connection, timer } of idle.splice(0)) {
        clearTimeout(timer)
        connection.quit()
      }
      if (all.size > 0) await pause(GOODBYE)
      for (const { connection } of all) connection.close()
    },
  }
}

async function connect(server: SmtpServer, begun: (session: Session) => void): Promise<Session> {
  const connection = new SmtpConnection({
    host: server.host,
    port: server.port,
    secure: server.secure,
    requireTLS: !server.secure && !server.loopback,
    ignoreTLS: server.loopback,
    connectionTimeout: 30 * SECOND,
    greetingTimeout: 30 * SECOND,
    // RFC 5321, 4.5.3.2.6: ten minutes for the answer to the final dot.
    socketTimeout: 10 * MINUTE,
  })
  const session: Session = { connection, sent: 0, alive: true }
  begun(session)
  const gone = Promise.withResolvers<never>()
  gone.promise.catch(() => {})
  // What connecting and logging in say of a failure comes first; it is more than that the connection ended.
  const end = (failure: SmtpFailure) => {
    session.alive = false
    setImmediate(() => gone.reject(failure))
  }
  connection.on('error', (error) => end(new SmtpFailure(error)))
  connection.once('end', () => {
    end(new SmtpFailure({ code: 'ECONNECTION', message: 'the connection was closed' }))
  })
  const connected = new Promise<void>((resolve, reject) => {
    connection.connect((error) => (error ? reject(new SmtpFailure(error)) : resolve()))
  })
  await Promise.race([connected, gone.promise])
  if (server.auth) await Promise.race([login(connection, server.auth), gone.promise])
  return session
}

function login(connection: SmtpConnection, { user, pass }: { user: string; pass: string }): Promise<void> {
  return new Promise((resolve, reject) => {
    connection.login({ user, credentials: { user, pass } }, (error) => {
      if (!error) return resolve()
      reject(new SmtpFailure(error))
      connection.close()
    })
  })
}

/** Sends one mail; a session that said no to it stays usable, one that broke does not. */
function transmit(session: Session, { from, to }: Envelope, message: Message): Promise<string> {
  const { connection } = session
  session.sent += 1
  return new Promise((resolve, reject) => {
    connection.sendPieces({ from, to: [to], size: bytesIn(message) }, message, (error, info) => {
      if (!error) return resolve(info?.response ?? '')
      const failure = new SmtpFailure(error, { inMail: true, handedOver: connection.handedOver })
      session.alive = false
      if (failure.responseCode && failure.responseCode !== 421) connection.quit()
      else connection.close()
      reject(failure)
    })
  })
}

function semaphore(size: number) {
  let free = size
  const waiting: (() => void)[] = []
  return {
    take: async () => {
      if (free > 0) free -= 1
      else await new Promise<void>((resolve) => waiting.push(resolve))
    },
    free: () => {
      const next = waiting.shift()
      if (next) next()
      else free += 1
    },
  }
}
