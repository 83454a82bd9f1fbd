import { describe, expect, it } from 'vitest'
import { HOUR } from '../../src/domain/time.ts'
import { repeat } from '../../worker/main.ts'
import { enrolled, testApp } from '../support/app.ts'
import { until } from '../support/wait.ts'

describe('a recurring job', () => {
  it('waits no longer than until its next known work', async () => {
    await using test = await testApp()
    let runs = 0
    const job = {
      name: 'a job',
      everyMs: HOUR,
      run: async () => {
        runs += 1
      },
      nextInMs: async () => 1,
    }
    const loop = repeat(job, test.app)
    await until('a third run', () => runs >= 3)
    await loop.close()
  })

  it('starts at once or after its own delay, and can be stopped during the delay', async () => {
    await using test = await testApp()
    const runs = { atOnce: 0, soon: 0, later: 0 }
    const job = (name: keyof typeof runs, afterMs?: number) => ({
      name,
      everyMs: 1,
      run: async () => {
        runs[name] += 1
      },
      ...(afterMs !== undefined && { afterMs }),
    })
    const jobs = [job('atOnce'), job('soon', 5), job('later', HOUR)]
    const loops = jobs.map((one) => repeat(one, test.app))
    await until('a third run of both', () => runs.atOnce >= 3 && runs.soon >= 3)
    await Promise.all(loops.map((loop) => loop.close()))
    expect(runs.later).toBe(0)
  })
})

describe('the planner', () => {
  it('learns when the next mail is due, and uses its own interval if one is already due', async () => {
    await using test = await testApp({ start: '2027-03-19T12:00:00Z' })
    expect(await test.app.sender.nextDueInMs()).toBeNull()
    await enrolled(test, { series: ['inner-wisdom'] })
    test.clock.set('2027-03-20T05:59:59Z') // 06:59:59 in Berlin
    expect(await test.app.sender.nextDueInMs()).toBe(1_001)
    test.clock.set('2027-03-20T06:00:00Z')
    expect(await test.app.sender.nextDueInMs()).toBeNull()
    await test.app.sender.plan()
    expect(await test.app.sender.nextDueInMs()).toBeGreaterThan(HOUR)
  })
})
