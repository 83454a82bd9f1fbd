import { firstFreePort } from '../../src/platform/free-port.ts'

/** Each process of tests has ports of its own: two never find the same one free. */
const [FIRST, COUNT, PROCESSES] = [20_000, 1_500, 8]
const from = FIRST + (Number(process.env.VITEST_POOL_ID ?? 0) % PROCESSES) * COUNT

// It begins where another run of tests, beside this one, most probably is not.
let last = Promise.resolve(from + Math.floor(Math.random() * COUNT))

/** A port that was free a moment ago and goes to no other test and to no program by itself. */
export function freePort(): Promise<number> {
  last = last.then((port) => firstFreePort(from, COUNT, port + 1 - from))
  return last
}
