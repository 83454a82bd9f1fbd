import { describe, expect, it } from 'vitest'
import { affectsWaitingReaders, changeOf, dependsOnReaders } from '../../src/domain/change.ts'
import { course, had } from './make.ts'

const TODAY = Temporal.PlainDate.from('2027-03-20')

describe('a change of schedule', () => {
  const readers = [
    { had: had(1), count: 3 },
    { had: had(2), count: 2 },
    { had: had(3), count: 4 },
    { had: [], count: 9 },
  ]

  it('reports whose next lesson comes after a new gap, and who completes', () => {
    const daily = { ...course(3), open: true }
    const weekly = {
      ...course(3),
      every: 7,
      lessons: course(3).lessons.map((one) => (one.day === 3 ? { ...one, after: 2 } : one)),
    }
    expect(dependsOnReaders(daily, weekly)).toBe(true)
    expect(changeOf(daily, weekly, readers, TODAY)).toMatchObject({
      schedule: {
        gaps: [
          { from: 1, to: 7, readers: 7 },
          { from: 1, to: 2, readers: 2 },
        ],
        completes: 4,
        starts: null,
      },
    })
    expect(dependsOnReaders(weekly, weekly)).toBe(false)
    expect(affectsWaitingReaders(daily, weekly)).toBe(true)
    expect(affectsWaitingReaders(weekly, { ...weekly, every: 1 })).toBe(false)
  })
})
