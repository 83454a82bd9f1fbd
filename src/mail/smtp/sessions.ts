/** The connections to one server: how many are open, and which mail gets which. */
import { setTimeout as pause } from 'node:timers/promises'
import { Deferred } from '../../domain/deferred.ts'
import { SECOND } from '../../domain/time.ts'
import { type ConnectionLimit, openConnectionLimit } from './connection-limit.ts'
import type { SmtpConnection } from './smtp-connection.ts'

export interface Session {
  readonly connection: SmtpConnection
  /** Mails started on this session, and how many of those the server accepted. */
  begun: number
  accepted: number
  /** Mails on it now: two while one awaits its answer and the next has begun. */
  mails: number
  /** Milliseconds the server took to answer the last message. */
  answeredInMs: number
  /** `ended`: takes no further mail, though its socket may still be open. */
  state: 'beginning' | 'working' | 'ended'
  timer?: NodeJS.Timeout
}

export interface Sessions {
  /**
   * Waits for a session no other mail uses. Rejects if none is available, with the reason or with
   * Deferred.
   */
  take(): Promise<Session>
  /** Returns a session after a mail has ended on it; it is reused if possible. */
  give(session: Session): void
  /**
   * Called when a message has been written and awaits its answer. Starts a mail behind it that no
   * other connection can take; returns whether there is one.
   */
  follow(session: Session): boolean
  /** Stops starting mails behind others, because the server has lost one. */
  followNoMore(): void
  /** Limits connections to the number another process found the server to accept. */
  learn(connections: number): void
  /** Number of open sockets, including those being opened or closed. */
  open(): number
  /** Number of mails waiting for a session; 0 while one is being opened. */
  waiting(): number
  /** Rejects all waiting mails because no session is available. */
  rejectWaiting(why: ConnectRefusal): void
  /** Ends all sessions, including those in use. */
  close(): Promise<void>
}

export interface SessionOptions {
  /** Maximum number of open sockets, including those being opened or closed. */
  readonly connections: number
  /** Maximum number of mails over this session. */
  readonly maxMails: (session: Session) => number
  /** Opens one. `begun` receives it before anything is sent, so it counts from the first packet. */
  readonly connect: (begun: (session: Session) => void) => Promise<Session>
  /**
   * Called with the reason when only `connections` can be open although more are wanted. Returns
   * how many milliseconds to wait before trying again.
   */
  readonly onLimited: (why: ConnectRefusal, connections: number) => number
  /** Called with the reason when no session is available, before any waiting mail is rejected. */
  readonly onDown: (why: ConnectRefusal) => void
  /** Called when a mail waits for a session. */
  readonly onWaiting: () => void
}

/** Why a session could not be opened; has a `responseCode` if the server gave one. */
export type ConnectRefusal = Error & { readonly responseCode?: number | undefined }

interface Waiting {
  readonly resolve: (session: Session) => void
  readonly reject: (error: Error) => void
}

/** Idle connections are closed before the server does so (RFC 5321, 4.5.3.2.7: five minutes). */
const IDLE = 30 * SECOND
/** How long a server may take to answer QUIT when the program stops. */
const QUIT_TIMEOUT_MS = 200
/** If the last answer took longer, the next may too, so no mail waits behind another. */
const QUICK_MS = SECOND
const STOPPING = 'the program stops'
/** Delay before a mail that waited for a connection in vain is tried again. */
const RETRY_DELAY_MS = SECOND

export const openSessions = (options: SessionOptions): Sessions => new SessionPool(options)

class SessionPool implements Sessions {
  readonly #options: SessionOptions
  readonly #openings: ConnectionLimit
  readonly #all = new Set<Session>()
  /** Sessions that have become ready for mails. */
  readonly #opened = new Set<Session>()
  readonly #idle: Session[] = []
  #waiting: Waiting[] = []
  #beginning = 0
  /** Closed connections that the server still counts. */
  #closed = 0
  #retry: NodeJS.Timeout | undefined
  #isClosed = false
  #takesFollowers = true

  constructor(options: SessionOptions) {
    this.#options = options
    this.#openings = openConnectionLimit(options.connections)
  }

