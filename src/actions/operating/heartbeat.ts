/**
 * This process's signs of life: what its planner and its senders do, written down for all processes
 * to see.
 */
import type { Transport } from '../../mail/smtp/transport.ts'
import type * as stores from '../../store/index.ts'
import type { Db } from '../../store/postgres/sql.ts'

export interface Deps {
  readonly db: Db
  readonly stores: Pick<typeof stores, 'processes'>
  readonly name: string
  readonly transport: Pick<Transport, 'servers'>
  /** Jobs in the queue. */
  readonly queueDepth: () => Promise<number>
  /** What this process has counted. */
  readonly metrics: () => Promise<readonly object[]>
}

/** Whom a process relies on to plan and send: itself, any other, or, for a command, nobody. */
export type Expected = 'own' | 'any' | 'nobody'

export interface Heartbeat {
  readonly name: string
  /** Says what this process does, and is from now on ready only while that is done. */
  expect(whom: Exclude<Expected, 'nobody'>): void
  expected(): Expected
  /** The planner has come so far. */
  planned(): void
  /** A sender has a job in hand; the function given says that it is done. */
  sending(): () => void
  /** An SMTP server has taken a mail. */
  accepted(): void
  /** Writes all of it down. */
  beat(): Promise<void>
  /** The process stops. */
  leave(): Promise<void>
}

export function openHeartbeat({
  db,
  stores,
  name,
  transport,
  queueDepth,
  metrics,
}: Deps): Heartbeat {
  let whom: Expected = 'nobody'
  let inHand = 0
  const at = new Map<'planned' | 'sending' | 'accepted', number>()
  const sign = (what: 'planned' | 'sending' | 'accepted') => at.set(what, performance.now())
  const ago = (what: 'planned' | 'sending' | 'accepted') => {
    const last = at.get(what)
    return last === undefined ? null : performance.now() - last
  }
  return {
    name,
    expect: (who) => {
      whom = who
      if (who === 'any') return
      sign('planned')
      sign('sending')
    },
    expected: () => whom,
    planned: () => void sign('planned'),
    sending: () => {
      inHand += 1
      sign('sending')
      return () => {
        inHand -= 1
        sign('sending')
      }
    },
    accepted: () => void sign('accepted'),
    beat: async () => {
      if (whom === 'nobody') return
      // Senders that have nothing to do are as good as those that are at it.
      if (whom === 'own' && (inHand > 0 || (await isEmpty(queueDepth)))) sign('sending')
      await stores.processes.beat(db, {
        name,
        plans: whom === 'own',
        servers: serversOf(transport),
        metrics: await metrics(),
        plannedAgoMs: ago('planned'),
        sendingAgoMs: ago('sending'),
        acceptedAgoMs: ago('accepted'),
      })
    },
    leave: async () => {
      if (whom !== 'nobody') await stores.processes.leave(db, name)
    },
  }
}

/** A queue that does not answer is told of by itself. */
const isEmpty = (queueDepth: Deps['queueDepth']) =>
  queueDepth().then(
    (depth) => depth === 0,
    () => false,
  )

const serversOf = (transport: Deps['transport']) =>
  Object.fromEntries(transport.servers().map(({ name, up }) => [name, up]))
