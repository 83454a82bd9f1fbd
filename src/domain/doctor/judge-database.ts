/** Judges what the database reports about itself. */
import { versionFault } from '../database-version.ts'
import { type DoctorFinding, error, errorIf, info, ok, warning } from './finding.ts'

export interface DatabaseFacts {
  readonly where: string
  readonly version: number
  /** In words, such as 18.4. */
  readonly versionName: string
  /** Milliseconds its clock is ahead of ours; the query's round trip is split evenly. */
  readonly aheadMs: number
  readonly encoding: string
  readonly dateStyle: string
  readonly intervalStyle: string
  readonly collation: string
  /** Required rights that the role lacks. */
  readonly missingRights: readonly string[]
  readonly migration: {
    /** Migrations of this version that the database lacks. */
    readonly pending: number
    /** A migration that this version does not know; null if there is none. */
    readonly newer: string | null
  }
  /** Rows of the ledger. */
  readonly live: number
  readonly dead: number
  readonly autovacuumAt: Temporal.Instant | null
  readonly autovacuum: boolean
  /** Seconds that the longest transaction has been open, and the longest idle one. */
  readonly oldestTransaction: number
  readonly oldestIdle: number
  /** Bytes of WAL that the replication slot furthest behind holds back. */
  readonly slotBytes: number
  /** Zones compared by their wall time there and here at an instant. */
  readonly zones: readonly ZoneFact[]
}

export interface ZoneFact {
  readonly zone: string
  readonly at: string
  /** Wall time according to the database; null if it does not know the zone. */
  readonly there: string | null
  readonly here: string
}

/**
 * Zones to compare, most of which have changed their rules recently: outdated data shows another
 * time. Vancouver stays on summer time from 2026 on; Greenland and Kazakhstan changed in 2023 and
 * 2024.
 */
export const PROBE_ZONES: readonly (readonly [zone: string, at: string])[] = [
  ['America/Vancouver', '2026-12-01T20:00:00Z'],
  ['Asia/Almaty', '2026-12-01T20:00:00Z'],
  ['America/Nuuk', '2026-12-01T20:00:00Z'],
  ['Europe/Berlin', '2026-07-01T12:00:00Z'],
]

/** Returns the wall time in a zone, as `2026-12-01 13:00`. */
export const wallTime = (zone: string, at: string) =>
  Temporal.Instant.from(at)
    .toZonedDateTimeISO(zone)
    .toPlainDateTime()
    .toString({ smallestUnit: 'minute' })
    .replace('T', ' ')

const MAX_CLOCK_SKEW_MS = 2_000
const LONG_TRANSACTION_SECONDS = 3_600
const MANY_DEAD_ROWS = 10_000
const MAX_SLOT_BYTES = 5 * 1024 ** 3

export function judgeDatabase(facts: DatabaseFacts): DoctorFinding[] {
  const found = [...ofServer(facts), ...ofClock(facts), ...ofMigrations(facts), ...ofUpkeep(facts)]
  const { where, versionName, encoding, collation, dateStyle } = facts
  return [
    ok(
      'database.connection.ok',
      `PostgreSQL ${versionName} at ${where} answers: ${encoding}, ${collation}, DateStyle ${dateStyle}.`,
    ),
    ...found,
  ]
}

function ofServer({
  version,
  versionName,
  encoding,
  missingRights,
}: DatabaseFacts): DoctorFinding[] {
  const found: DoctorFinding[] = []
  const fault = versionFault(version)
  if (fault === 'too_old')
    found.push(
      error('database.version', `PostgreSQL ${versionName} is too old.`, {
        why: 'Dawnpost needs version 13 or newer.',
        fix: 'Upgrade the server to a version that is still maintained.',
      }),
    )
  if (fault === 'loses_rows')
    found.push(
      error('database.version', `PostgreSQL ${versionName} can leave rows out of an index.`, {
        why: 'Upgrades of Dawnpost build indexes while mail is sent; a mail whose row is missing can be sent twice.',
        fix: 'Upgrade the server to 14.4 or newer, then rebuild all indexes: reindexdb --all',
      }),
    )
  if (encoding !== 'UTF8')
    found.push(
      error('database.encoding', `The database has the encoding ${encoding}.`, {
        why: 'It cannot store every name and text.',
        fix: "Create one with UTF8: create database … encoding 'UTF8' template template0",
      }),
    )
  if (missingRights.length > 0)
    found.push(
      error('database.rights', `The database role may not ${missingRights.join(' or ')}.`, {
        why: 'Upgrades of Dawnpost change tables and create new ones.',
        fix: 'Make the role the owner of the database, or of the schema that holds the tables.',
      }),
    )
  return found
}

