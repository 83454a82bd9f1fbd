/** Lessons that leave things out, and those that are not published yet. */
import { describe, expect, it } from 'vitest'
import { digestOf, filesOf, readCourses, readFiles } from '../../src/content/courses.ts'
import type { Course } from '../../src/domain/course.ts'
import { COURSE, type Files, folder, lesson, load, page, settings } from './folder.ts'

const lessonsOf = async (...texts: readonly [keys: Record<string, string>, body: string][]) => {
  const files = texts.map(([keys, body], index) => [
    `c/${index + 1}-day${index}.md`,
    page({ subject: `Day ${index}`, ...keys }, body),
  ])
  const [course] = await load({
    ...COURSE,
    'c/01-one.md': null,
    'c/02-two.md': null,
    ...Object.fromEntries(files),
  })
  return (course as Course).lessons
}

describe('a lesson with a subject and a text', () => {
  it('has its first sentence as its preheader, without slots and markup', async () => {
    const lessons = await lessonsOf(
      [{}, '## Not this\n\n*Dr.* "Ada" has [a spoon](https://x.example). And more.'],
      [{}, '{{#if firstName}}{{firstName}}, come{{else}}Come{{/if}} in\nnow! So.'],
      [{}, `${'words '.repeat(40)}end.`],
      [{}, '::: note\nUse `{{ x }}` or \\{{ y }}, *now*.\n:::'],
      [{}, '![A spoon](https://x.example/a.png)'],
      [{}, '***\n\n    code alone'],
      [{ preheader: 'Its own.' }, 'A text.'],
    )
    expect(lessons.map(({ preheader }) => preheader)).toEqual([
      'Dr. “Ada” has a spoon.',
      'Come in now!',
      `${'words '.repeat(23).trim()}…`,
      'Use \\{{ x }} or \\{{ y }}, now.',
      'A spoon',
      '',
      'Its own.',
    ])
  })

  it('has headings anywhere, and a practice only where it says so', async () => {
    const [plain, short, block] = await lessonsOf(
      [{}, '### Three\n\nA.\n\n## Two\n\nB.'],
      [{ minutes: '9' }, 'A[^1].\n\n## *Do* it\n\n1. B.[^2]\n\n## More\n\n[^1]: One.\n[^2]: Two.'],
      [
        {},
        '## Two\n\n::: practice 3 min: Look "here"\n> ::: note\n> x\n> :::\n\n```\n:::\n```\n:::\n\nEnd.',
      ],
    )
    expect([plain?.practice, plain?.practicesWithin, plain?.html]).toEqual([
      null,
      [],
      '<h3>Three</h3>\n<p>A.</p>\n<h2>Two</h2>\n<p>B.</p>',
    ])
    expect(short?.practice).toMatchObject({ title: 'Do it', minutes: 9 })
    expect([short?.html, short?.practice?.html]).toEqual([
      expect.stringMatching(
        /^<p>A<sup>1<\/sup>\.<\/p>[\s\S]*<p>One\.<\/p>\n<\/li>\n<\/ol>\n<\/div>$/,
      ),
      expect.stringMatching(/<sup>2<\/sup>[\s\S]*<h2>More<\/h2>[\s\S]*<li value="2"><p>Two\.<\/p>/),
    ])
    expect(block?.practicesWithin).toEqual(['Look “here”'])
    expect(block?.html).toContain('data-minutes="3"')
    expect(block?.html).toMatch(/:::\n<\/code><\/pre>\n<\/div>\n<p>End\.<\/p>$/)
  })
})

describe('a lesson that is not published', () => {
  const files: Files = {
    ...COURSE,
    'c/course.yaml': settings({
      parts: '[{title: A, from: 1, to: 2, summary: S}, {title: B, from: 3, to: 4, summary: S}]',
    }),
    'c/02-two.md': lesson({ subject: 'Two', draft: 'true', carry: "'TODO: a line'" }, '{{wrong}}'),
    'c/03-three.md': lesson({ subject: 'Three' }),
    'c/04-four.md': lesson({ subject: 'Four', publish: '2027-02-01' }),
  }
  const readOn = async (today: string) => {
    await using courses = await folder(files)
    const reading = { today: Temporal.PlainDate.from(today), of: 'published' } as const
    const [found] = (await readCourses(courses.path, reading)).folders
    if (!found) throw new Error('nothing was found')
    return found
  }
  const inShort = (series: unknown) => {
    const { lessons, parts } = series as Course
    return [
      lessons.map(({ day, name }) => `${day} ${name}`),
      parts.map(({ from, to }) => [from, to]),
    ]
  }

  it('counts as absent, and comes on its date', async () => {
    const [before, after] = [await readOn('2027-01-31'), await readOn('2027-02-01')]
    expect([before.faults, before.draft, before.comes]).toEqual([[], null, '2027-02-01'])
    expect(inShort(before.series)).toEqual([
      ['1 one', '2 three'],
      [
        [1, 1],
        [2, 2],
      ],
    ])
    expect(inShort(after.series)).toEqual([
      ['1 one', '2 three', '3 four'],
      [
        [1, 1],
        [2, 3],
      ],
    ])
    expect(after.comes).toBeNull()
    expect(before.waiting.map(({ reason }) => reason)).toEqual([
      'draft: true is set in c/02-two.md:7',
      'publish: 2027-02-01 is set in c/04-four.md:7, and it goes live then',
    ])
    expect(digestOf(before)).not.toBe(digestOf(after))
  })

  it('leaves the live version readable without it', async () => {
    const { faults, series } = readFiles('c', filesOf(await readOn('2027-01-31')))
    expect([faults, inShort(series)]).toEqual([
      [],
      [
        ['1 one', '2 three'],
        [
          [1, 1],
          [2, 2],
        ],
      ],
    ])
  })

  it('is still read for its author, with its faults', async () => {
    await using courses = await folder(files)
    const { folders, faults } = await readCourses(courses.path)
    expect(faults.map(({ file, rule }) => `${file} ${rule}`)).toEqual([
      'c/02-two.md slot',
      'c/02-two.md format',
    ])
    expect(folders[0]?.waiting.length).toBe(2)
  })

  it('holds its course back when there is no other', async () => {
    const later = { subject: 'One', publish: '2027-02-01' }
    await using courses = await folder({
      ...COURSE,
      'c/02-two.md': null,
      'c/01-one.md': lesson(later),
    })
    const { folders } = await readCourses(courses.path, { of: 'published' })
    expect(folders.map(({ draft, comes }) => [draft, comes])).toEqual([
      ['publish: 2027-02-01 is set in c/01-one.md:7, and it goes live then', '2027-02-01'],
    ])
  })

  it('is held back with a whole course until the course’s date', async () => {
    await using courses = await folder({
      ...COURSE,
      'c/course.yaml': settings({ publish: '"2027-02-01"' }),
    })
    const on = async (date: string) => {
      const reading = { today: Temporal.PlainDate.from(date), of: 'published' } as const
      return (await readCourses(courses.path, reading)).folders.map(({ draft, comes }) => [
        draft,
        comes,
      ])
    }
    expect(await on('2027-01-31')).toEqual([
      ['publish: 2027-02-01 is set in c/course.yaml:7, and it goes live then', '2027-02-01'],
    ])
    expect(await on('2027-02-01')).toEqual([[null, null]])
  })
})
