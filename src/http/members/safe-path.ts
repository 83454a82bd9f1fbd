/** Maximum length of such a path, including query and fragment. */
const MAX_PATH_LENGTH = 200

/**
 * Returns a safe path on this site to redirect to, or null. Browsers read more than
 * `//evil.example` as another host: `/\evil`, tabs and line breaks within, dots that leave two
 * slashes. So it is parsed as browsers do, and the result is returned.
 */
export function safePath(text: string): string | null {
  if (text.length > MAX_PATH_LENGTH || !text.startsWith('/')) return null
  const url = URL.parse(text, HERE)
  if (url?.origin !== HERE || url.username !== '') return null
  const path = url.pathname + url.search + url.hash
  return path.startsWith('//') ? null : path
}

/** A host that nobody can have (RFC 6761, 6.4). */
const HERE = 'https://here.invalid'
