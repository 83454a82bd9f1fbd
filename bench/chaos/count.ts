/**
 * The result of a run: counts, and everything that breaks a promise. Pure: looks only at the
 * evidence.
 */
import type { DeliveryStatus } from '../../src/domain/delivery.ts'
import type { Accepted } from './recorder.ts'

export type Policy = 'resend' | 'hold'

/** A lesson in the ledger. */
export interface Entry {
  readonly address: string
  readonly day: number
  readonly status: DeliveryStatus
  readonly reason: string | null
  readonly attempts: number
  readonly resends: number
  readonly messageId: string | null
}

/** From `at` on (real clock), how far the program's clock was ahead of the real one. */
export interface ClockMove {
  readonly at: number
  readonly aheadMs: number
}

/** A worker was killed, or lost its database. */
export interface Loss {
  readonly worker: number
  readonly at: number
  /** Message-IDs of the mails a worker held when it was killed. */
  readonly held?: readonly (string | null)[]
}

/** Someone has unsubscribed. */
export interface Leave {
  /** When their request was answered, on the real clock. */
  readonly at: number
  /**
   * The attempt to send their lesson that was still in progress then, having taken longer than
   * `unsubscribe` waits for it.
   */
  readonly inHands: number | null
}

export interface Evidence {
  readonly policy: Policy
  /** Addresses of the readers whose first lesson was due. */
  readonly people: readonly string[]
  readonly firstDay: number
  /** The day each of them is waiting for at the end. */
  readonly nextDay: ReadonlyMap<string, number>
  /** Their chosen time, `HH:MM`, and zone, the same for all. */
  readonly time: string
  readonly zone: string
  readonly ledger: readonly Entry[]
  readonly accepted: readonly Accepted[]
  /** Readers who have left, by address. */
  readonly leftAt: ReadonlyMap<string, Leave>
  readonly clock: readonly ClockMove[]
  readonly losses: readonly Loss[]
  /** Mails that were accepted without an answer. */
  readonly cuts: number
  /** Connections a worker may open. */
  readonly connections: number
  /** The longest time the machine kept our processes waiting for the processor. */
  readonly heldUpMs: number
}

export interface Counts {
  readonly due: number
  readonly accepted: number
  readonly sent: number
  /**
   * Due but not accepted, of readers who have not left; includes what waits for an operator under
   * `hold`.
   */
  readonly lost: number
  readonly duplicated: number
  readonly afterLeaving: number
  /** Deliveries whose outcome was unknown at some time; under `hold` it still is. */
  readonly unknown: number
  /**
   * The longest time, in seconds, until everything a killed worker held was accepted from another
   * one; null when none was killed or nothing was sent again.
   */
  readonly takenUp: number | null
}

/**
 * How long a worker keeps results before it writes them to the ledger, by its own clock: it may
 * read an answer late.
 */
const RESULTS_MS = 50
/** How long a busy database may take to write results. */
const STALL_MS = 1_000
/** A killed worker's handovers may still be accepted for this long; that is no resend. */
const DYING_MS = 1_000
/** How much later a mail claimed under an earlier clock may arrive. */
const GRACE_MS = 10_000
const NIGHT = '21:00'

