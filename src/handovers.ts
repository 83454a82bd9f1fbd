/** Notes what is about to be handed over, before it is: many notes in one write. */
export interface Handovers<T> {
  /** Resolves once it is noted. Rejects when it may not be handed over any more, or could not be noted. */
  begin(item: T): Promise<void>
}

interface Options<T> {
  /** Notes them, and says which of them may go on. */
  readonly write: (items: readonly T[]) => Promise<(item: T) => boolean>
  readonly refusal: () => Error
}

/** One write runs at a time: what comes meanwhile is noted by the next one, without waiting for more. */
export function openHandovers<T>({ write, refusal }: Options<T>): Handovers<T> {
  let waiting: { readonly item: T; readonly noted: PromiseWithResolvers<void> }[] = []
  let isWriting = false

  const writeAll = async () => {
    isWriting = true
    while (waiting.length > 0) {
      const these = waiting
      waiting = []
      try {
        const mayGoOn = await write(these.map(({ item }) => item))
        for (const { item, noted } of these) {
          if (mayGoOn(item)) noted.resolve()
          else noted.reject(refusal())
        }
      } catch (error) {
        for (const { noted } of these) noted.reject(error)
      }
    }
    isWriting = false
  }
  return {
    begin: (item) => {
      const noted = Promise.withResolvers<void>()
      waiting.push({ item, noted })
      // What begins in the same turn goes along.
      if (!isWriting) queueMicrotask(() => isWriting || void writeAll())
      return noted.promise
    },
  }
}
