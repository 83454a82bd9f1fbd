/**
 * Sessions for all pages that need them: finds the member by the cookie, and checks that a form was
 * sent from our own page. The cookie holds only a session id.
 */
import type { Context } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import { HTTPException } from 'hono/http-exception'
import type { Member } from '../../domain/member.ts'
import { Problem } from '../../domain/problem.ts'
import { SESSION_SECONDS } from '../../domain/sign-in.ts'
import { csrfTokenOf, isCsrfTokenOf } from '../../security/tokens.ts'
import { formOf } from '../shared/form.ts'
import { SESSION_COOKIES } from '../shared/session-cookie.ts'
import type { MemberSite } from '../shared/site.ts'
import { senderOf } from './same-origin.ts'

type SessionSite = Pick<MemberSite, 'member' | 'siteUrl'>

/** The field in each form of a signed-in member whose value is `formTokenFor`. */
export const FORM_TOKEN = 'session'

declare module 'hono' {
  interface ContextVariableMap {
    /** Looked up once per request; unset until then. */
    member: Member | null
  }
}

/**
 * Returns the signed-in member, or null. The response depends on the cookie, and a member's is
 * private: no cache between the server and the browser may store it.
 */
export async function memberIn(c: Context, app: SessionSite): Promise<Member | null> {
  const known = c.get('member')
  if (known !== undefined) return known
  const session = sessionIn(c, app)
  const member = session ? await app.member.memberOf(session) : null
  c.set('member', member)
  c.header('Vary', 'Cookie', { append: true })
  if (member) c.header('Cache-Control', 'private, no-cache')
  return member
}

/**
 * The same for pages that require a member: others are redirected to sign in (303), and then to
 * `to`. A submission has to come from our own form with the token of this session; else throws a
 * Problem `forbidden`.
 */
export async function expectMember(
  c: Context,
  app: SessionSite,
  to: string = c.req.path,
): Promise<Member> {
  const member = await memberIn(c, app)
  if (!member) {
    const res = c.redirect(`/sign-in?to=${encodeURIComponent(to)}`, 303)
    throw new HTTPException(303, { res })
  }
  if (c.req.method !== 'GET' && c.req.method !== 'HEAD') expectOwnForm(c, app)
  return member
}

function expectOwnForm(c: Context, app: SessionSite) {
  const { [FORM_TOKEN]: token } = formOf(c)
  const isOurs = typeof token === 'string' && isCsrfTokenOf(sessionIn(c, app) ?? '', token)
  if (!isOurs || senderOf(c, app) === 'elsewhere')
    throw new Problem('forbidden', 'site.cross-origin')
}

/** Returns what the forms of this session carry in the field FORM_TOKEN; empty if not signed in. */
export function formTokenFor(c: Context, app: SessionSite): string {
  const session = sessionIn(c, app)
  return session ? csrfTokenOf(session) : ''
}

/** Returns the session id in the cookie; null if there is none. */
export const sessionIn = (c: Context, app: Pick<SessionSite, 'siteUrl'>): string | null =>
  getCookie(c, cookieOf(app).name) ?? null

/** Sets the session cookie, which the browser sends to this host only. */
export function setSessionCookie(
  c: Context,
  app: Pick<SessionSite, 'siteUrl'>,
  session: string,
): void {
  const { name, secure } = cookieOf(app)
  setCookie(c, name, session, {
    path: '/',
    httpOnly: true,
    sameSite: 'Lax',
    secure,
    maxAge: SESSION_SECONDS,
  })
}

export function clearSessionCookie(c: Context, app: Pick<SessionSite, 'siteUrl'>): void {
  const { name, secure } = cookieOf(app)
  deleteCookie(c, name, { path: '/', secure })
}

/**
 * Over https only this host can set a cookie of this name (RFC 6265bis, 4.1.3.2). On this machine,
 * without https, browsers would reject the name.
 */
const cookieOf = ({ siteUrl }: Pick<SessionSite, 'siteUrl'>) =>
  siteUrl.startsWith('https:')
    ? { name: SESSION_COOKIES.secure, secure: true }
    : { name: SESSION_COOKIES.plain, secure: false }
