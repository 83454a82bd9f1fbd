/** /metrics: what Prometheus reads about all processes, whichever one it asks. */
import { readFile } from 'node:fs/promises'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { enrolled, type TestApp, testApp } from '../support/app.ts'
import { type Mailbox, openMailbox } from '../support/mailbox.ts'
import { type TestWeb, testWeb } from '../support/web.ts'

const READYZ_TOKEN = 'a-token-of-a-test'
const asOperator = { Authorization: `Bearer ${READYZ_TOKEN}` }

let mailbox: Mailbox
let web: TestWeb
let worker: TestApp
let page: string
beforeAll(async () => {
  mailbox = await openMailbox({
    onRcptTo: ({ address }, _, done) =>
      done(
        address.startsWith('nobody')
          ? Object.assign(new Error('5.1.1 unknown'), { responseCode: 550 })
          : null,
      ),
  })
  web = await testWeb({ env: { READYZ_TOKEN } })
  worker = await testApp({
    env: {
      DATABASE_URL: web.app.databaseUrl,
      SMTP_URL: `${mailbox.url}?connections=7`,
      MAIL_FROM: 'a@example.com',
    },
  })
  web.app.sender.heartbeat.expect('any')
  expect((await web.enroll({ email: 'x', name: '' })).status).toBe(303)
  await web.enroll()
  await enrolled(worker, { email: 'bob@example.com' })
  await enrolled(worker, { email: 'nobody@example.com' })
  await worker.settle()
  await worker.app.sender.heartbeat.beat()
  page = await (await web.get('/metrics', asOperator)).text()
})
afterAll(async () => {
  await worker?.[Symbol.asyncDispose]()
  await web?.[Symbol.asyncDispose]()
  await mailbox?.[Symbol.asyncDispose]()
})

/** The values of one metric, after their labels as written. */
const valuesOf = (name: string, text = page) =>
  [...text.matchAll(new RegExp(`^${name}(?:\\{(.*)\\})? (\\S+)$`, 'gm'))].map(
    ([, labels = '', value]) => `${labels.replace(/,?process="[^"]*"/, '')} ${value}`,
  )
const totalOf = (name: string) =>
  valuesOf(name).reduce((sum, one) => sum + Number(one.split(' ').at(-1)), 0)

describe('/metrics', () => {
  it('is for the operator alone', async () => {
    const stranger = await web.get('/metrics')
    expect([stranger.status, await stranger.text()]).toEqual([
      401,
      expect.stringContaining('READYZ_TOKEN'),
    ])
    const operator = await web.get('/metrics', asOperator)
    expect(operator.headers.get('content-type')).toContain('text/plain')
    expect(page).not.toContain('@')
  })

  it('counts mails sent and failed, by server and class, with the time they took', () => {
    const server = new URL(mailbox.url).host
    expect(valuesOf('dawnpost_mails_sent_total')).toEqual([
      `server="${server}" ${mailbox.received.length}`,
    ])
    expect(valuesOf('dawnpost_mails_failed_total')).toEqual([
      expect.stringMatching(/class="bounced".* [12]$/),
    ])
    expect(totalOf('dawnpost_smtp_seconds_count')).toBe(
      mailbox.received.length + totalOf('dawnpost_mails_failed_total'),
    )
    expect(valuesOf('dawnpost_smtp_connections_max')).toEqual([`server="${server}" 7`])
    expect(valuesOf('dawnpost_smtp_server_up')).toEqual([`server="${server}" 1`])
    expect(totalOf('dawnpost_smtp_connections_open')).toBeLessThanOrEqual(7)
  })

  it('counts enrollments and confirmations, in whichever process', () => {
    expect([
      totalOf('dawnpost_enrollments_total'),
      totalOf('dawnpost_confirmations_total'),
    ]).toEqual([1, 2])
  })

  it('shows how far behind the mail is, what waits where, and which workers are alive', async () => {
    expect(valuesOf('dawnpost_workers_alive')).toEqual([' 1'])
    expect(valuesOf('dawnpost_ready')).toEqual([' 1'])
    expect(valuesOf('dawnpost_queue_depth')).toHaveLength(1)
    expect(valuesOf('dawnpost_mails')).toEqual(
      ['due', 'planned', 'deferred', 'sending'].map((state) =>
        expect.stringContaining(`state="${state}"`),
      ),
    )
    web.clock.set('2027-03-19T14:00:00Z')
    await sql`insert into paces (name, per_minute, slowed_at)
      values ('a:25', 60, '2027-03-19T14:00:00Z')`.execute(web.db)
    await sql`update ledger set status = 'retry', try_at = due_at
      where kind = 'welcome'`.execute(web.db)
    const late = await (await web.get('/metrics', asOperator)).text()
    expect(valuesOf('dawnpost_pace_per_minute', late)).toEqual(['name="a:25" 60'])
    expect(valuesOf('dawnpost_seconds_behind', late)).toContain('of="deferred" 7200')
  })

  it('shows how long the most frequent statements take', () => {
    for (const name of ['claim', 'finish', 'add-deliveries'])
      expect(page).toMatch(new RegExp(`dawnpost_database_seconds_count\\{.*statement="${name}"`))
  })
})

describe('the dashboard and the alerts', () => {
  it('query only metrics that exist', async () => {
    const names = new Set([...page.matchAll(/^# TYPE (\S+)/gm)].map(([, name = '']) => name))
    const read = (name: string) =>
      readFile(new URL(`../../deploy/${name}`, import.meta.url), 'utf8')
    const dashboard = JSON.parse(await read('grafana-dashboard.json'))
    const asked = [
      ...dashboard.panels.flatMap((panel: { targets: { expr: string }[] }) =>
        panel.targets.map(({ expr }) => expr),
      ),
      ...parse(await read('alerts.yml')).groups[0].rules.map(({ expr }: { expr: string }) => expr),
    ].flatMap((expr) => expr.match(/dawnpost_\w+/g) ?? [])
    expect(asked.length).toBeGreaterThan(20)
    expect(asked.filter((name) => !names.has(name.replace(/_(bucket|count|sum)$/, '')))).toEqual([])
  })
})
