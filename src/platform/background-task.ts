/** Work that is done in the background, one run at a time. */
export interface BackgroundTask {
  /** Has it done soon, once more if it is under way: what came up meanwhile is not overlooked. */
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
