/** What the program sends to an OpenTelemetry collector, read as it arrives over HTTP. */
import { readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { openTracing } from '../../src/app/tracing.ts'
import { readConfig } from '../../src/platform/config.ts'
import { openLog } from '../../src/platform/log.ts'
import { UNTRACED } from '../../src/platform/tracing.ts'
import { createScratch } from '../../src/store/postgres/scratch.ts'
import { freePort } from '../support/free-port.ts'
import { type Mailbox, openMailbox } from '../support/mailbox.ts'
import { hiddenOf } from '../support/page.ts'
import { type Ended, started } from '../support/program.ts'
import { until } from '../support/wait.ts'
import { encoded, FORM } from '../support/web.ts'

interface Value {
  readonly stringValue?: string
  readonly intValue?: number
}
interface Told {
  readonly name: string
  readonly kind: number
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly startTimeUnixNano: string
  readonly endTimeUnixNano: string
  readonly attributes: readonly { readonly key: string; readonly value: Value }[]
  readonly status: { readonly code?: number }
}

/** Accepts OTLP/HTTP with JSON; a `silent` one accepts requests but never answers. */
async function openCollector({ silent = false } = {}) {
  const bodies: string[] = []
  const paths = new Set<string>()
  const server = createServer(async (request, response) => {
    bodies.push(Buffer.concat(await Array.fromAsync(request as AsyncIterable<Buffer>)).toString())
    paths.add(`${request.method} ${request.url} ${request.headers['content-type']}`)
    if (!silent) response.setHeader('Content-Type', 'application/json').end('{}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const resources = () => bodies.flatMap((body) => JSON.parse(body).resourceSpans)
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    bodies,
    paths,
    resources,
    spans: (): Told[] =>
      resources().flatMap(({ scopeSpans }) =>
        scopeSpans.flatMap((one: { spans: Told[] }) => one.spans),
      ),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
    },
  }
}
type Collector = Awaited<ReturnType<typeof openCollector>>

const VISITOR = '198.51.100.77'

/** Starts the program, lets `use` use it, and ends it. */
async function run(
  collector: Collector,
  use: (site: string, databaseUrl: string) => Promise<void>,
  env = {},
) {
  const scratch = await createScratch(inject('databaseUrl'), { template: inject('templates').live })
  const port = String(await freePort())
  const site = `http://127.0.0.1:${port}`
  await using program = await started(['start'], {
    DATABASE_URL: scratch.url,
    PORT: port,
    PUBLIC_URL: site,
    HOST: '127.0.0.1',
    TRUST_PROXY: '1',
    SECRET_KEY: 'a key for tests and for nothing else',
    ...env,
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_SERVICE_NAME: 'mornings',
  })
  await use(site, scratch.url)
  program.kill('SIGTERM')
  const ended = await program.ended
  await scratch.drop()
  return ended
}

/** Ada enrolls, confirms, requests a missing page, and gets a lesson. */
const morningOfAda = (mailbox: Mailbox) => async (site: string, databaseUrl: string) => {
  const ask = (path: string, init: RequestInit = {}) =>
    fetch(site + path, { redirect: 'manual', headers: { 'X-Forwarded-For': VISITOR }, ...init })
  const hidden = hiddenOf(await (await ask('/courses/inner-wisdom')).text())
  const enroll = () =>
    ask('/courses/inner-wisdom', { method: 'POST', body: encoded({ ...FORM, ...hidden }) })
  // A form submitted at once is given back, since nobody reads that fast.
  await until(
    'the form to be taken',
    async () => (await enroll()).headers.get('location')?.startsWith('/enrolled') ?? false,
  )
  await until('the mail to confirm', () => mailbox.received.length > 0)
  const [, link = ''] = /(\/confirm\/\S+)/.exec(mailbox.received[0]?.mail.text ?? '') ?? []
  expect((await ask(link, { method: 'POST' })).status).toBe(303)
  await ask('/no-such-page/with-a-secret')
  await until('the welcome', () => mailbox.received.length > 1)
  const client = new pg.Client(databaseUrl)
  await client.connect()
  await client.query(`update enrollments set due_at = now() where series = 'inner-wisdom'`)
  const planned = async () =>
    (await client.query(`select from enrollments where due_at <= now()`)).rowCount === 0
  await until('the planner to have been there', planned)
  await client.end()
}

const attributesOf = ({ attributes }: Told) =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, value.stringValue ?? value.intValue]))

