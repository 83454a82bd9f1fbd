/** Plays one scenario and counts the results. */
import { type Counts, count, type Policy } from './count.ts'
import type { Scale, Scenario } from './scenarios.ts'
import { openServers, type Servers } from './servers.ts'
import { type Backend, openStage } from './stage.ts'

export interface Outcome extends Counts {
  readonly name: string
  readonly backend: Backend
  readonly policy: Policy
  readonly seconds: number
  /** Broken promises, in words. */
  readonly violations: readonly string[]
  /** Other remarks. */
  readonly notes: readonly string[]
}

export interface Part {
  readonly scenario: Scenario
  readonly backend: Backend
  readonly policy: Policy
}

const PACE_MS = 20

/** Throws only if the program cannot be observed, never for what the program does. */
export async function play(
  servers: Servers,
  { scenario, backend, policy }: Part,
  scale: Scale,
  stop: AbortSignal,
): Promise<Outcome> {
  const begun = performance.now()
  const { smtpServers = 1, paceMs = PACE_MS } = scenario
  await using ownServers = scenario.smallDisk ? await openServers({ smallDisk: true }) : null
  const { workers, due, limitMs } = scale
  const terms = { backend, policy, workers, due, limitMs, smtpServers, paceMs }
  await using stage = await openStage(ownServers ?? servers, terms, stop)
  const { fleet } = stage
  await scenario.play(stage, scale).catch((error: Error) => {
    stop.throwIfAborted()
    stage.violations.push(`${error.message} (${error.cause})`)
  })
  const { counts, violations } = count(await stage.evidence())
  return {
    name: scenario.name,
    backend,
    policy,
    ...counts,
    seconds: Math.round((performance.now() - begun) / 1_000),
    notes: stage.notes,
    violations: [...stage.violations, ...fleet.crashes, ...violations],
  }
}

/** Every scenario, with its backends and policies. */
export const partsOf = (scenarios: readonly Scenario[], backends: readonly Backend[]): Part[] =>
  scenarios.flatMap((scenario) =>
    backends
      .filter((backend) => scenario.backends?.includes(backend) ?? true)
      .flatMap((backend) =>
        (scenario.policies ?? ['resend']).map((policy) => ({ scenario, backend, policy })),
      ),
  )
