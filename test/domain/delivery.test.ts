import { describe, expect, it } from 'vitest'
import {
  DELIVERY_KINDS,
  DELIVERY_STATUSES,
  type DeliveryStatus,
  EXPECTED,
  isTransactional,
  MAX_RESENDS,
  nextAttemptAt,
  RETRY_MINUTES,
  nextStatus as statusAfter,
  type Transition,
  transitionOf,
} from '../../src/domain/delivery.ts'
import { DAY, MINUTE } from '../../src/domain/time.ts'

/** Where each move leads from each status; a move that is not listed cannot be made. */
const TABLE: Readonly<Record<DeliveryStatus, Partial<Record<Transition, DeliveryStatus>>>> = {
  planned: {
    claim: 'sending',
    skip: 'skipped',
    expire: 'expired',
    redate: 'planned',
    count: 'sent',
  },
  sending: {
    release: 'planned',
    accept: 'sent',
    merge: 'merged',
    defer: 'retry',
    bounce: 'bounced',
    refuse: 'refused',
    lose: 'unknown',
    count: 'sent',
  },
  retry: { claim: 'sending', skip: 'skipped', expire: 'expired', redate: 'planned', count: 'sent' },
  unknown: {
    claim: 'sending',
    accept: 'sent',
    merge: 'merged',
    resend: 'planned',
    redate: 'planned',
    count: 'sent',
  },
  sent: {},
  merged: {},
  bounced: {},
  refused: {},
  expired: {},
  skipped: { restore: 'planned' },
}
const MOVES: readonly Transition[] = [
  'claim',
  'release',
  'accept',
  'merge',
  'defer',
  'bounce',
  'refuse',
  'lose',
  'skip',
  'expire',
  'redate',
  'restore',
  'count',
]
const PAIRS = DELIVERY_STATUSES.flatMap((status) =>
  MOVES.map((move): [DeliveryStatus, Transition, DeliveryStatus | null] => [
    status,
    move,
    TABLE[status][move] ?? null,
  ]),
)

describe('a delivery', () => {
  it.each(PAIRS)('that is %s and makes the move %s becomes %s', (status, move, next) => {
    expect(statusAfter(status, move)).toBe(next)
  })

  it('has the same table in the transitions that the ledger is written from', () => {
    const told = MOVES.flatMap((move) =>
      transitionOf(move).from.map((from) => [from, move, transitionOf(move).to]),
    )
    expect(told.sort()).toEqual(PAIRS.filter(([, , next]) => next !== null).sort())
  })

  it('that has reached its end stays there', () => {
    const ends = DELIVERY_STATUSES.filter((status) =>
      MOVES.every((move) => statusAfter(status, move) === null),
    )
    expect(ends).toEqual(['sent', 'merged', 'bounced', 'refused', 'expired'])
  })

  it('reaches SMTP only by being claimed', () => {
    expect(MOVES.filter((move) => transitionOf(move).to === 'sending')).toEqual(['claim'])
    expect(MOVES.filter((move) => transitionOf(move).to === 'sent')).toEqual(['accept', 'count'])
  })

  it('is expected while it waits or is being sent', () => {
    expect([...EXPECTED].sort()).toEqual(['planned', 'retry', 'sending'])
  })

  it('of unknown outcome is sent again five times at most, or held', () => {
    expect(MAX_RESENDS).toEqual({ resend: 5, hold: 0 })
  })

  it('carries one of thirteen kinds of mail, seven of which are transactional', () => {
    expect(DELIVERY_KINDS).toEqual([
      'confirm',
      'welcome',
      'lesson',
      'inspiration',
      'letter',
      'completion',
      'again',
      'change',
      'changed',
      'link',
      'export',
      'erase',
      'sign-in',
    ])
    expect(DELIVERY_KINDS.filter(isTransactional)).toEqual([
      'confirm',
      'change',
      'changed',
      'link',
      'export',
      'erase',
      'sign-in',
    ])
  })
})

describe('the wait after a failed attempt', () => {
  const [FIRST, LAST] = [
    '00000000-0000-7000-8000-000000000000',
    '00000000-0000-7000-8000-00000000ffff',
  ]
  const at = Temporal.Instant.from('2027-03-20T06:00:00Z')
  const minutes =
    (id: string, schedule = RETRY_MINUTES) =>
    (attempts: number) => {
      const next = nextAttemptAt(schedule, { id, attempts, firstTriedAt: at }, at)
      return next && (next.epochMilliseconds - at.epochMilliseconds) / MINUTE
    }

  it('grows as in standards.md D18, and stays at four hours', () => {
    expect([1, 2, 3, 4, 5, 6, 7, 1_000].map(minutes(FIRST))).toEqual([
      5, 30, 60, 120, 240, 240, 240, 240,
    ])
  })

  it('is up to a tenth longer, depending on the delivery', () => {
    expect([1, 2, 3, 4, 5].map(minutes(LAST))).toEqual([5.5, 33, 66, 132, 264])
    expect(minutes('00000000-0000-7000-8000-000000008000')(1)).toBeCloseTo(5.25, 3)
  })

  it('follows a custom schedule', () => {
    expect([1, 2, 3].map(minutes(FIRST, [30, 45]))).toEqual([30, 45, 45])
  })

  it('ends five days after the first attempt, but not before the schedule is used up', () => {
    const next = (attempts: number, days: number) => {
      const firstTriedAt = at.subtract({ milliseconds: Math.round(days * DAY) })
      return nextAttemptAt(RETRY_MINUTES, { id: FIRST, attempts, firstTriedAt }, at)
    }
    expect(next(24, 4.8)).not.toBeNull()
    expect(next(24, 4.9)).toBeNull()
    expect(next(2, 21)).not.toBeNull() // a pause came in between
    expect(next(5, 21)).toBeNull()
  })
})