function ofClock({ aheadMs, zones }: DatabaseFacts): DoctorFinding[] {
  const found: DoctorFinding[] = []
  const seconds = Math.round(Math.abs(aheadMs) / 1_000)
  const side = aheadMs > 0 ? 'ahead of' : 'behind'
  found.push(
    Math.abs(aheadMs) > MAX_CLOCK_SKEW_MS
      ? warning(
          'database.clock',
          `The clock of the database is ${seconds} s ${side} the clock of this machine.`,
          {
            why: 'Leases and limits depend on both clocks; a mail can be late, or be claimed by two workers in turn.',
            fix: 'Synchronize both machines with NTP: `timedatectl set-ntp true`.',
          },
        )
      : ok('database.clock.ok', 'The clocks of the database and of this machine agree.'),
  )
  const wrong = zones.filter(({ there, here }) => there !== here)
  const [first] = wrong
  found.push(
    first
      ? warning(
          'database.zones',
          `The database and Node disagree about the time in ${wrong.map(({ zone }) => zone).join(', ')}.`,
          {
            subject: first.zone,
            why: `At ${first.at} it is ${first.here} in ${first.zone}, but the database says ${first.there ?? 'that there is no such zone'}. Dawnpost computes mornings itself, so no mail is affected; your own SQL reports are.`,
            fix: 'Update tzdata on the machine of the database, and restart the database.',
          },
        )
      : ok('database.zones.ok', 'The database knows the same time zones as Node.'),
  )
  return found
}

function ofMigrations({ migration: { pending, newer } }: DatabaseFacts): DoctorFinding[] {
  if (newer)
    return [
      error('database.newer', `A newer version of Dawnpost has changed the database (${newer}).`, {
        why: 'This version cannot work with it.',
        fix: 'Start that version, or a newer one.',
      }),
    ]
  return pending === 0
    ? []
    : [
        info('database.pending', `The database lacks migrations of this version: ${pending}.`, {
          why: 'Dawnpost applies them when it starts, or with `dawnpost migrate`.',
          fix: 'Make a backup, then run `dawnpost migrate`.',
        }),
      ]
}

function ofUpkeep(facts: DatabaseFacts): DoctorFinding[] {
  const { live, dead, autovacuum, autovacuumAt, oldestTransaction, oldestIdle, slotBytes } = facts
  const found: DoctorFinding[] = []
  if (!autovacuum || (dead > MANY_DEAD_ROWS && dead > live / 2))
    found.push(
      warning(
        'database.bloat',
        autovacuum
          ? `The ledger has ${dead} dead rows and ${live} live ones; ${autovacuumAt ? `autovacuum last ran ${String(autovacuumAt).slice(0, 16)}Z` : 'autovacuum has never run'}.`
          : 'Autovacuum is off.',
        {
          why: 'Tables and indexes keep growing, and every morning takes longer.',
          fix: autovacuum
            ? 'Find what blocks autovacuum: a long transaction, or a replication slot. Then run: vacuum (analyze) ledger'
            : 'Set autovacuum = on in postgresql.conf.',
        },
      ),
    )
  if (Math.max(oldestTransaction, oldestIdle) > LONG_TRANSACTION_SECONDS)
    found.push(
      warning(
        'database.transaction',
        `A transaction has been open for ${Math.round(Math.max(oldestTransaction, oldestIdle) / 60)} minutes${oldestIdle >= oldestTransaction ? ' and is idle' : ''}.`,
        {
          why: 'Dead rows stay while it is open, and it may hold locks that mail waits for.',
          fix: 'Find it in pg_stat_activity and end it. The setting idle_in_transaction_session_timeout ends idle ones automatically.',
        },
      ),
    )
  if (slotBytes > MAX_SLOT_BYTES)
    found.push(
      errorIf(slotBytes > MAX_SLOT_BYTES * 10)(
        'database.slot',
        `A replication slot retains ${Math.round(slotBytes / 1024 ** 3)} GB of WAL.`,
        {
          why: 'The disk fills up until the database stops.',
          fix: 'Bring its replica back, or drop the slot: select pg_drop_replication_slot(…)',
        },
      ),
    )
  return found
}
