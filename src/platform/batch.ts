import { setTimeout as pause } from 'node:timers/promises'

/** Collects items and writes them together. */
export interface Batch<T> {
  /** Accepts an item; it is written within `everyMs`, or sooner once there are enough. */
  add(item: T): void
  /** Waits while anything has been unwritten for longer than `slackMs`. */
  caughtUp(): Promise<void>
  /** Resolves when everything added so far has been written. */
  flush(): Promise<void>
}

interface Options<T> {
  readonly write: (items: readonly T[]) => Promise<void>
  readonly everyMs: number
  readonly atMost: number
  readonly slackMs: number
  readonly onError: (error: unknown) => void
  /** Whether the written items caused the error, so that retrying is pointless. */
  readonly isPoison: (error: unknown) => boolean
}

const MIN_RETRY_DELAY_MS = 50
const MAX_RETRY_DELAY_MS = 2_000

/**
 * Opens a batch. Writes run one at a time, in the order of adding. A failed write is retried until
 * it succeeds; if an item is to blame, the items are written one by one and that item is dropped.
 */
export function openBatch<T>({
  write,
  everyMs,
  atMost,
  slackMs,
  onError,
  isPoison,
}: Options<T>): Batch<T> {
  let waiting: T[] = []
  /** Batches being collected or written, oldest first. */
  const unwritten: { readonly since: number; readonly done: PromiseWithResolvers<void> }[] = []
  let timer: NodeJS.Timeout | undefined
  let writing: Promise<void> = Promise.resolve()

  const writeWithRetries = async (items: readonly T[]): Promise<void> => {
    for (let wait = MIN_RETRY_DELAY_MS; ; wait = Math.min(2 * wait, MAX_RETRY_DELAY_MS)) {
      try {
        return await write(items)
      } catch (error) {
        onError(error)
        if (!isPoison(error)) await pause(wait)
        else if (items.length === 1) return
        else {
          for (const item of items) await writeWithRetries([item])
          return
        }
      }
    }
  }
  const flush = () => {
    clearTimeout(timer)
    timer = undefined
    const items = waiting
    waiting = []
    if (items.length > 0)
      writing = writing
        .then(() => writeWithRetries(items))
        .then(() => unwritten.shift()?.done.resolve())
    return writing
  }
  return {
    add: (item) => {
      if (waiting.length === 0)
        unwritten.push({ since: performance.now(), done: Promise.withResolvers() })
      waiting.push(item)
      if (waiting.length >= atMost) void flush()
      else timer ??= setTimeout(flush, everyMs)
    },
    caughtUp: async () => {
      for (
        let [oldest] = unwritten;
        oldest && performance.now() - oldest.since > slackMs;
        [oldest] = unwritten
      )
        await oldest.done.promise
    },
    flush,
  }
}
