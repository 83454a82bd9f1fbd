/** As long as a path of ours, with what follows it, may be. */
const LONGEST = 200

/**
 * A path of this site that somebody may be led to, or null. A browser takes more than
 * `//evil.example` for another host: `/\evil`, tabs and line breaks within, dots that leave two
 * slashes behind. So it is read as browsers read it, and what they would make of it is given.
 */
export function ownPath(text: string): string | null {
  if (text.length > LONGEST || !text.startsWith('/')) return null
  const url = URL.parse(text, HERE)
  if (url?.origin !== HERE || url.username !== '') return null
  const path = url.pathname + url.search + url.hash
  return path.startsWith('//') ? null : path
}

/** A host that nobody can have (RFC 6761, 6.4). */
const HERE = 'https://here.invalid'
