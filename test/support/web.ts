/** An app with its pages, requested the way browsers, providers and scanners do. */
import type { Hono } from 'hono'
import { sql } from 'kysely'
import { createServer } from '../../src/http/server.ts'
import type { Db } from '../../src/store/postgres/sql.ts'
import { type TestApp, testApp } from './app.ts'

export type Fields = Readonly<Record<string, string | readonly string[]>>
type Headers = Readonly<Record<string, string>>
export type Body = NonNullable<RequestInit['body']>

export interface TestWeb extends TestApp {
  readonly server: Hono
  /** `where` is a path, or a link from a mail. */
  get(where: string, headers?: Headers): Promise<Response>
  head(where: string, headers?: Headers): Promise<Response>
  /** Resolves once the request of a form has been processed. */
  post(where: string, body?: Fields | Body, headers?: Headers): Promise<Response>
  /** Submits the form of a series as slowly as a person would. */
  enroll(fields?: Fields, headers?: Headers, series?: string): Promise<Response>
  /** Requests a fresh link, as slowly as a person would. */
  askForLink(email: string, headers?: Headers): Promise<Response>
  /** Requests a link to sign in, as slowly as a person would. */
  askToSignIn(email: string, to?: string): Promise<Response>
  /** Resolves as soon as there is a response. */
  send(where: string, body?: Fields | Body, headers?: Headers): Promise<Response>
}

/**
 * Opens an app and its pages, behind one trusted proxy, so that a test can send requests from any
 * network.
 */
export async function testWeb(options: Parameters<typeof testApp>[0] = {}): Promise<TestWeb> {
  const test = await testApp({ ...options, env: { TRUST_PROXY: '1', ...options.env } })
  const server = await createServer(test.app)
  const ask = async (method: string, where: string, headers: Headers = {}, body?: Body) =>
    server.request(pathOf(where), {
      method,
      headers,
      ...(body !== undefined && { body, duplex: 'half' }),
    })
  const send = (where: string, body?: Fields | Body, headers?: Headers) =>
    ask('POST', where, headers, isFields(body) ? encoded(body) : body)
  const post = async (where: string, body?: Fields | Body, headers?: Headers) => {
    const response = await send(where, body, headers)
    await test.app.sender.processRequests()
    return response
  }
  return {
    ...test,
    server,
    send,
    post,
    askForLink: (email, headers = {}) => post('/link', stamped(test, { email }, '/link'), headers),
    askToSignIn: (email, to = '') => post('/sign-in', stamped(test, { email, to }, '/sign-in')),
    get: (where, headers) => ask('GET', where, headers),
    head: (where, headers) => ask('HEAD', where, headers),
    enroll: (fields = FORM, headers = {}, series = 'inner-wisdom') =>
      post(`/courses/${series}`, stamped(test, fields, series), headers),
  }
}

export const pathOf = (where: string) => (where.startsWith('/') ? where : new URL(where).pathname)

const isFields = (body: Fields | Body | undefined): body is Fields =>
  typeof body === 'object' && Object.getPrototypeOf(body) === Object.prototype

/** As a browser sends a form. */
export function encoded(fields: Fields): URLSearchParams {
  const pairs = Object.entries(fields).flatMap(([name, value]) =>
    [value].flat().map((one) => [name, one]),
  )
  return new URLSearchParams(pairs)
}

/** The response after the redirect (303) of a form, which a browser would follow. */
export async function followed(web: Pick<TestWeb, 'get'>, response: Response): Promise<Response> {
  const location = response.headers.get('location')
  if (response.status !== 303 || !location)
    throw new Error(`${response.status} instead of a redirect`)
  return web.get(location.replace(/#.*/, ''))
}

/**
 * The outcome of a form: the page that shows it again, or the redirect itself if it was accepted.
 */
export async function verdictOf(web: Pick<TestWeb, 'get'>, response: Response): Promise<Response> {
  if (response.status !== 303) return response
  const page = await followed(web, response)
  return page.ok ? response : page
}

/** The page that a browser shows after a form. */
export const landed = async (web: Pick<TestWeb, 'get'>, response: Response) =>
  (response.status === 303 ? await followed(web, response) : response).text()

/** The target of a redirect, without query and fragment. */
export const leadsTo = (response: Response) =>
  response.headers.get('location')?.replace(/[?#].*/, '')

/** A valid enrollment form. */
export const FORM = {
  email: 'ada@example.com',
  name: 'Ada',
  time: '07:00',
  zone: 'Europe/Berlin',
  weekdays: ['1', '2', '3', '4', '5', '6', '7'],
  daily: 'yes',
} as const

/**
 * The fields with the stamp of a form that was opened a while ago; `series` is the slug of a
 * series, or a path like `/link`.
 */
export const stamped = <T extends Fields>(
  { app }: Pick<TestApp, 'app'>,
  fields: T,
  series = 'inner-wisdom',
) => ({
  ...fields,
  stamp: app.visitor.stamps.make(series, app.now().subtract({ seconds: 20 })),
})

/** A header with which a request comes from `address`. */
export const from = (address: string) => ({ 'X-Forwarded-For': address })

const TABLES = [
  'subscribers',
  'enrollments',
  'consents',
  'deliveries',
  'suppressions',
  'outbox',
  'rate_limits',
  'requests',
  'link_requests',
  'form_mails',
  'members',
  'sign_in_requests',
  'sign_ins',
  'sessions',
  'comments',
  'comment_decisions',
  'comment_drafts',
  'comment_answers',
  'comment_mails',
  'editions',
  'letters',
  'practices',
  'address_changes',
  'sandbox_clock',
  'signing_keys',
] as const

/** All rows of the tables above. */
export async function allRows(db: Db): Promise<Record<string, string[]>> {
  const tables = TABLES.map(async (name): Promise<[string, string[]]> => {
    const { rows } = await sql<{
      row: string
    }>`select t::text as row from ${sql.table(name)} t order by 1`.execute(db)
    return [name, rows.map(({ row }) => row)]
  })
  return Object.fromEntries(await Promise.all(tables))
}

/** The contents of a response, to compare with another. */
export const answerOf = async (response: Response) => ({
  status: response.status,
  headers: Object.fromEntries(response.headers),
  body: await response.text(),
})
