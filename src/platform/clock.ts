import type { Clock } from '../domain/time.ts'

/**
 * The sandbox clock: ahead of real time by an offset that every process reads from the database.
 */
export interface SandboxClock {
  readonly now: Clock
  /** Reads the offset again: another process may have moved it. */
  refresh(): Promise<void>
  /** Moves the clock forward to `instant`, never back. */
  moveTo(instant: Temporal.Instant): Promise<void>
}

export const systemClock: Clock = () => Temporal.Now.instant()

export async function openSandboxClock(store: {
  read(): Promise<number>
  write(aheadMs: number): Promise<unknown>
}): Promise<SandboxClock> {
  let ahead = await store.read()
  const refresh = async () => {
    ahead = await store.read()
  }
  return {
    now: () => systemClock().add({ milliseconds: ahead }),
    refresh,
    moveTo: async (instant) => {
      await store.write(Math.ceil(instant.epochMilliseconds - systemClock().epochMilliseconds))
      await refresh()
    },
  }
}
