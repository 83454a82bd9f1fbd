import { LRUCache } from 'lru-cache'

/** On the morning a picture is mailed, all readers request it simultaneously. */
const MAX_CACHE_BYTES = 32 * 1024 * 1024

/**
 * Caches recently requested media, up to 32 MB in all. Simultaneous requests for the same item
 * share one lookup; misses are not cached.
 */
export function openMediaCache<T extends { readonly bytes: Buffer }>(
  find: (hash: string) => Promise<T | undefined>,
): (hash: string) => Promise<T | undefined> {
  const cache = new LRUCache<string, T>({
    maxSize: MAX_CACHE_BYTES,
    sizeCalculation: ({ bytes }) => Math.max(1, bytes.length),
    fetchMethod: find,
  })
  return (hash) => cache.fetch(hash)
}
