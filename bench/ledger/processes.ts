/** The processor time and memory of processes, as Linux counts them in /proc. */
import { readdir, readFile } from 'node:fs/promises'
import type { Machines } from '../machines.ts'

/** Processor time in milliseconds. */
export interface Processor {
  readonly program: number
  readonly postgres: number
  readonly redis: number
}

/** /proc counts with a clock of 100 Hz on every Linux that Node runs on. */
const TICK_MS = 10

interface Used {
  readonly parent: number
  /** Milliseconds of the process itself, including in the kernel. */
  readonly own: number
  /** Milliseconds of its children that have ended. */
  readonly ended: number
}

/** Reads a line of /proc/<pid>/stat; the name in it may contain anything, even a bracket. */
export function usedOf(stat: string): Used {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  // Field numbers as in proc(5); the array begins with the third.
  const field = (number: number) => Number(fields[number - 3] ?? 0)
  return {
    parent: field(4),
    own: TICK_MS * (field(14) + field(15)),
    ended: TICK_MS * (field(16) + field(17)),
  }
}

const used = async (pid: number): Promise<Used | null> => {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null)
  return stat === null ? null : usedOf(stat)
}

/**
 * The processor time of the program, PostgreSQL and Redis so far, each with its children:
 * PostgreSQL's background processes, and the program's renderers.
 * `except`: a backend that only observes. Other clients' use of PostgreSQL is included.
 */
export async function processor(
  { postgres, redis }: Machines['pids'],
  workers: readonly (number | undefined)[],
  except: number,
): Promise<Processor> {
  const whole = async (pid: number | undefined) => {
    const usage = pid === undefined ? null : await used(pid)
    return usage ? usage.own + usage.ended : 0
  }
  const sum = (numbers: readonly number[]) => numbers.reduce((all, number) => all + number, 0)
  const pids = (await readdir('/proc')).map(Number).filter(Number.isSafeInteger)
  const others = await Promise.all(pids.filter((pid) => pid !== except).map(used))
  const living = (parent: number | undefined) =>
    sum(others.map((usage) => (usage && usage.parent === parent ? usage.own + usage.ended : 0)))
  const family = async (pid: number | undefined) => (await whole(pid)) + living(pid)
  return {
    program: sum(await Promise.all(workers.map(family))),
    postgres: await family(postgres),
    redis: await family(redis),
  }
}

/** The difference between two samples, divided by `by`. */
export const between = (before: Processor, after: Processor, by = 1): Processor => ({
  program: (after.program - before.program) / by,
  postgres: (after.postgres - before.postgres) / by,
  redis: (after.redis - before.redis) / by,
})

export const totalOf = ({ program, postgres, redis }: Processor) => program + postgres + redis

/** The peak memory of a process so far, in megabytes. */
export async function peakMb(pid: number | undefined): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
  return Math.round(Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1024)
}
