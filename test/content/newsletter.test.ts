/** A letter about new articles in a folder: its settings and its welcome. */
import { describe, expect, it } from 'vitest'
import { letters } from '../support/letters.ts'
import { faultsOf, load, reportsEach } from './folder.ts'

it('a letter consists of its settings and its welcome', async () => {
  const [series] = await load(letters({ every: '2 weeks', weekdays: '[Sunday]' }))
  expect(series).toMatchObject({
    kind: 'letter',
    slug: 'l',
    title: 'New here',
    every: 14,
    weekdays: [7],
    welcome: { subject: 'Welcome' },
  })
  expect(await faultsOf(letters())).toEqual([])
})

describe('a letter is refused for', () => {
  reportsEach([
    ['no welcome', { ...letters(), 'l/welcome.md': null }, 'l/welcome.md:1', /is missing/],
    [
      'a text',
      { ...letters(), 'l/01-one.md': 'One.\n' },
      'l/01-one.md:1',
      /is not part of a letter/,
    ],
    [
      'a gap that is none',
      letters({ every: 'Sunday' }),
      'l/course.yaml:7',
      /every: must be a number of days/,
    ],
    ['what only courses have', letters({ open: 'true' }), 'l/course.yaml:7', /open/],
  ])
})
