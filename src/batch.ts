import { setTimeout as pause } from 'node:timers/promises'

/** Gathers items and writes them together. */
export interface Batch<T> {
  /** Takes an item, to be written within `everyMs`, or sooner when there are enough. Resolves when it is. */
  add(item: T): Promise<void>
  /** Resolves when everything taken so far has been written. */
  flush(): Promise<void>
}

interface Options<T> {
  readonly write: (items: readonly T[]) => Promise<void>
  readonly everyMs: number
  readonly atMost: number
  readonly onError: (error: unknown) => void
  /** Whether an error is due to what is written, so that trying again is of no use. */
  readonly isPoison: (error: unknown) => boolean
}

const FIRST_PAUSE = 50
const LONGEST_PAUSE = 2_000

/**
 * One write runs at a time, in the order of adding. A write that fails is tried until it succeeds; if an item
 * is to blame, the items are written one by one and that one is dropped.
 */
export function openBatch<T>({ write, everyMs, atMost, onError, isPoison }: Options<T>): Batch<T> {
  let waiting: T[] = []
  let written = Promise.withResolvers<void>()
  let timer: NodeJS.Timeout | undefined
  let writing: Promise<void> = Promise.resolve()

  const insist = async (items: readonly T[]): Promise<void> => {
    for (let wait = FIRST_PAUSE; ; wait = Math.min(2 * wait, LONGEST_PAUSE)) {
      try {
        return await write(items)
      } catch (error) {
        onError(error)
        if (!isPoison(error)) await pause(wait)
        else if (items.length === 1) return
        else {
          for (const item of items) await insist([item])
          return
        }
      }
    }
  }
  const flush = () => {
    clearTimeout(timer)
    timer = undefined
    if (waiting.length === 0) return writing
    const [items, { promise, resolve }] = [waiting, written]
    waiting = []
    written = Promise.withResolvers()
    writing = writing.then(() => insist(items)).then(resolve)
    return promise
  }
  return {
    add: (item) => {
      const { promise } = written
      waiting.push(item)
      if (waiting.length >= atMost) void flush()
      else timer ??= setTimeout(flush, everyMs)
      return promise
    },
    flush,
  }
}
