/**
 * The short form of `npm run chaos`: real servers, two worker processes, and two of its failures.
 */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { play } from '../../bench/chaos/play.ts'
import { SCENARIOS, SHORT } from '../../bench/chaos/scenarios.ts'
import { openServers, type Servers } from '../../bench/chaos/servers.ts'

let servers: Servers
beforeAll(async () => {
  servers = await openServers()
})
afterAll(() => servers[Symbol.asyncDispose]())

const SCALE = { ...SHORT, workers: 2, due: 100, answersKilled: 1 }
const NEVER = new AbortController().signal

it.each([
  ['kill-after-250', 'redis', {}],
  // Every tenth of 100, and every tenth of the ten that are resent.
  ['drop-after-dot', 'postgres', { duplicated: 11, unknown: 10 }],
] as const)(
  '%s, queue on %s: no lesson is lost, and only mails with an unknown outcome are sent twice',
  async (name, backend, counts) => {
    const scenario = SCENARIOS.find((one) => one.name === name)
    if (!scenario) throw new Error(`there is no scenario ${name}`)
    const outcome = await play(servers, { scenario, backend, policy: 'resend' }, SCALE, NEVER)
    const kept = { due: SCALE.due, lost: 0, afterLeaving: 0, violations: [], ...counts }
    expect(outcome).toMatchObject(kept)
  },
  180_000,
)
