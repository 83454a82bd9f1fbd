/**
 * Runs work with the same key sequentially, in order of arrival. Work with other keys does not wait
 * for it.
 */
export type KeyedMutex = <T>(key: string, work: () => Promise<T>) => Promise<T>

export function openKeyedMutex(): KeyedMutex {
  const last = new Map<string, Promise<unknown>>()
  return async (key, work) => {
    const result = (last.get(key) ?? Promise.resolve()).then(work, work)
    last.set(key, result)
    try {
      return await result
    } finally {
      if (last.get(key) === result) last.delete(key)
    }
  }
}
