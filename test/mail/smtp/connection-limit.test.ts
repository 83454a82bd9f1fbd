import { describe, expect, it } from 'vitest'
import { openConnectionLimit } from '../../../src/mail/smtp/connection-limit.ts'

/**
 * A server with a cap, and a pool that always wants more connections: how many it has, and how
 * often it is refused one, after `seconds`.
 */
function sentAway({ cap, most, seconds }: { cap: number; most: number; seconds: number }) {
  const openings = openConnectionLimit(most)
  let [open, refused] = [0, 0]
  for (let now = 0; now < seconds * 1_000; now += 50) {
    for (;;) {
      if (openings.waitMs({ open, beginning: 0, working: open }, now) > 0) break
      if (open < cap) openings.opened(++open, now)
      else {
        refused += 1
        openings.refused(open, now)
      }
    }
  }
  return { open, refused }
}

describe('connections', () => {
  it('are opened one, two, then four at a time, so that the first one finds any problem', () => {
    const openings = openConnectionLimit(10)
    const mayOpen = (beginning: number, working: number) =>
      openings.waitMs({ open: beginning + working, beginning, working }, 0) === 0
    expect([mayOpen(0, 0), mayOpen(1, 0)]).toEqual([true, false])
    expect([mayOpen(1, 2), mayOpen(2, 2)]).toEqual([true, false])
    expect([mayOpen(3, 6), mayOpen(0, 10), mayOpen(4, 6)]).toEqual([true, false, false])
  })

  it('are as many as a server accepts, and more are tried only seldom', () => {
    const { open, refused } = sentAway({ cap: 20, most: 40, seconds: 3_600 })
    expect(open).toBe(20)
    expect(refused).toBeLessThan(80)
  })

  it('grow again when the server accepts more', () => {
    const openings = openConnectionLimit(10)
    openings.refused(2, 0)
    openings.refused(2, 1_000)
    expect(openings.waitMs({ open: 2, beginning: 0, working: 2 }, 1_100)).toBeGreaterThan(0)
    let open = 2
    for (let now = 1_000; open < 10; now += 100) {
      expect(now).toBeLessThan(60_000)
      if (openings.waitMs({ open, beginning: 0, working: open }, now) === 0)
        openings.opened(++open, now)
    }
  })

  it('are soon reopened after a chance refusal', () => {
    const openings = openConnectionLimit(40)
    for (const at of [0, 1_000, 3_000, 7_000, 15_000, 31_000, 90_000]) openings.refused(20, at)
    openings.refused(19, 160_000)
    expect(openings.waitMs({ open: 19, beginning: 0, working: 19 }, 160_500)).toBe(0)
    openings.opened(20, 160_500)
    expect(openings.waitMs({ open: 19, beginning: 0, working: 19 }, 160_500)).toBe(0)
  })

  it('are reduced by one per refusal during replacement, not by all being replaced', () => {
    const openings = openConnectionLimit(20)
    for (let open = 1; open <= 20; open++) openings.opened(open, 0)
    const mayHave = (open: number, at: number) =>
      openings.waitMs({ open: open - 1, beginning: 0, working: open - 1 }, at) === 0
    // Eight of twenty are replaced at once while the server still counts two of the old ones.
    openings.refused(12, 1_000)
    openings.refused(12, 1_001)
    expect([mayHave(18, 1_002), mayHave(19, 1_002)]).toEqual([true, false])
    openings.opened(18, 1_003)
    expect(mayHave(19, 1_500)).toBe(true)
    openings.opened(19, 1_500)
    expect(mayHave(20, 1_500)).toBe(true)
  })

  it('are reduced one by one under repeated refusals, down to the number that is open', () => {
    const openings = openConnectionLimit(20)
    for (let open = 1; open <= 20; open++) openings.opened(open, 0)
    let refusals = 0
    for (; openings.waitMs({ open: 5, beginning: 0, working: 5 }, 1_000) === 0; refusals++)
      openings.refused(5, 1_000)
    expect(refusals).toBe(15)
  })

  it('are limited to what another process has found out', () => {
    const openings = openConnectionLimit(10)
    openings.learn(3, 0)
    expect(openings.waitMs({ open: 2, beginning: 0, working: 2 }, 0)).toBe(0)
    expect(openings.waitMs({ open: 3, beginning: 0, working: 3 }, 0)).toBeGreaterThan(0)
  })
})
