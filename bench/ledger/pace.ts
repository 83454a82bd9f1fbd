/** The worker against nodemailer's ceiling, over ten and over twenty connections, in rounds. */
import { median } from '../figures.ts'
import { type Machines, numbersFrom } from '../machines.ts'
import { type Backend, type Drained, drainFresh } from './drain.ts'

export const CONNECTIONS = [10, 20] as const
export type Connections = (typeof CONNECTIONS)[number]

/** The measurements over a number of connections, round by round. */
export interface Pace {
  readonly connections: Connections
  /** nodemailer alone: mails a second, and processor milliseconds a mail. */
  readonly ceiling: readonly number[]
  readonly alone: readonly number[]
  readonly runs: readonly Drained[]
}

interface Terms {
  readonly rounds: number
  readonly mails: number
  /** The size of a mail. */
  readonly bytes: number
  readonly backend: Backend
  readonly say: (text: string) => void
}

/** Interleaved, so that other load on the machine affects all alike. */
export async function race(machines: Machines, terms: Terms): Promise<Pace[]> {
  const { rounds, mails, bytes, backend, say } = terms
  const all = CONNECTIONS.map((connections) => ({
    connections,
    ceiling: [] as number[],
    alone: [] as number[],
    runs: [] as Drained[],
  }))
  for (let round = 1; round <= rounds; round++) {
    for (const { connections, ceiling, alone, runs } of all) {
      const args = [machines.sinkPort, mails, bytes, 'unsigned', connections]
      const [ms = Number.NaN, processorMs = Number.NaN] = await numbersFrom(
        'baselines/ceiling.ts',
        args,
      )
      const most = (1_000 * mails) / ms
      const run = await drainFresh(machines, { mails, connections, backend })
      ceiling.push(most)
      alone.push(processorMs / mails)
      runs.push(run)
      const speeds = `${run.mailsPerSecond.toFixed(0)} mails/s beside ${most.toFixed(0)}`
      say(`round ${round}, ${connections} connections: ${speeds}`)
    }
  }
  return all
}

/** The median of a figure over the runs. */
export const middle = ({ runs }: Pick<Pace, 'runs'>, of: (run: Drained) => number): number =>
  median(runs.map(of))

export const speedOf = (pace: Pace): number => middle(pace, (run) => run.mailsPerSecond)
export const ceilingOf = ({ ceiling }: Pace): number => median(ceiling)
