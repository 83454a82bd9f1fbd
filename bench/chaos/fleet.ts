/** The worker processes of a run: started, killed and restarted. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ROOT } from '../lesson.ts'

export interface Fleet extends AsyncDisposable {
  readonly size: number
  /** Unexpected exits of workers, in words. */
  readonly crashes: readonly string[]
  pid(worker: number): number | undefined
  isUp(worker: number): boolean
  /** kill -9. Resolves when the process is gone. */
  kill(worker: number): Promise<void>
  /** Restarts a killed worker; resolves when it is up. */
  start(worker: number): Promise<void>
}

interface Seat {
  process: ChildProcess
  up: boolean
  /** Its end was requested. */
  doomed: boolean
}

/**
 * Starts `size` workers, each with its settings, and waits until they are up. They end when `stop`
 * is aborted.
 */
export async function openFleet(
  size: number,
  settingsOf: (worker: number) => Readonly<Record<string, string>>,
  stop: AbortSignal,
): Promise<Fleet> {
  const seats: Seat[] = []
  const crashes: string[] = []
  const start = async (worker: number) => {
    // Keep the compile cache, as the program does: a hundred kills must not mean a hundred compiles.
    const { PATH = '', NODE_COMPILE_CACHE = join(tmpdir(), 'node-compile-cache') } = process.env
    const child = spawn(process.execPath, [join(ROOT, 'bench/chaos/worker.ts')], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { PATH, NODE_COMPILE_CACHE, ...settingsOf(worker) },
    })
    const seat: Seat = { process: child, up: false, doomed: false }
    seats[worker] = seat
    child.stdin?.on('error', () => {}) // it may be killed
    child.once('exit', (code, signal) => {
      seat.up = false
      if (!seat.doomed)
        crashes.push(`worker ${worker} ended by itself: ${signal ?? `exit code ${code}`}`)
    })
    const outcome = await Promise.race([
      once(child.stdout as NonNullable<typeof child.stdout>, 'data').then(() => 'up'),
      once(child, 'exit').then(() => 'ended'),
    ])
    seat.up = outcome === 'up'
  }
  const end = async (seat: Seat) => {
    seat.doomed = true
    if (seat.process.exitCode !== null || seat.process.signalCode !== null) return
    const gone = once(seat.process, 'exit')
    seat.process.kill('SIGKILL')
    await gone
  }
  const fleet: Fleet = {
    size,
    crashes,
    start,
    pid: (worker) => seats[worker]?.process.pid,
    isUp: (worker) => seats[worker]?.up ?? false,
    kill: async (worker) => {
      const seat = seats[worker]
      if (seat) await end(seat)
    },
    [Symbol.asyncDispose]: async () => {
      stop.removeEventListener('abort', endAll)
      await endAll()
    },
  }
  const endAll = () => Promise.all(seats.map(end))
  stop.addEventListener('abort', endAll, { once: true })
  try {
    await Promise.all(Array.from({ length: size }, (_, worker) => start(worker)))
    stop.throwIfAborted()
    if (crashes.length > 0) throw new Error(crashes.join('; '))
    return fleet
  } catch (error) {
    await fleet[Symbol.asyncDispose]()
    throw error
  }
}