  take(): Promise<Session> {
    if (this.#isClosed) return Promise.reject(new Deferred(STOPPING, RETRY_DELAY_MS))
    return new Promise((resolve, reject) => {
      const waiter = { resolve, reject }
      this.#waiting.push(waiter)
      this.#serve()
      if (this.#waiting.includes(waiter)) this.#options.onWaiting()
    })
  }

  followNoMore() {
    this.#takesFollowers = false
  }

  follow(session: Session) {
    if (!this.#takesFollowers) return false
    // Only mails in excess of the connections being opened have no other connection to wait for.
    if (!this.#canCarryOn(session) || this.#waiting.length <= this.#beginning) return false
    if (session.answeredInMs > QUICK_MS) return false
    this.#hand(session)
    return true
  }

  #canCarryOn(session: Session) {
    return session.state === 'working' && session.begun < this.#options.maxMails(session)
  }

  /** Hands the session to the mail that has waited longest. */
  #hand(session: Session) {
    session.mails += 1
    this.#waiting.shift()?.resolve(session)
  }

  give(session: Session) {
    session.mails -= 1
    if (session.mails > 0) return this.#serve()
    if (this.#canCarryOn(session)) {
      session.timer = setTimeout(end, IDLE, session).unref()
      this.#idle.push(session)
    } else if (session.state === 'working') end(session)
    this.#serve()
  }

  learn(most: number) {
    this.#openings.learn(most, performance.now())
  }

  open() {
    return this.#all.size
  }

  waiting() {
    return this.#beginning > 0 ? 0 : this.#waiting.length
  }

  rejectWaiting(why: ConnectRefusal) {
    this.#options.onDown(why)
    // Only the first mail reports the reason.
    const [first, ...later] = this.#waiting
    this.#waiting = []
    first?.reject(why)
    for (const { reject } of later)
      reject(new Deferred('no connection to the SMTP server', RETRY_DELAY_MS))
  }

  async close() {
    this.#isClosed = true
    clearTimeout(this.#retry)
    for (const { reject } of this.#waiting.splice(0)) reject(new Deferred(STOPPING, RETRY_DELAY_MS))
    for (const session of this.#idle.splice(0)) {
      clearTimeout(session.timer)
      if (session.state === 'working') end(session)
    }
    const open = [...this.#all].map(({ connection }) => connection)
    await Promise.race([Promise.all(open.map(({ closed }) => closed)), pause(QUIT_TIMEOUT_MS)])
    for (const connection of open) connection.close()
  }

  #serve() {
    clearTimeout(this.#retry)
    while (this.#waiting.length > 0) {
      const session = this.#idle.pop()
      if (!session) break
      clearTimeout(session.timer)
      if (session.state === 'working') this.#hand(session)
    }
    while (this.#waiting.length > this.#beginning) {
      const inMs = this.#openings.waitMs(this.#counts(), performance.now())
      if (inMs === 0) this.#begin()
      else {
        if (Number.isFinite(inMs)) this.#retry = setTimeout(() => this.#serve(), Math.ceil(inMs))
        return
      }
    }
  }

  #counts() {
    const open = this.#all.size + this.#closed
    return { open, beginning: this.#beginning, working: this.#working() }
  }

  #working() {
    let count = 0
    for (const { state } of this.#all) if (state === 'working') count += 1
    return count
  }

  /**
   * Opens a session for the next mail in line: a mail never has to wait for the connection that was
   * opened on its behalf.
   */
  #begin() {
    this.#beginning += 1
    let begun: Session | undefined
    const counted = (session: Session) => {
      begun = session
      this.#count(session)
    }
    this.#options.connect(counted).then(
      (session) => {
        this.#beginning -= 1
        if (this.#all.has(session)) this.#opened.add(session)
        this.#openings.opened(this.#opened.size, performance.now())
        if (session.state === 'beginning') session.state = 'working'
        session.mails = 1
        this.give(session)
      },
      (why: ConnectRefusal) => {
        this.#beginning -= 1
        if (begun) begun.state = 'ended'
        this.#failed(why, this.#opened.size)
      },
    )
  }

  /** Counts a session until its socket is closed and the server has noticed. */
  #count(session: Session) {
    this.#all.add(session)
    void session.connection.closed.then(() => {
      this.#all.delete(session)
      this.#opened.delete(session)
      this.#closed += 1
      const noticed = () => {
        this.#closed -= 1
        this.#serve()
      }
      const inMs = this.#openings.lingerMs()
      if (inMs > 0) setTimeout(noticed, inMs).unref()
      else noticed()
    })
  }

  #failed(why: ConnectRefusal, othersOpen: number) {
    // A connection that is being closed may explain why the server refused another, but no other
    // kind of failure.
    if (why.responseCode ? othersOpen > 0 : this.#working() > 0) {
      const pauseMs = this.#options.onLimited(why, othersOpen)
      this.#openings.refused(othersOpen, performance.now(), pauseMs)
      this.#serve()
    } else this.rejectWaiting(why)
  }
}

function end(session: Session) {
  session.state = 'ended'
  session.connection.leave()
}
