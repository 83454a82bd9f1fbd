/** Signs of life of this process, for all processes to see: what its planner and senders do. */
import type { Transport } from '../../mail/smtp/transport.ts'
import type * as stores from '../../store/index.ts'
import type { Db } from '../../store/postgres/sql.ts'

export interface Deps {
  readonly db: Db
  readonly stores: Pick<typeof stores, 'processes'>
  readonly name: string
  readonly transport: Pick<Transport, 'servers'>
  /** Returns the number of jobs in the queue. */
  readonly queueDepth: () => Promise<number>
  /** Returns what this process has counted. */
  readonly metrics: () => Promise<readonly object[]>
}

/** Whom a process relies on to plan and send: itself, any process or, for a command, nobody. */
export type ExpectedWorkers = 'own' | 'any' | 'nobody'

export interface Heartbeat {
  readonly name: string
  /** Sets whom this process relies on; from now on it is ready only while they plan and send. */
  expect(workers: Exclude<ExpectedWorkers, 'nobody'>): void
  expected(): ExpectedWorkers
  /** Notes that the planner has got this far. */
  planned(): void
  /** Notes that a sender has a job in hand; the returned function notes that it is done. */
  sending(): () => void
  /** Notes that an SMTP server has taken a mail. */
  accepted(): void
  /** Writes the signs of life to the database. */
  beat(): Promise<void>
  /** Notes that the process stops. */
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
  let expectedWorkers: ExpectedWorkers = 'nobody'
  let inHand = 0
  const at = new Map<'planned' | 'sending' | 'accepted', number>()
  const sign = (what: 'planned' | 'sending' | 'accepted') => at.set(what, performance.now())
  const ago = (what: 'planned' | 'sending' | 'accepted') => {
    const last = at.get(what)
    return last === undefined ? null : performance.now() - last
  }
  return {
    name,
    expect: (workers) => {
      expectedWorkers = workers
      if (workers === 'any') return
      sign('planned')
      sign('sending')
    },
    expected: () => expectedWorkers,
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
      if (expectedWorkers === 'nobody') return
      // Senders that have nothing to do count as alive, like busy ones.
      if (expectedWorkers === 'own' && (inHand > 0 || (await isEmpty(queueDepth)))) sign('sending')
      await stores.processes.beat(db, {
        name,
        plans: expectedWorkers === 'own',
        servers: serversOf(transport),
        metrics: await metrics(),
        plannedAgoMs: ago('planned'),
        sendingAgoMs: ago('sending'),
        acceptedAgoMs: ago('accepted'),
      })
    },
    leave: async () => {
      if (expectedWorkers !== 'nobody') await stores.processes.remove(db, name)
    },
  }
}

/** A queue that does not answer is reported elsewhere. */
const isEmpty = (queueDepth: Deps['queueDepth']) =>
  queueDepth().then(
    (depth) => depth === 0,
    () => false,
  )

const serversOf = (transport: Deps['transport']) =>
  Object.fromEntries(transport.servers().map(({ name, up }) => [name, up]))