export function count(evidence: Evidence): { counts: Counts; violations: string[] } {
  const { ledger, accepted, policy } = evidence
  const lost = lostOf(evidence)
  const copies = Map.groupBy(accepted, ({ to, subject }) => `${to} ${subject}`)
  const duplicates = [...copies.values()].filter(({ length }) => length > 1)
  const late = afterLeaving(evidence)
  const unknown = ledger.filter(wasUnknown).length
  const most = mostUnknown(evidence)
  const counts = {
    due: new Set([
      ...evidence.people.map((address) => key(address, evidence.firstDay)),
      ...ledger.map(keyOf),
    ]).size,
    accepted: accepted.length,
    sent: ledger.filter(({ status }) => status === 'sent').length,
    lost: lost.length,
    duplicated: accepted.length - copies.size,
    afterLeaving: late.length,
    unknown,
    takenUp: takenUp(evidence),
  }
  const violations = [
    ...fault('lost', lost.filter((loss) => policy === 'resend' || !isHeld(loss)).map(lossInWords)),
    ...fault('not settled', unsettled(evidence)),
    ...fault(
      'accepted after leaving was answered',
      late.map(({ to }) => to),
    ),
    ...(policy === 'hold'
      ? fault('sent twice though unknown deliveries are held', duplicates.map(nameOf))
      : []),
    ...fault(
      'sent twice though never unknown',
      duplicates.filter(neverUnknown(ledger)).map(nameOf),
    ),
    ...fault('copies differ', duplicates.filter(differ).map(nameOf)),
    ...fault('accepted but not in the ledger', strangers(evidence)),
    ...fault('two lessons on one local date', twoOnADate(evidence)),
    ...fault(
      'outside the window',
      accepted.filter((mail) => !localDate(mail, evidence)).map(({ to }) => to),
    ),
    ...(unknown > most
      ? [`${unknown} deliveries became unknown; at most ${most} were in flight`]
      : []),
  ]
  return { counts, violations }
}

const key = (address: string, day: number) => `${address} day ${day}`
const keyOf = ({ address, day }: Pick<Entry, 'address' | 'day'>) => key(address, day)
const nameOf = ([mail]: readonly Accepted[]) => `${mail?.to} "${mail?.subject}"`

const fault = (what: string, cases: readonly string[]) =>
  cases.length === 0 ? [] : [`${cases.length} ${what}, the first: ${cases[0]}`]

/** A lesson that was due and that no server has accepted, of a reader who has not left. */
interface Lost {
  readonly lesson: string
  /** Its entry in the ledger, if there is one. */
  readonly entry: Entry | undefined
}

/** From the readers' view: what was due minus what was accepted, whatever the ledger says. */
function lostOf({ people, firstDay, nextDay, ledger, accepted, leftAt }: Evidence): Lost[] {
  const entries = new Map(ledger.map((entry) => [keyOf(entry), entry]))
  const lessons = new Map(ledger.map((entry) => [entry.messageId, keyOf(entry)]))
  const came = new Set(accepted.map(({ messageId }) => lessons.get(messageId)))
  const due = people.flatMap((address) => {
    const days = Math.max(1, (nextDay.get(address) ?? 0) - firstDay)
    return Array.from({ length: days }, (_, index) => ({ address, day: firstDay + index }))
  })
  const all = new Map(
    [...due, ...ledger]
      .filter(({ address }) => !leftAt.has(address))
      .map((entry) => [keyOf(entry), entry]),
  )
  return [...all.keys()]
    .filter((lesson) => !came.has(lesson))
    .map((lesson) => ({ lesson, entry: entries.get(lesson) }))
}

/** Only an operator may send it again. */
const isHeld = ({ entry }: Lost) => entry?.status === 'unknown' && Boolean(entry.reason)

const lossInWords = ({ lesson, entry }: Lost) =>
  entry ? `${lesson} stands as ${entry.status}` : `${lesson} is not in the ledger`

/** Entries not in a final state, or in one that is not true. */
function unsettled({ ledger, leftAt, accepted }: Evidence): string[] {
  const arrived = new Set(accepted.map(({ messageId }) => messageId))
  const stands = ({ address, status, reason, messageId }: Entry) => {
    if (status === 'sent') return arrived.has(messageId ?? '')
    return (
      Boolean(reason) && (status === 'unknown' || (status === 'skipped' && leftAt.has(address)))
    )
  }
  return ledger
    .filter((entry) => !stands(entry))
    .map((entry) => `${keyOf(entry)} stands as ${entry.status}`)
}

