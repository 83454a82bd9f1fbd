/**
 * Who is signed in, for all pages that ask: the member by the cookie, and that a form was sent from
 * a page of ours. The cookie holds a session's id and nothing else.
 */
import type { Context } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import { HTTPException } from 'hono/http-exception'
import type { Member } from '../../domain/member.ts'
import { Problem } from '../../domain/problem.ts'
import { LASTS_SECONDS } from '../../domain/sign-in.ts'
import { formTokenOf, isFormTokenOf } from '../../security/tokens.ts'
import { formOf } from '../shared/form.ts'
import { SESSION_COOKIES } from '../shared/session-cookie.ts'
import type { MemberSite } from '../shared/site.ts'
import { senderOf } from './same-origin.ts'

type Asked = Pick<MemberSite, 'member' | 'siteUrl'>

/** The field of each form that whoever is signed in sends: its value is `formTokenFor`. */
export const FORM_TOKEN = 'session'

declare module 'hono' {
  interface ContextVariableMap {
    /** Found out once for a request; unset until somebody asks. */
    member: Member | null
  }
}

/**
 * Who asks; null when nobody is signed in. The answer is another for whoever has another cookie,
 * and a member's is nobody else's: whatever lies between us and the browser may not keep it.
 */
export async function memberIn(c: Context, app: Asked): Promise<Member | null> {
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
 * The same where nobody else may go on: they are led to sign in first (303), and then to `to`. What
 * is sent has to come from a form of ours with the token of this session; else throws a Problem
 * `forbidden`.
 */
export async function expectMember(
  c: Context,
  app: Asked,
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

function expectOwnForm(c: Context, app: Asked) {
  const { [FORM_TOKEN]: token } = formOf(c)
  const isOurs = typeof token === 'string' && isFormTokenOf(sessionIn(c, app) ?? '', token)
  if (!isOurs || senderOf(c, app) === 'elsewhere')
    throw new Problem('forbidden', 'site.cross-origin')
}

/** What the forms of this session carry in the field FORM_TOKEN; empty for nobody. */
export function formTokenFor(c: Context, app: Asked): string {
  const session = sessionIn(c, app)
  return session ? formTokenOf(session) : ''
}

/** What the cookie holds; null when there is none. */
export const sessionIn = (c: Context, app: Pick<Asked, 'siteUrl'>): string | null =>
  getCookie(c, cookieOf(app).name) ?? null

/** Has the browser keep a session, and send it with what is asked of this host alone. */
export function keepSession(c: Context, app: Pick<Asked, 'siteUrl'>, session: string): void {
  const { name, secure } = cookieOf(app)
  setCookie(c, name, session, {
    path: '/',
    httpOnly: true,
    sameSite: 'Lax',
    secure,
    maxAge: LASTS_SECONDS,
  })
}

export function forgetSession(c: Context, app: Pick<Asked, 'siteUrl'>): void {
  const { name, secure } = cookieOf(app)
  deleteCookie(c, name, { path: '/', secure })
}

/**
 * Over https nobody but this host can set it (RFC 6265bis, 4.1.3.2). On this machine, without
 * https, no browser would keep it under that name.
 */
const cookieOf = ({ siteUrl }: Pick<Asked, 'siteUrl'>) =>
  siteUrl.startsWith('https:')
    ? { name: SESSION_COOKIES.secure, secure: true }
    : { name: SESSION_COOKIES.plain, secure: false }
