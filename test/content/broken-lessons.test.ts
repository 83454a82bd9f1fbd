import { describe, expect, it } from 'vitest'
import { COURSE, faultsOf, lesson, page, reportsEach, withLesson, without } from './folder.ts'

const file = 'c/02-two.md'
const long = 'x'.repeat(301)

describe('a lesson is refused for', () => {
  reportsEach([
    [
      'having no front matter',
      { ...COURSE, [file]: 'Read.' },
      `${file}:1`,
      /put its keys between two lines of ---/,
    ],
    [
      'having no subject',
      withLesson({ subject: null }),
      `${file}:2`,
      /subject: is missing; write one line/,
    ],
    [
      'a long subject',
      withLesson({ subject: long }),
      `${file}:2`,
      /subject: is too long; keep it to 70/,
    ],
    [
      'a subject of two lines',
      withLesson({ subject: '"A\\nBcc: b@c.example"' }),
      `${file}:2`,
      /a single line/,
    ],
    [
      'a gap before the first',
      { ...COURSE, 'c/01-one.md': lesson({ subject: 'One', after: '2 days' }) },
      'c/01-one.md:7',
      /after: there is no lesson before the first/,
    ],
    [
      'a gap of nothing',
      withLesson({ after: '0 days' }),
      `${file}:7`,
      /after: must be a number of days or weeks/,
    ],
    [
      'a long preheader',
      withLesson({ preheader: long }),
      `${file}:3`,
      /preheader: is too long; keep it to 140/,
    ],
    [
      'a long question',
      withLesson({ question: long }),
      `${file}:5`,
      /question: is too long; keep it to 300/,
    ],
    [
      'a long line to carry',
      withLesson({ carry: long }),
      `${file}:6`,
      /carry: is too long; keep it to 140/,
    ],
    [
      'an unknown key',
      withLesson({ day: '2' }),
      `${file}:7`,
      /day: is not a known key; remove or rename it/,
    ],
    ['having no text', withLesson({ minutes: null }, '\n'), `${file}:7`, /has no text/],
    [
      'minutes without a practice',
      withLesson({}, 'Read.'),
      `${file}:4`,
      /minutes: is given, but there is no practice; add a heading "## Its title"/,
    ],
    [
      'minutes beside a block',
      withLesson({}, 'Read.\n\n::: practice\nDo.\n:::\n'),
      `${file}:4`,
      /write ::: practice 10 minutes instead/,
    ],
    [
      'a practice without steps',
      withLesson({}, 'Read.\n\n## P\n'),
      `${file}:10`,
      /has a practice without steps/,
    ],
    [
      'a block left open',
      withLesson({}, 'Read.\n\n## P\n\n> ::: note\n> Do.\n\nMore.'),
      `${file}:12`,
      /not closed; write ::: on a line of its own/,
    ],
    [
      'a block that is none',
      withLesson({}, 'Read.\n\n## P\n\n::: warning\nDo.\n:::'),
      `${file}:12`,
      /has an unknown block "warning"; write ::: note/,
    ],
    [
      'the end of no block',
      withLesson({}, 'Read.\n\n## P\n\nDo.\n:::'),
      `${file}:13`,
      /ends a block that was never opened/,
    ],
    [
      'a button without a link',
      withLesson({}, 'Read.\n\n## P\n\n::: button\nPress.\n:::'),
      `${file}:12`,
      /a button without its link/,
    ],
    [
      'a video without a picture',
      withLesson({}, 'Read.\n\n## P\n\n::: video\n[See](https://x.example)\n:::'),
      `${file}:12`,
      /a video without its picture/,
    ],
    ['a date that is none', withLesson({ publish: '2027-02-30' }), `${file}:7`, /not a date/],
  ])
})

describe('lessons are refused for', () => {
  const more = (name: string) => ({ ...COURSE, [name]: lesson() })

  reportsEach([
    [
      'a gap between days',
      without(file, { 'c/03-two.md': lesson() }),
      'c/03-two.md:1',
      /03 where day 2 should come/,
    ],
    [
      'a day twice',
      more('c/02-zwei.md'),
      'c/02-zwei.md:1',
      /02 where day 3 should come; number lessons from 01/,
    ],
    [
      'being none',
      without(file, { 'c/01-one.md': null }),
      'c/course.yaml:1',
      /add a file like 01-a-title\.md/,
    ],
    [
      'a subject twice',
      withLesson({ subject: 'One' }),
      `${file}:2`,
      /the same as on day 1; use a different one for each lesson/,
    ],
    ['a file that is nothing', more('c/two.md'), 'c/two.md:1', /name lessons like 07-a-title\.md/],
    [
      'settings that are nothing',
      { ...COURSE, 'c/more.yaml': 'x: 1' },
      'c/more.yaml:1',
      /not part of a course/,
    ],
  ])

  it('a name used twice, in both files', async () => {
    expect(await faultsOf(without(file, { 'c/02-one.md': lesson({ subject: 'Two' }) }))).toEqual([
      'c/01-one.md:1 repeats the name "one"; rename one',
      'c/02-one.md:1 repeats the name "one"; rename one',
    ])
  })
})

describe('the author is told', () => {
  it('the line of a subject used twice', async () => {
    const keys = { preheader: 'A line', minutes: '10', question: 'Q?', carry: 'C.', subject: 'One' }
    expect(await faultsOf({ ...COURSE, [file]: page(keys, 'Read.\n\n## P\n\nDo.') })).toEqual([
      expect.stringMatching(/^c\/02-two\.md:6 subject: is the same as on day 1/),
    ])
  })

  it('the file of a subject used twice, when a day is missing too', async () => {
    const faults = await faultsOf(without(file, { 'c/04-four.md': lesson({ subject: 'One' }) }))
    expect(faults).toEqual([
      expect.stringMatching(/^c\/04-four\.md:1 has number 04/),
      expect.stringMatching(/^c\/04-four\.md:2 subject: is the same/),
    ])
  })

  it('that minutes are unusable, not missing', async () => {
    const told = await Promise.all(
      ['500', '0', '7.5', 'ten'].map((minutes) => faultsOf(withLesson({ minutes }))),
    )
    expect(told.flat().filter((fault) => fault.includes('is missing'))).toEqual([])
    expect(told.flat()).toHaveLength(4)
  })

  it('that a practice has no title', async () => {
    expect(await faultsOf(withLesson({}, 'Read.\n\n##\n\nDo.'))).toEqual([
      expect.stringMatching(/^c\/02-two\.md:10 /),
    ])
  })
})
