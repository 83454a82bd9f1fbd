/** With a distant relay: whatever waits for an answer waits for a round trip. */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { BYTES, LEAD_MS } from './capped.ts'
import { runDawnpost } from './dawnpost.ts'
import { type Machines, numberFrom } from './machines.ts'

export interface FarOutcome {
  readonly mailsPerSecond: number
  /** Of nodemailer's rate over as many connections. */
  readonly share: number
}

export const ROUND_TRIP_MS = 40

/** Drains `mails` mails, with one worker and ten connections, into a distant sink. */
export async function measureFar(machines: Machines, mails: number): Promise<FarOutcome> {
  await using distance = await openDistance(machines.sinkPort)
  const far = { ...machines, sinkPort: distance.port }
  const ms = await numberFrom('baselines/ceiling.ts', [far.sinkPort, mails, BYTES])
  const run = { backend: 'redis', workers: 1, leadMs: LEAD_MS } as const
  const { mailsPerSecond } = await runDawnpost(far, { ...run, mails })
  return { mailsPerSecond, share: (mailsPerSecond * ms) / (1_000 * mails) }
}

/** A port that forwards to another one, with half a round trip of delay each way. */
async function openDistance(port: number) {
  const carry = (from: Socket, to: Socket) => {
    from.on('error', () => {}) // a peer that goes away
    from.on('data', (bytes) => setTimeout(() => to.write(bytes), ROUND_TRIP_MS / 2))
    from.on('close', () => setTimeout(() => to.destroy(), ROUND_TRIP_MS / 2))
  }
  const server = createServer({ noDelay: true }, (near) => {
    const there = connect({ port, host: '127.0.0.1', noDelay: true })
    carry(near, there)
    carry(there, near)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      server.close()
    },
  }
}
