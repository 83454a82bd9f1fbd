/**
 * With a relay that is slow and limits connections: how much of the capacity of those connections
 * is used.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { openDoor } from './chaos/door.ts'
import { runDawnpost } from './dawnpost.ts'
import { type Machines, numberFrom } from './machines.ts'

export interface CappedOutcome {
  readonly connections: number
  readonly mailsPerSecond: number
  /** Of nodemailer's rate over as many connections as the relay allows, which it never replaces. */
  readonly share: number
  /** Connections that the relay refused. */
  readonly sentAway: number
}

export const CAP = 20
export const TAKES_MS = 50
/** Enough for seeding on a busy machine. */
export const LEAD_MS = 8_000
const CEILING_MAILS = 1_500
/** About as long as a lesson. */
export const BYTES = 32_000

/** Drains `mails` mails through the capped relay, with one worker and its limit of connections. */
export async function measureCapped(
  machines: Machines,
  connections: number,
  mails: number,
): Promise<CappedOutcome> {
  let [sentAway, first, last] = [0, 0, 0]
  const yes = () => undefined
  const door = await openDoor({
    ready: async () => {},
    recipient: yes,
    data: yes,
    take: async () => {
      await pause(TAKES_MS)
      return undefined
    },
    answered: () => {
      last = performance.now()
      first ||= last
    },
    most: CAP,
    sentAway: () => {
      sentAway += 1
    },
  })
  try {
    const run = { backend: 'redis', workers: 1, mails, connections, leadMs: LEAD_MS } as const
    await runDawnpost({ ...machines, sinkPort: door.port }, run)
    const mailsPerSecond = (1_000 * mails) / (last - first)
    const figures = { connections, mailsPerSecond, sentAway }
    const usable = Math.min(connections, CAP)
    const args = [door.port, CEILING_MAILS, BYTES, 'unsigned', usable]
    const most = (1_000 * CEILING_MAILS) / (await numberFrom('baselines/ceiling.ts', args))
    return { ...figures, share: mailsPerSecond / most }
  } finally {
    door.close()
  }
}
