/** Background work, one run at a time. */
export interface BackgroundTask {
  /** Schedules a run soon. If one is under way, another follows, so that nothing new is missed. */
  trigger(): void
  /** Resolves when nothing is left to do. */
  settle(): Promise<void>
}

export function openBackgroundTask(
  work: () => Promise<void>,
  onError: (error: unknown) => void,
): BackgroundTask {
  let again = false
  let running: Promise<void> | undefined
  const run = async () => {
    while (again) {
      again = false
      await work().catch(onError)
    }
    running = undefined
  }
  return {
    trigger: () => {
      again = true
      running ??= new Promise<void>((resolve) => setImmediate(resolve)).then(run)
    },
    settle: async () => {
      while (running) await running
    },
  }
}
