/** So many answers are kept; one more, and all are forgotten. */
const MOST_KEPT = 1_000

/**
 * Keeps what has been made for a key, for what thousands of mails of a morning ask again. `make` is
 * called for a key that is not kept; the same key stands for the same answer.
 */
export function openMemo<Answer>(): (key: string, make: () => Answer) => Answer {
  const kept = new Map<string, Answer>()
  return (key, make) => {
    const known = kept.get(key)
    if (known !== undefined) return known
    if (kept.size >= MOST_KEPT) kept.clear()
    const made = make()
    kept.set(key, made)
    return made
  }
}
