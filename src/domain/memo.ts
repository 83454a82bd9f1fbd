/** Entries kept; one more, and all are dropped. */
const MAX_ENTRIES = 1_000

/**
 * Caches results by key, for what thousands of mails of a morning request again. `make` is called
 * for keys not cached, and must always give the same result for a key.
 */
export function openMemo<Answer>(): (key: string, make: () => Answer) => Answer {
  const kept = new Map<string, Answer>()
  return (key, make) => {
    const known = kept.get(key)
    if (known !== undefined) return known
    if (kept.size >= MAX_ENTRIES) kept.clear()
    const made = make()
    kept.set(key, made)
    return made
  }
}
