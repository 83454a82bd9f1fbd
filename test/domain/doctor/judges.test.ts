/** The findings on a relay, a certificate, a database, a queue, the machine and the settings. */
import { describe, expect, it } from 'vitest'
import { judgeCertificate } from '../../../src/domain/doctor/certificate.ts'
import type { DoctorFinding } from '../../../src/domain/doctor/finding.ts'
import { type DatabaseFacts, judgeDatabase } from '../../../src/domain/doctor/judge-database.ts'
import {
  judgeDisk,
  judgeMail,
  judgeRuntime,
  judgeSettings,
  type MailFacts,
} from '../../../src/domain/doctor/judge-host.ts'
import { judgeRedis } from '../../../src/domain/doctor/judge-queue.ts'
import { judgeSmtp, type SmtpProbe } from '../../../src/domain/doctor/judge-smtp.ts'

const NOW = Temporal.Instant.from('2027-03-20T12:00:00Z')
const GB = 1024 ** 3
/** What is wrong, in short. */
const faults = (findings: readonly DoctorFinding[]) =>
  findings
    .filter(({ severity }) => severity !== 'ok')
    .map(({ severity, id }) => `${severity} ${id}`)

describe('a certificate', () => {
  it.each([
    ['2027-04-11T12:00:00Z', 'ok', 'valid for 22 days, until 2027-04-11'],
    ['2027-04-10T11:59:59Z', 'warning', 'expires in 20 days'],
    ['2027-03-26T12:00:00Z', 'error', 'expires in 6 days'],
    ['2027-03-21T12:00:00Z', 'error', 'expires in 1 day,'],
    ['2027-03-20T11:00:00Z', 'error', 'expired on 2027-03-20'],
  ])('until %s: %s', (until, severity, words) => {
    const certificate = { until: Temporal.Instant.from(until), issuer: 'An Authority' }
    const found = judgeCertificate(certificate, { group: 'web', where: 'a.example', now: NOW })
    expect(found.severity).toBe(severity)
    expect(found.what).toContain(words)
  })
})

describe('an SMTP server', () => {
  const GOOD: SmtpProbe = {
    server: 'relay.example:587',
    isLocal: false,
    encrypted: true,
    extensions: ['PIPELINING', '8BITMIME', 'SMTPUTF8', 'SIZE 10000000', 'AUTH PLAIN'],
    certificate: null,
    login: 'accepted',
    failure: null,
  }
  const failure = { isTls: false, words: '535 no' }
  it.each<[Partial<SmtpProbe>, string[]]>([
    [{}, []],
    [{ extensions: null, failure }, ['error smtp.connection.failed']],
    [{ extensions: null, failure: { ...failure, isTls: true } }, ['error smtp.tls.failed']],
    [{ login: null, failure }, ['error smtp.connection.failed']],
    [{ login: 'refused', failure }, ['error smtp.login.failed']],
    [{ login: 'not offered', failure }, ['error smtp.login.failed']],
    [{ login: null }, ['info smtp.login.none']],
    [{ login: null, isLocal: true, encrypted: false }, ['info smtp.tls.local']],
    [
      { extensions: ['SIZE 5000'] },
      ['warning smtp.size', 'info smtp.utf8', 'info smtp.extensions'],
    ],
    [{ extensions: ['size 0', 'smtputf8', '8bitmime', 'pipelining'] }, []],
  ])('%j', (facts, wanted) => {
    expect(faults(judgeSmtp({ ...GOOD, ...facts }, NOW))).toEqual(wanted)
  })
})

describe('a database', () => {
  const GOOD: DatabaseFacts = {
    where: 'db.example/dawnpost',
    version: 180_004,
    versionName: '18.4',
    aheadMs: -400,
    encoding: 'UTF8',
    dateStyle: 'ISO, MDY',
    intervalStyle: 'postgres',
    collation: 'C',
    missingRights: [],
    migration: { pending: 0, newer: null },
    live: 1_000_000,
    dead: 20_000,
    autovacuumAt: NOW,
    autovacuum: true,
    oldestTransaction: 3,
    oldestIdle: 0,
    slotBytes: 0,
    zones: [],
  }
  const zone = { zone: 'America/Vancouver', at: '2026-12-01T20:00:00Z', here: '2026-12-01 13:00' }
  it.each<[Partial<DatabaseFacts>, string[]]>([
    [{}, []],
    [{ version: 120_000 }, ['error database.version']],
    [{ version: 130_000 }, []],
    [{ version: 140_000 }, ['error database.version']],
    [{ version: 140_003 }, ['error database.version']],
    [{ version: 140_004 }, []],
    [{ encoding: 'SQL_ASCII' }, ['error database.encoding']],
    [{ missingRights: ['make tables'] }, ['error database.rights']],
    [{ aheadMs: 2_500 }, ['warning database.clock']],
    [{ aheadMs: -90_000 }, ['warning database.clock']],
    [{ zones: [{ ...zone, there: '2026-12-01 13:00' }] }, []],
    [{ zones: [{ ...zone, there: '2026-12-01 12:00' }] }, ['warning database.zones']],
    [{ zones: [{ ...zone, there: null }] }, ['warning database.zones']],
    [{ migration: { pending: 3, newer: null } }, ['info database.pending']],
    [{ migration: { pending: 0, newer: '0099-x' } }, ['error database.newer']],
    [{ dead: 800_000 }, ['warning database.bloat']],
    [{ live: 10, dead: 900 }, []],
    [{ autovacuum: false }, ['warning database.bloat']],
    [{ oldestTransaction: 4_000 }, ['warning database.transaction']],
    [{ oldestIdle: 4_000 }, ['warning database.transaction']],
    [{ slotBytes: 6 * GB }, ['warning database.slot']],
    [{ slotBytes: 60 * GB }, ['error database.slot']],
  ])('%j', (facts, wanted) => {
    expect(faults(judgeDatabase({ ...GOOD, ...facts }))).toEqual(wanted)
  })
})

