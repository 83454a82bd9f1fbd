import { describe, expect, it } from 'vitest'
import { consentWording } from '../../src/domain/consent.ts'
import { WEEKDAYS, type Weekday } from '../../src/domain/rhythm.ts'
import { english } from '../../src/locales/locale.ts'
import { course, daily, newsletter } from './make.ts'

describe('the words of consent', () => {
  it.each([
    [7, null, 'at most once a week, when there is something new, on the days I choose'],
    [1, WEEKDAYS, 'at most once a day, when there is something new'],
    [14, [7], 'at most once every 2 weeks, when there is something new, on these days: Sunday'],
    [3, WEEKDAYS, 'at most once every 3 days, when there is something new'],
  ] as const)('say how often a letter may come, every %s days on %s', (every, days, pace) => {
    expect(
      consentWording([newsletter(every)], { sender: 'Dawnpost', locale: english, days }),
    ).toContain(`emails me A letter, ${pace}. I can`)
  })

  it('name the course, its length and the sender', () => {
    expect(
      consentWording([course(30, 'Inner Wisdom')], { sender: 'Dawnpost', locale: english }),
    ).toBe(
      'I agree that Dawnpost emails me the 30 lessons of Inner Wisdom, one a day on the days I choose. I can change this or unsubscribe from any email.',
    )
  })

  it('name what can be checked besides, as a choice', () => {
    expect(
      consentWording([course(30, 'Inner Wisdom'), daily(60, 'The Daily')], {
        sender: 'Dawnpost',
        locale: english,
      }),
    ).toContain(
      'the 30 lessons of Inner Wisdom, one a day on the days I choose, and, if I checked the box, The Daily, one every day.',
    )
  })

  it('name a daily that comes alone', () => {
    expect(
      consentWording([daily(60, 'The Daily')], { sender: 'Ada’s mornings', locale: english }),
    ).toContain('I agree that Ada’s mornings emails me The Daily, one a day on the days I choose.')
  })

  it('name the days where the form does not ask for them', () => {
    const wording = (days: readonly Weekday[]) =>
      consentWording([daily(60, 'The Daily')], { sender: 'Dawnpost', locale: english, days })
    expect(wording(WEEKDAYS)).toContain('emails me The Daily, one every day.')
    expect(wording([1, 2, 3, 4, 5])).toContain('emails me The Daily, one a day, Monday to Friday.')
  })
})
