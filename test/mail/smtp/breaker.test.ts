import { describe, expect, it } from 'vitest'
import { openBreaker } from '../../../src/mail/smtp/breaker.ts'

/** The times of the probes during an outage that begins at 0 and does not end. */
function probes(why: 'down' | 'halt', until: number): number[] {
  const breaker = openBreaker()
  const at: number[] = []
  breaker.refused(0, why)
  for (let now = 0; now <= until; now += 100) {
    if (!breaker.allows(now)) continue
    at.push(now)
    breaker.refused(now, why)
  }
  return at
}

describe('a server that is down', () => {
  it('is probed after one second, then less and less often, but at least twice a minute', () => {
    expect(probes('down', 200_000)).toEqual(
      [1, 3, 8, 23, 53, 83, 113, 143, 173].map((second) => second * 1_000),
    )
  })

  it('is probed within three seconds of its return when it was away for two', () => {
    const next = probes('down', 60_000).find((at) => at >= 2_000) ?? Number.POSITIVE_INFINITY
    expect(next - 2_000).toBeLessThanOrEqual(3_000)
  })

  it('gets one mail as a probe, and all mails once the probe has succeeded', () => {
    const breaker = openBreaker()
    breaker.refused(0, 'down')
    expect([breaker.room(999), breaker.room(1_000)]).toEqual([0, 1])
    expect([breaker.allows(1_000), breaker.allows(1_000)]).toEqual([true, false])
    breaker.succeeded()
    expect(breaker.room(1_001)).toBe(Number.POSITIVE_INFINITY)
    // The next refusal begins a new outage.
    breaker.refused(2_000, 'down')
    expect(breaker.allows(3_000)).toBe(true)
  })
})

describe('mails that are cut off in transit', () => {
  it('count as one failure when they were in transit at the same time', () => {
    const breaker = openBreaker()
    const opened = Array.from({ length: 40 }, (_, number) => breaker.cutOff(number, 100 + number))
    expect(opened).not.toContain(true)
    expect(breaker.allows(200)).toBe(true)
  })

  it('open the breaker for a second when they fail one after another', () => {
    const breaker = openBreaker()
    expect([1, 2, 3].map((at) => breaker.cutOff(at, at + 0.5))).toEqual([false, false, true])
    expect([breaker.allows(1_003), breaker.allows(1_004)]).toEqual([false, true])
  })
})

it('a refused password is retried too seldom to trigger ban tools', () => {
  const tenMinutes = probes('halt', 600_000)
  expect(tenMinutes[0]).toBe(60_000)
  expect(tenMinutes.length).toBeLessThan(4)
})