/** Mails that were accepted after their reader had left, except those that were claimed before. */
function afterLeaving({ ledger, accepted, leftAt }: Evidence): Accepted[] {
  const attempts = new Map(ledger.map(({ messageId, attempts }) => [messageId, attempts]))
  return accepted.filter(({ to, at, messageId }) => {
    const leave = leftAt.get(to)
    return leave && at > leave.at && leave.inHands !== attempts.get(messageId)
  })
}

/** A mail that was sent again counts, whatever its final state. */
const wasUnknown = ({ status, resends }: Entry) => status === 'unknown' || resends > 0

const neverUnknown = (ledger: readonly Entry[]) => {
  const unknown = new Set(ledger.filter(wasUnknown).map(({ messageId }) => messageId))
  return (copies: readonly Accepted[]) => !copies.some(({ messageId }) => unknown.has(messageId))
}

const differ = (copies: readonly Accepted[]) =>
  new Set(copies.map(({ messageId, from, digest }) => `${messageId} ${from} ${digest}`)).size > 1

function takenUp({ losses, accepted }: Evidence): number | null {
  const times = Map.groupBy(accepted, ({ messageId }) => messageId)
  const waits = losses.flatMap(({ at, held = [] }) =>
    held.flatMap((id) => {
      const again = (times.get(id ?? '') ?? [])
        .map((mail) => mail.at - at)
        .filter((ms) => ms > DYING_MS)
      return again.length > 0 ? [Math.min(...again)] : []
    }),
  )
  return waits.length > 0 ? Math.round(Math.max(...waits) / 100) / 10 : null
}

function strangers({ ledger, accepted }: Evidence): string[] {
  const owners = new Map(ledger.map(({ messageId, address }) => [messageId, address]))
  return accepted
    .filter(({ messageId, to }) => owners.get(messageId) !== to)
    .map((mail) => nameOf([mail]))
}

function twoOnADate(evidence: Evidence): string[] {
  const mornings = Map.groupBy(
    evidence.accepted,
    (mail) => `${mail.to} ${localDate(mail, evidence)}`,
  )
  return [...mornings]
    .filter(([, mails]) => new Set(mails.map(({ subject }) => subject)).size > 1)
    .map(([morning]) => morning)
}

/**
 * The local date on which a mail was accepted within its window; null when it was outside. A mail
 * claimed just before the clock moved is judged by the clock it was claimed under.
 */
function localDate({ at }: Accepted, { clock, time, zone }: Evidence): string | null {
  const clocks = clock.filter((move, index) => {
    const end = clock[index + 1]?.at ?? Number.POSITIVE_INFINITY
    return move.at <= at && end > at - GRACE_MS
  })
  for (const { aheadMs } of clocks.toReversed()) {
    const local = Temporal.Instant.fromEpochMilliseconds(at + aheadMs).toZonedDateTimeISO(zone)
    const hour = String(local.toPlainTime())
    if (hour >= time && hour < NIGHT) return String(local.toPlainDate())
  }
  return null
}

/**
 * The mails in SMTP when a worker or its database was lost, plus 50 ms of results, plus mails that
 * were never answered. On a busy machine, a worker reads within 50 ms what was answered over a
 * longer time. It claims nothing more once a result has waited for 50 ms; if its database is slow
 * just then, those results stay unwritten for a while.
 */
export function mostUnknown({
  losses,
  accepted,
  cuts,
  connections,
  heldUpMs,
}: Pick<Evidence, 'losses' | 'accepted' | 'cuts' | 'connections' | 'heldUpMs'>): number {
  const unwrittenMs = RESULTS_MS + heldUpMs
  const results = ({ worker, at }: Loss) => {
    const times = accepted
      .filter((mail) => mail.worker === worker && mail.at <= at && mail.at > at - STALL_MS)
      .map((mail) => mail.at)
    const until = (end: number) =>
      times.filter((time) => time <= end && time > end - unwrittenMs).length
    return Math.max(0, ...times.map(until))
  }
  return losses.reduce((sum, loss) => sum + connections + results(loss), cuts)
}
