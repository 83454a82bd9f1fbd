/** An app with its pages, asked the way browsers, providers and scanners ask. */
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
  /** `where` is a path, or a link as it stands in a mail. */
  get(where: string, headers?: Headers): Promise<Response>
  head(where: string, headers?: Headers): Promise<Response>
  /** Resolves once what a form asked for is carried out. */
  post(where: string, body?: Fields | Body, headers?: Headers): Promise<Response>
  /** Posts the form of a series as somebody who took their time over it. */
  enroll(fields?: Fields, headers?: Headers, series?: string): Promise<Response>
  /** Asks for a fresh link, as somebody who took their time over it. */
  askForLink(email: string, headers?: Headers): Promise<Response>
  /** Asks for a link to sign in, likewise. */
  askToSignIn(email: string, to?: string): Promise<Response>
  /** Resolves as soon as there is an answer. */
  send(where: string, body?: Fields | Body, headers?: Headers): Promise<Response>
}

/**
 * Opens an app and its pages. Behind one proxy that it trusts, so that a test can come from any
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
    await test.app.sender.takeRequests()
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

/** The answer to what a form led to: a redirect (303), as a browser follows it. */
export async function followed(web: Pick<TestWeb, 'get'>, response: Response): Promise<Response> {
  const location = response.headers.get('location')
  if (response.status !== 303 || !location)
    throw new Error(`${response.status} instead of a redirect`)
  return web.get(location.replace(/#.*/, ''))
}

/**
 * What a form was answered: the page on which it is given back, or the redirect itself where it was
 * taken.
 */
export async function verdictOf(web: Pick<TestWeb, 'get'>, response: Response): Promise<Response> {
  if (response.status !== 303) return response
  const page = await followed(web, response)
  return page.ok ? response : page
}

/** The page that a form led to, as a browser shows it. */
export const landed = async (web: Pick<TestWeb, 'get'>, response: Response) =>
  (response.status === 303 ? await followed(web, response) : response).text()

/** Where a response leads, without what it carries along. */
export const leadsTo = (response: Response) =>
  response.headers.get('location')?.replace(/[?#].*/, '')

/** The enrollment form, filled in well. */
export const FORM = {
  email: 'ada@example.com',
  name: 'Ada',
  time: '07:00',
  zone: 'Europe/Berlin',
  weekdays: ['1', '2', '3', '4', '5', '6', '7'],
  daily: 'yes',
} as const

/**
 * The fields with the stamp of a form that was opened a while ago: a series by its slug, `/link`.
 */
export const stamped = <T extends Fields>(
  { app }: Pick<TestApp, 'app'>,
  fields: T,
  series = 'inner-wisdom',
) => ({
  ...fields,
  stamp: app.visitor.stamps.make(series, app.now().subtract({ seconds: 20 })),
})

/** A header that makes a request come from `address`. */
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

/** Everything that stands in all tables. */
export async function allRows(db: Db): Promise<Record<string, string[]>> {
  const tables = TABLES.map(async (name): Promise<[string, string[]]> => {
    const { rows } = await sql<{
      row: string
    }>`select t::text as row from ${sql.table(name)} t order by 1`.execute(db)
    return [name, rows.map(({ row }) => row)]
  })
  return Object.fromEntries(await Promise.all(tables))
}

/** What a response says, to be compared with another. */
export const answerOf = async (response: Response) => ({
  status: response.status,
  headers: Object.fromEntries(response.headers),
  body: await response.text(),
})
