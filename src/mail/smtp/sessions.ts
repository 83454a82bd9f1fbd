/** The connections to one server: how many there are, and which mail gets which. */
import { setTimeout as pause } from 'node:timers/promises'
import { SECOND } from '../../domain/time.ts'
import { Deferred } from './deferred.ts'
import { openOpenings } from './openings.ts'
import type { SmtpConnection } from './smtp-connection.ts'

export interface Session {
  readonly connection: SmtpConnection
  /** Mails begun on it, and those of them that were taken. */
  begun: number
  taken: number
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
  /** Gives one back, to be used again if it can be. */
  give(session: Session): void
  /** Lets no more be opened than another process has found to be taken. */
  learn(connections: number): void
  /** How many sockets are open, those being opened and closed included. */
  open(): number
  /** How many mails wait for one, though none is being opened. */
  waiting(): number
  /** Sends away the mails that wait, since none is to be had. */
  turnAway(why: Refusal): void
  /** Ends all, those in use too. */
  close(): Promise<void>
}

export interface Options {
  /** Sockets open at a time, those being opened and closed included. */
  readonly connections: number
  /** Mails over one of them. */
  readonly mails: number
  /**
   * Opens one; `begun` gets it before anything is sent, so that it counts from the first packet.
   */
  readonly connect: (begun: (session: Session) => void) => Promise<Session>
  /**
   * Is told why no more than `connections` are open, though more are wanted. Says how long none is
   * to be tried.
   */
  readonly fewer: (why: Refusal, connections: number) => number
  /** Is told why none can be had, before any mail is. */
  readonly down: (why: Refusal) => void
  /** A mail waits for one. */
  readonly waits: () => void
}

/** Why one could not be opened; `responseCode` when the server said so. */
export type Refusal = Error & { readonly responseCode?: number | undefined }

interface Waiting {
  readonly resolve: (session: Session) => void
  readonly reject: (error: Error) => void
}

/** An idle connection is closed before a server tires of it (RFC 5321, 4.5.3.2.7: five minutes). */
const IDLE = 30 * SECOND
/** How long a server may take to say goodbye when the program stops. */
const GOODBYE = 200
/** When a mail is tried again that waited for a connection in vain. */
const SOON = SECOND

export function openSessions({
  connections,
  mails,
  connect,
  fewer,
  down,
  waits,
}: Options): Sessions {
  const all = new Set<Session>()
  const idle: Session[] = []
  const openings = openOpenings(connections)
  let waiting: Waiting[] = []
  let beginning = 0
  /** Closed, and counted by the server still. */
  let closed = 0
  let retry: NodeJS.Timeout | undefined

  const serve = () => {
    clearTimeout(retry)
    while (waiting.length > 0) {
      const session = idle.pop()
      if (!session) break
      clearTimeout(session.timer)
      if (session.state === 'working') waiting.shift()?.resolve(session)
    }
    while (waiting.length > beginning) {
      const counts = { open: all.size + closed, beginning, working: inState(all, 'working') }
      const inMs = openings.waitMs(counts, performance.now())
      if (inMs === 0) begin()
      else {
        if (Number.isFinite(inMs)) retry = setTimeout(serve, Math.ceil(inMs))
        return
      }
    }
  }
  /**
   * Opens one for whoever is next: no mail has to wait for the connection that was begun on its
   * behalf.
   */
  const begin = () => {
    beginning += 1
    let mine: Session | undefined
    const counted = (session: Session) => {
      mine = session
      all.add(session)
      void session.connection.closed.then(() => {
        all.delete(session)
        closed += 1
        const noticed = () => {
          closed -= 1
          serve()
        }
        const inMs = openings.noticedMs()
        if (inMs > 0) setTimeout(noticed, inMs).unref()
        else noticed()
      })
    }
    connect(counted).then(
      (session) => {
        beginning -= 1
        openings.opened(all.size - beginning, performance.now())
        if (session.state === 'beginning') session.state = 'working'
        give(session)
      },
      (why: Refusal) => {
        beginning -= 1
        if (mine) mine.state = 'ended'
        failed(why, all.size - beginning - (mine && all.has(mine) ? 1 : 0))
      },
    )
  }
  const failed = (why: Refusal, others: number) => {
    // One that is being closed may have stood in the way of one that the server refused, but of
    // nothing else.
    if (why.responseCode ? others > 0 : inState(all, 'working') > 0) {
      openings.refused(others, performance.now(), fewer(why, others))
      return serve()
    }
    turnAway(why)
  }
  const turnAway = (why: Refusal) => {
    down(why)
    // Nobody has to find out again what the first one is told.
    const [first, ...rest] = waiting
    waiting = []
    first?.reject(why)
    for (const { reject } of rest) reject(new Deferred('no connection to the SMTP server', SOON))
  }
  const end = (session: Session) => {
    session.state = 'ended'
    session.connection.leave()
  }
  const give = (session: Session) => {
    if (session.state === 'working' && session.begun < mails) {
      session.timer = setTimeout(() => end(session), IDLE).unref()
      idle.push(session)
    } else if (session.state === 'working') end(session)
    serve()
  }

  return {
    take: () =>
      new Promise((resolve, reject) => {
        const mine = { resolve, reject }
        waiting.push(mine)
        serve()
        if (waiting.includes(mine)) waits()
      }),
    give,
    waiting: () => (beginning > 0 ? 0 : waiting.length),
    turnAway,
    open: () => all.size,
    learn: (most) => openings.learn(most, performance.now()),
    close: async () => {
      clearTimeout(retry)
      for (const { reject } of waiting.splice(0)) reject(new Deferred('the program stops', SOON))
      for (const session of idle.splice(0)) {
        clearTimeout(session.timer)
        if (session.state === 'working') end(session)
      }
      const open = [...all].map(({ connection }) => connection)
      await Promise.race([Promise.all(open.map(({ closed }) => closed)), pause(GOODBYE)])
      for (const connection of open) connection.close()
    },
  }
}

function inState(sessions: Iterable<Session>, state: Session['state']): number {
  let count = 0
  for (const session of sessions) if (session.state === state) count += 1
  return count
}
