/**
 * Loaded into a program before it starts (`--import`): tells the process that started it, whenever
 * that asks, how its event loop and its memory have fared since the last time.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks'

export interface Fared {
  /**
   * Milliseconds by which the loop came late, at the worst. What else runs on the machine is in it.
   */
  readonly late: number
  /**
   * Milliseconds of processor that it took between two looks, at the worst: what it did itself,
   * whoever else ran.
   */
  readonly own: number
  /** Of one core, from 0 to 1. */
  readonly cpu: number
  readonly rssMb: number
}

/** Milliseconds between two looks, which the histogram counts as delay. */
const RESOLUTION = 5

const delay = monitorEventLoopDelay({ resolution: RESOLUTION })
delay.enable()
const usedBy = ({ user, system }: NodeJS.CpuUsage) => (user + system) / 1_000
let seen = usedBy(process.threadCpuUsage())
let ownCpu = 0
setInterval(() => {
  const now = usedBy(process.threadCpuUsage())
  ownCpu = Math.max(ownCpu, now - seen)
  seen = now
}, RESOLUTION).unref()
let since = { at: performance.now(), used: usedBy(process.cpuUsage()) }

process.on('message', () => {
  const [at, used] = [performance.now(), usedBy(process.cpuUsage())]
  const fared: Fared = {
    late: Math.max(0, delay.max / 1e6 - RESOLUTION),
    own: ownCpu,
    cpu: (used - since.used) / (at - since.at),
    rssMb: process.memoryUsage.rss() / 2 ** 20,
  }
  process.send?.(fared)
  delay.reset()
  ownCpu = 0
  since = { at, used }
})
// Whoever listens alone does not keep the program alive.
process.channel?.unref()
