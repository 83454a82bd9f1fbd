/**
 * Loaded into a program before it starts (`--import`): on request, reports the delays of its event
 * loop and its use of processor and memory since the last time to the parent process.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks'

export interface Fared {
  /** The longest delay of the loop, in milliseconds, including the effect of other processes. */
  readonly late: number
  /**
   * The most processor time between two samples, in milliseconds: only its own, whatever else was
   * running.
   */
  readonly own: number
  /** Of one core, from 0 to 1. */
  readonly cpu: number
  readonly rssMb: number
}

/** Milliseconds between two samples, which the histogram counts as delay. */
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
// Listening alone must not keep the program alive.
process.channel?.unref()
