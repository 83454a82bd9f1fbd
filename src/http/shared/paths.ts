/**
 * Paths as they really arrive. Mail programs include the bracket, quote or period after a link;
 * scanners on the way escape it again. A path is read as it was meant, without a redirect, which a
 * provider's one-click POST would not follow (standards.md A7).
 */
import { getPath } from 'hono/utils/url'
import { TOKEN } from '../../security/links.ts'
import { withoutBase } from './base-path.ts'

/** How many levels of escaping are undone. */
const MAX_UNESCAPES = 3
/** None of our paths contains any of these. */
const UNSEEN = /[\s\u00ad\u200b-\u200f\u2028-\u202e\u2060\ufeff]/g
/** None of our paths ends with one of these. */
const TRAILING_PUNCTUATION = new Set('/.,;:!?\'"“”‘’«»()<>[]{}|\\*')
/** A path with a token, and what may have been added around the token. */
const PERSONAL_PATHS = new RegExp(`^(/[a-z-]+/)[^\\w/]*(${TOKEN})([^/]*)(/[^/]*)?$`)

/** The same for a sign-in link, whose token is longer. */
const SIGN_IN_PATHS = /^(\/sign-in\/)[^\w/-]*([\w-]{43})[^/]*(?:\/[^/]*)?$/

/** Returns the path that a request means, below `base`: for the router, and as `c.req.path`. */
export function normalizedPath(request: Request, base = ''): string {
  let path = withoutBase(getPath(request), base)
  for (let round = 0; round < MAX_UNESCAPES && path.includes('%'); round++) path = unescaped(path)
  path = trimmed(path.replace(UNSEEN, '').replace(/\/{2,}/g, '/'))
  return path.replace(PERSONAL_PATHS, bare).replace(SIGN_IN_PATHS, '$1$2') || '/'
}

/** Unescapes ASCII letters, digits and punctuation: our links consist of nothing else. */
const unescaped = (path: string) =>
  path.replace(/%([2-7][0-9a-f])/gi, (_, code: string) =>
    String.fromCharCode(Number.parseInt(code, 16)),
  )

function trimmed(path: string): string {
  let end = path.length
  while (TRAILING_PUNCTUATION.has(path[end - 1] ?? '')) end--
  return path.slice(0, end)
}

const bare = (_: string, before: string, token: string, behind: string, after = '') =>
  before + token + (behind.startsWith('.json') ? '.json' : '') + after
