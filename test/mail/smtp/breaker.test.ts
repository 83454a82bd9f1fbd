import { describe, expect, it } from 'vitest'
import { openBreaker } from '../../../src/mail/smtp/breaker.ts'

/** When the probes of an outage go out that begins at 0 and does not end. */
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
  it('is asked again after one second, and less and less often, but twice a minute at least', () => {
    expect(probes('down', 200_000)).toEqual(
      [1, 3, 8, 23, 53, 83, 113, 143, 173].map((second) => second * 1_000),
    )
  })

  it('that was away for two seconds is asked within three of its return', () => {
    const next = probes('down', 60_000).find((at) => at >= 2_000) ?? Number.POSITIVE_INFINITY
    expect(next - 2_000).toBeLessThanOrEqual(3_000)
  })

  it('takes one mail as a probe, and all once it went well', () => {
    const breaker = openBreaker()
    breaker.refused(0, 'down')
    expect([breaker.room(999), breaker.room(1_000)]).toEqual([0, 1])
    expect([breaker.allows(1_000), breaker.allows(1_000)]).toEqual([true, false])
    breaker.succeeded()
    expect(breaker.room(1_001)).toBe(Number.POSITIVE_INFINITY)
    // What follows is another outage.
    breaker.refused(2_000, 'down')
    expect(breaker.allows(3_000)).toBe(true)
  })
})

describe('mails that are cut off', () => {
  it('while they were under way together count as one failure', () => {
    const breaker = openBreaker()
    const opened = Array.from({ length: 40 }, (_, number) => breaker.cutOff(number, 100 + number))
    expect(opened).not.toContain(true)
    expect(breaker.allows(200)).toBe(true)
  })

  it('one after the other open it, for a second', () => {
    const breaker = openBreaker()
    expect([1, 2, 3].map((at) => breaker.cutOff(at, at + 0.5))).toEqual([false, false, true])
    expect([breaker.allows(1_003), breaker.allows(1_004)]).toEqual([false, true])
  })
})

it('a refused password is tried so seldom that ban tools do not mind', () => {
  const tenMinutes = probes('halt', 600_000)
  expect(tenMinutes[0]).toBe(60_000)
  expect(tenMinutes.length).toBeLessThan(4)
})