describe('a Redis', () => {
  const GOOD = {
    where: '127.0.0.1:6379',
    version: '8.0.2',
    policy: 'noeviction',
    appendOnly: true,
    usedBytes: 10,
    mostBytes: 0,
    isReplica: false,
  }
  it.each([
    [{}, []],
    [{ version: '4.0.9' }, ['error queue.version']],
    [{ version: '6.0.16' }, ['warning queue.version']],
    [{ version: null, policy: null, appendOnly: null }, []],
    [{ policy: 'allkeys-lru' }, ['error queue.eviction']],
    [{ usedBytes: 90, mostBytes: 100 }, ['warning queue.memory']],
    [{ appendOnly: false }, ['info queue.aof']],
    [{ isReplica: true }, ['error queue.replica']],
  ])('%j', (facts, wanted) => {
    expect(faults(judgeRedis({ ...GOOD, ...facts }))).toEqual(wanted)
  })
})

it.each([
  [5 * GB, 'ok'],
  [0.9 * GB, 'warning'],
  [0.1 * GB, 'error'],
])('a disk with %d bytes: %s', (freeBytes, severity) => {
  expect(judgeDisk({ folder: '/data', freeBytes, hasDatabase: true }).severity).toBe(severity)
})

it.each([
  ['26.10.0', '2026c', []],
  ['26.10.0', null, []],
  ['24.1.0', '2026c', ['error host.node']],
  ['26.10.0', '2026a', ['warning host.zones']],
  ['26.10.0', '2024b', ['warning host.zones']],
])('Node %s with the zones of %s: %j', (node, tz, wanted) => {
  expect(faults(judgeRuntime({ version: '1', node, tz, leastNode: 26 }, NOW))).toEqual(wanted)
})

describe('settings', () => {
  const GOOD = {
    faults: [],
    isSandbox: false,
    isProduction: true,
    secretKeyWeak: false,
    postalAddressMissing: false,
    from: 'morning@example.org',
    replyTo: null,
  }
  it.each([
    [{}, []],
    [{ isSandbox: true }, ['info configuration.sandbox']],
    [{ isProduction: false }, ['info configuration.development']],
    [
      { faults: ['PORT: cannot use "x"', 'dawnpost.yaml:1:1 wrong'] },
      Array(2).fill('error configuration.fault'),
    ],
    [{ secretKeyWeak: true }, ['warning configuration.secret-key']],
    [{ postalAddressMissing: true }, ['error configuration.postal-address']],
    [{ from: 'no-reply@example.org' }, ['warning configuration.no-reply']],
    [{ replyTo: 'DoNotReply@example.org' }, ['warning configuration.no-reply']],
    [{ from: 'norepp@example.org' }, []],
  ])('%j', (facts, wanted) => {
    expect(faults(judgeSettings({ ...GOOD, ...facts }))).toEqual(wanted)
  })
})

describe('mail that is due', () => {
  const ago = (minutes: number) => NOW.subtract({ minutes })
  const behind = { unplanned: null, planned: null, deferred: ago(900), deferrals: 3 }
  const GOOD = {
    behind,
    now: NOW,
    mayBeBehindMinutes: 15,
    unknown: 0,
    halted: [],
    heldSince: null,
    paused: [],
    reported: [],
  }
  it.each<[facts: Partial<MailFacts>, wanted: string[]]>([
    [{}, []],
    [{ behind: { ...behind, planned: ago(14) } }, []],
    [{ behind: { ...behind, unplanned: ago(20) } }, ['error mail.behind']],
    [{ unknown: 2 }, ['warning mail.unknown']],
    [{ halted: ['relay.example:587'] }, ['error mail.halted']],
    [{ heldSince: '2027-03-20T08:00:00Z' }, ['error mail.restored']],
    [{ paused: ['inner-wisdom'] }, ['error mail.paused']],
    [{ reported: [{ kind: 'dmarc', domain: 'a.example', good: 9, bad: 0, worst: null }] }, []],
    [
      {
        reported: [
          { kind: 'dmarc', domain: 'a.example', good: 9, bad: 1, worst: '192.0.2.1 (none)' },
        ],
      },
      ['warning mail.dmarc-reports'],
    ],
    [
      { reported: [{ kind: 'tls', domain: 'a.example', good: 9, bad: 1, worst: null }] },
      ['warning mail.tls-reports'],
    ],
  ])('%j', (facts, wanted) => {
    expect(faults(judgeMail({ ...GOOD, ...facts }))).toEqual(wanted)
  })
})
