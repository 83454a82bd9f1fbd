import { LRUCache } from 'lru-cache'

/** On the morning of a picture all its readers want it at once. */
const MOST_BYTES = 32 * 1024 * 1024

/**
 * Keeps what was asked for of late, up to 32 MB in all. Who asks for the same at the same time
 * waits for one answer; what is not there is asked for anew each time.
 */
export function openMediaCache<T extends { readonly bytes: Buffer }>(
  find: (hash: string) => Promise<T | undefined>,
): (hash: string) => Promise<T | undefined> {
  const cache = new LRUCache<string, T>({
    maxSize: MOST_BYTES,
    sizeCalculation: ({ bytes }) => Math.max(1, bytes.length),
    fetchMethod: find,
  })
  return (hash) => cache.fetch(hash)
}
