/**
 * Paths as they really arrive. Mail programs take the bracket, quote or period behind a link into
 * it; scanners that stand between escape it over again. A path is read as it was meant, without a
 * redirect: a provider's one-click POST follows none (standards.md A7).
 */
import { getPath } from 'hono/utils/url'
import { TOKEN } from '../../security/links.ts'
import { withoutBase } from './base-path.ts'

/** How often a link may have been escaped over again. */
const ROUNDS = 3
/** No path of ours has any of these. */
const UNSEEN = /[\s\u00ad\u200b-\u200f\u2028-\u202e\u2060\ufeff]/g
/** None ends with one of these. */
const BEHIND = new Set('/.,;:!?\'"“”‘’«»()<>[]{}|\\*')
/** A path with a token, and what may have grown round the token. */
const PERSONAL_PATHS = new RegExp(`^(/[a-z-]+/)[^\\w/]*(${TOKEN})([^/]*)(/[^/]*)?$`)

/** The same for a link to sign in, whose token is a long one. */
const SIGN_IN_PATHS = /^(\/sign-in\/)[^\w/-]*([\w-]{43})[^/]*(?:\/[^/]*)?$/

/** The path that a request means, below `base`: for the router, and as `c.req.path`. */
export function meantPath(request: Request, base = ''): string {
  let path = withoutBase(getPath(request), base)
  for (let round = 0; round < ROUNDS && path.includes('%'); round++) path = unescaped(path)
  path = trimmed(path.replace(UNSEEN, '').replace(/\/{2,}/g, '/'))
  return path.replace(PERSONAL_PATHS, bare).replace(SIGN_IN_PATHS, '$1$2') || '/'
}

/** Letters, digits and punctuation of ASCII: what our links are made of. */
const unescaped = (path: string) =>
  path.replace(/%([2-7][0-9a-f])/gi, (_, code: string) =>
    String.fromCharCode(Number.parseInt(code, 16)),
  )

function trimmed(path: string): string {
  let end = path.length
  while (BEHIND.has(path[end - 1] ?? '')) end--
  return path.slice(0, end)
}

const bare = (_: string, before: string, token: string, behind: string, after = '') =>
  before + token + (behind.startsWith('.json') ? '.json' : '') + after
