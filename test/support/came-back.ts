/** Readers of a series, and bounces and complaints about their mails. */
import { createHash, randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import type { Report, ReportSource } from '../../src/domain/report.ts'
import { openReturnPaths } from '../../src/security/return-paths.ts'
import { openSecrets } from '../../src/security/secrets.ts'
import { enrolled, type TestApp, testApp } from './app.ts'
import { keptLog } from './log.ts'

const SECRET = 'a key for tests and for nothing else'
const paths = openReturnPaths(openSecrets([SECRET]))
export const BOUNCES = {
  BOUNCE_DOMAIN: 'bounces.example',
  OPERATOR_EMAIL: 'operator@dawnpost.example',
}

export const BOUNCE: Report = {
  kind: 'bounce',
  class: 'hard',
  reason: 'no_such_user',
  of: { returnPath: null, providerId: null, messageId: null },
  recipient: null,
  status: '5.1.1',
  diagnostic: '550 5.1.1 no such user',
  reportedBy: 'mx.example.com',
}
export const NO_SPF: Report = {
  ...BOUNCE,
  class: 'sender',
  reason: 'authentication',
  status: '5.7.27',
  diagnostic: '550 5.7.27 SPF did not pass',
}
export const COMPLAINT: Report = { ...BOUNCE, kind: 'complaint', class: null, reason: 'complaint' }

/** Each reader has a domain of their own. */
export const addressOf = (reader: number) => `r${reader}@reader${reader}.example`

/** An app that receives bounces, and its log. */
export async function openWithLog(env: Record<string, string> = {}) {
  const kept = keptLog()
  return { test: await testApp({ env: { ...BOUNCES, ...env }, log: kept.log }), kept }
}

/** Enrolls this many readers, and sends each a lesson this morning. */
export async function morningOf(test: TestApp, people: number) {
  await enrollAll(
    test,
    Array.from({ length: people }, (_, one) => addressOf(one)),
  )
  await nextMorning(test)
}

/** Enrolls them and sends their welcome mails. */
export async function enrollAll(test: TestApp, addresses: readonly string[]) {
  for (const email of addresses) await enrolled(test, { email, series: ['inner-wisdom'] })
  await test.settle()
}

export async function nextMorning(test: TestApp) {
  test.clock.set(test.app.now().add({ hours: 23 }))
  await test.settle()
}

interface About {
  readonly address: string
  readonly kind?: string
  /** By default the one that anybody who has received the mail can use. */
  readonly source?: ReportSource
}

/** Delivers a report about the last mail of a kind to an address. */
export async function comesBack(
  { app, db }: TestApp,
  given: Report,
  { address, kind = 'lesson', source = 'listener' }: About,
) {
  const { rows } = await sql<{ enrollment_id: string; item: string }>`
    select d.enrollment_id, d.item from deliveries d
    join enrollments e on e.id = d.enrollment_id join subscribers s on s.id = e.subscriber_id
    where s.address = ${address} and d.kind = ${kind} and d.sent_at is not null
    order by d.sent_at desc limit 1`.execute(db)
  const mail = rows[0]
  if (!mail) throw new Error('there is no such mail')
  const { enrollment_id: enrollmentId, item } = mail
  return app.bounces.take({
    digest: createHash('sha256').update(randomUUID()).digest(),
    source,
    envelopeTo: paths.ofEnrollment({ enrollmentId, kind, item }),
    reports: [given],
  })
}