describe('traces', () => {
  let collector: Collector
  let mailbox: Mailbox
  let ended: Ended
  beforeAll(async () => {
    collector = await openCollector()
    mailbox = await openMailbox()
    ended = await run(collector, morningOfAda(mailbox), { SMTP_URL: mailbox.url })
  })
  afterAll(async () => {
    await mailbox?.[Symbol.asyncDispose]()
    await collector?.[Symbol.asyncDispose]()
  })

  const named = (name: string) => collector.spans().filter((one) => one.name === name)
  const parentOf = (one: Told | undefined) =>
    collector.spans().find(({ spanId }) => spanId === one?.parentSpanId)?.name

  it('are sent as OTLP over HTTP under the program’s name, all before it ends', () => {
    expect(ended.code).toBe(0)
    expect([...collector.paths]).toEqual(['POST /v1/traces application/json'])
    const names = collector
      .resources()
      .map(({ resource }) => attributesOf(resource)['service.name'])
    expect(new Set(names)).toEqual(new Set(['mornings']))
    // Every mail has its span, even the last.
    expect(named('smtp')).toHaveLength(mailbox.received.length)
  })

  it('name requests by their route pattern', () => {
    const served = collector.spans().filter(({ kind }) => kind === 2)
    const names = new Set(served.map(({ name }) => name))
    expect(names).toEqual(
      new Set(['GET /courses/:slug', 'POST /courses/:slug', 'POST /confirm/:token', 'HTTP']),
    )
    expect(attributesOf(named('POST /confirm/:token')[0] as Told)).toEqual({
      'http.request.method': 'POST',
      'http.route': '/confirm/:token',
      'http.response.status_code': 303,
    })
  })

  it('are nested: job, batch, claim with its statement, mail', () => {
    for (const [name, parent] of [
      ['deliver', 'job deliver'],
      ['compose', 'deliver'],
      ['smtp', 'deliver'],
    ] as const) {
      expect(new Set(named(name).map(parentOf)), name).toEqual(new Set([parent]))
    }
    expect(named('claim').map(parentOf).toSorted()).toEqual(
      expect.arrayContaining(['claim', 'deliver']),
    )
    expect(attributesOf(named('smtp')[0] as Told)).toEqual({
      'dawnpost.server': new URL(mailbox.url).host,
    })
    for (const { startTimeUnixNano: start, endTimeUnixNano: end } of collector.spans())
      expect(BigInt(end) >= BigInt(start)).toBe(true)
  })

  it('contain no personal data and no links', () => {
    const all = collector.bodies.join('\n')
    const links = mailbox.received.flatMap(({ mail }) => mail.text?.match(/[\w-]{20,}/g) ?? [])
    expect(links.length).toBeGreaterThan(3)
    for (const secret of ['@', 'Ada', VISITOR, '198.51.100', 'Berlin', 'secret', ...links])
      expect(all, secret).not.toContain(secret)
  })

  it('leave out planning that finds nobody', () => {
    expect(named('plan').length).toBeGreaterThan(0)
    for (const one of named('plan'))
      expect(Number(attributesOf(one)['dawnpost.due'])).toBeGreaterThan(0)
    expect(named('claim-due').map(parentOf)).toEqual(named('plan').map(() => 'plan'))
  })
})

describe('a collector', () => {
  it('does not keep the program from ending normally when it never answers', async () => {
    await using silent = await openCollector({ silent: true })
    const { code } = await run(silent, async (site) => {
      expect((await fetch(site)).status).toBe(200)
    })
    expect(silent.bodies.length).toBeGreaterThan(0)
    // A program that does not finish in time exits with 143.
    expect(code).toBe(0)
  })

  it('is enabled by a setting, and only one file imports OpenTelemetry, lazily', async () => {
    expect(readConfig({}).traces).toBeNull()
    const set = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318' }
    expect(readConfig(set).traces).toBe('http://127.0.0.1:4318')
    expect(readConfig({ ...set, OTEL_SDK_DISABLED: 'true' }).traces).toBeNull()
    expect(() => readConfig({ OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318' })).toThrow(
      /OTEL_EXPORTER_OTLP_ENDPOINT/,
    )
    expect(await openTracing(null, openLog('silent'))).toBe(UNTRACED)
    const src = new URL('../../src/', import.meta.url)
    const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.endsWith('.ts'),
    )
    const importing = (what: RegExp) =>
      files.filter((name) => what.test(readFileSync(new URL(name, src), 'utf8')))
    expect(importing(/ from '@opentelemetry\//)).toEqual(['platform/opentelemetry.ts'])
    expect(importing(/ from '.*opentelemetry\.ts'/)).toEqual([])
  })
})
