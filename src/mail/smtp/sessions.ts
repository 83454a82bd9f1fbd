/** The connections to one server: how many there are, and which mail gets which. */
import { setTimeout as pause } from 'node:timers/promises'
import { Deferred } from '../../domain/deferred.ts'
import { SECOND } from '../../domain/time.ts'
import { type Openings, openOpenings } from './openings.ts'
import type { SmtpConnection } from './smtp-connection.ts'

export interface Session {
  readonly connection: SmtpConnection
  /** Mails begun on it, and those of them that were taken. */
  begun: number
  taken: number
  /** Mails on it now: two while one waits for its answer, and the next has begun. */
  mails: number
  /** How long the server took for the last answer to a message, in milliseconds. */
  answeredInMs: number
  /** `ended`: no further mail goes over it, though its socket may be open still. */
  state: 'beginning' | 'working' | 'ended'
  timer?: NodeJS.Timeout
}

export interface Sessions {
  /**
   * Waits for a session that no other mail uses. Rejects when none can be had: with why, or with
   * Deferred.
   */
  take(): Promise<Session>
  /** A mail on it has ended; it is used again if it can be. */
  give(session: Session): void
  /**
   * A message has been written over it, and waits for its answer. A mail that no other connection
   * can take begins behind it; says whether one does.
   */
  follow(session: Session): boolean
  /** The server has lost what came behind a message: none begins behind another any more. */
  followNoMore(): void
  /** Lets no more be opened than another process has found to be taken. */
  learn(connections: number): void
  /** How many sockets are open, those being opened and closed included. */
  open(): number
  /** How many mails wait for one, though none is being opened. */
  waiting(): number
  /** Sends away the mails that wait, since none is to be had. */
  turnAway(why: ConnectRefusal): void
  /** Ends all, those in use too. */
  close(): Promise<void>
}

export interface SessionOptions {
  /** Sockets open at a time, those being opened and closed included. */
  readonly connections: number
  /** Mails over this one. */
  readonly mails: (session: Session) => number
  /**
   * Opens one; `begun` gets it before anything is sent, so that it counts from the first packet.
   */
  readonly connect: (begun: (session: Session) => void) => Promise<Session>
  /**
   * Is told why no more than `connections` are open, though more are wanted. Says how long none is
   * to be tried.
   */
  readonly fewer: (why: ConnectRefusal, connections: number) => number
  /** Is told why none can be had, before any mail is. */
  readonly down: (why: ConnectRefusal) => void
  /** A mail waits for one. */
  readonly waits: () => void
}

/** Why one could not be opened; `responseCode` when the server said so. */
export type ConnectRefusal = Error & { readonly responseCode?: number | undefined }

interface Waiting {
  readonly resolve: (session: Session) => void
  readonly reject: (error: Error) => void
}

/** An idle connection is closed before a server tires of it (RFC 5321, 4.5.3.2.7: five minutes). */
const IDLE = 30 * SECOND
/** How long a server may take to say goodbye when the program stops. */
const GOODBYE = 200
/** A server that took longer than this for its last answer may take as long for this one. */
const QUICK_MS = SECOND
const STOPPING = 'the program stops'
/** When a mail is tried again that waited for a connection in vain. */
const SOON = SECOND

export const openSessions = (options: SessionOptions): Sessions => new SessionPool(options)

class SessionPool implements Sessions {
  readonly #options: SessionOptions
  readonly #openings: Openings
  readonly #all = new Set<Session>()
  /** Those of them that have been ready for mails. */
  readonly #opened = new Set<Session>()
  readonly #idle: Session[] = []
  #waiting: Waiting[] = []
  #beginning = 0
  /** Closed, and counted by the server still. */
  #closed = 0
  #retry: NodeJS.Timeout | undefined
  #isClosed = false
  #takesFollowers = true

  constructor(options: SessionOptions) {
    this.#options = options
    this.#openings = openOpenings(options.connections)
  }

  take(): Promise<Session> {
    if (this.#isClosed) return Promise.reject(new Deferred(STOPPING, SOON))
    return new Promise((resolve, reject) => {
      const waiter = { resolve, reject }
      this.#waiting.push(waiter)
      this.#serve()
      if (this.#waiting.includes(waiter)) this.#options.waits()
    })
  }

  followNoMore() {
    this.#takesFollowers = false
  }

  follow(session: Session) {
    if (!this.#takesFollowers) return false
    // Those beyond the connections that are being opened have no other to wait for.
    if (!this.#canCarryOn(session) || this.#waiting.length <= this.#beginning) return false
    if (session.answeredInMs > QUICK_MS) return false
    this.#hand(session)
    return true
  }

  #canCarryOn(session: Session) {
    return session.state === 'working' && session.begun < this.#options.mails(session)
  }

  /** To whoever has waited longest. */
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

  turnAway(why: ConnectRefusal) {
    this.#options.down(why)
    // Nobody has to find out again what the first one is told.
    const [first, ...later] = this.#waiting
    this.#waiting = []
    first?.reject(why)
    for (const { reject } of later) reject(new Deferred('no connection to the SMTP server', SOON))
  }

  async close() {
    this.#isClosed = true
    clearTimeout(this.#retry)
    for (const { reject } of this.#waiting.splice(0)) reject(new Deferred(STOPPING, SOON))
    for (const session of this.#idle.splice(0)) {
      clearTimeout(session.timer)
      if (session.state === 'working') end(session)
    }
    const open = [...this.#all].map(({ connection }) => connection)
    await Promise.race([Promise.all(open.map(({ closed }) => closed)), pause(GOODBYE)])
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
   * Opens one for whoever is next: no mail has to wait for the connection that was begun on its
   * behalf.
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

  /** Counts it until its socket is closed, and as long as the server does. */
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
      const inMs = this.#openings.noticedMs()
      if (inMs > 0) setTimeout(noticed, inMs).unref()
      else noticed()
    })
  }

  #failed(why: ConnectRefusal, othersOpen: number) {
    // One that is being closed may have stood in the way of one that the server refused, but of
    // nothing else.
    if (why.responseCode ? othersOpen > 0 : this.#working() > 0) {
      const pauseMs = this.#options.fewer(why, othersOpen)
      this.#openings.refused(othersOpen, performance.now(), pauseMs)
      this.#serve()
    } else this.turnAway(why)
  }
}

function end(session: Session) {
  session.state = 'ended'
  session.connection.leave()
}
