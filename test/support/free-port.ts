import { firstFreePort } from '../../src/platform/free-port.ts'

/** Each test process has its own range of ports, so that no two find the same port free. */
const [FIRST, COUNT, PROCESSES] = [20_000, 1_500, 8]
const from = FIRST + (Number(process.env.VITEST_POOL_ID ?? 0) % PROCESSES) * COUNT

// Starts at random, so that a concurrent test run is probably elsewhere.
let last = Promise.resolve(from + Math.floor(Math.random() * COUNT))

/** A port that was free a moment ago and that neither another test nor the system hands out. */
export function freePort(): Promise<number> {
  last = last.then((port) => firstFreePort(from, COUNT, port + 1 - from))
  return last
}
