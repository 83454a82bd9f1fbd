import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { filesOf, readCourses, readFiles } from '../../src/content/courses.ts'
import {
  COURSE,
  DAILY,
  type Files,
  faultsOf,
  folder,
  lesson,
  letter,
  load,
  page,
  withLesson,
  without,
  withSettings,
} from './folder.ts'

describe('a folder of courses', () => {
  it('gives its series in order of their names', async () => {
    const series = await load({
      ...DAILY,
      ...COURSE,
      'README.md': 'Not a course.',
      '.git/course.yaml': 'x',
    })
    expect(series.map(({ kind, slug, title }) => [kind, slug, title])).toEqual([
      ['course', 'c', 'A title'],
      ['daily', 'd', 'A title'],
    ])
  })

  it('may contain files as Windows writes them', async () => {
    const windows = Object.entries(COURSE).map(([name, text]) => [
      name,
      `\uFEFF${text?.replaceAll('\n', '\r\n')}`,
    ])
    expect(await load(Object.fromEntries(windows))).toEqual(await load(COURSE))
  })

  it('has lessons with all their parts', async () => {
    const keys = { subject: 'It\'s "two"', question: 'Who -- you?' }
    const second = lesson(keys, 'Read *this*.\n\n## The "practice"\n\n1. Do it.\n')
    const [series] = await load(without('c/02-two.md', { 'c/02-the-second.md': second }))
    expect(series?.kind === 'course' && series.lessons[1]).toEqual({
      id: 'the-second',
      name: 'the-second',
      late: 'send',
      day: 2,
      subject: 'It’s “two”',
      preheader: 'A line',
      practicesWithin: [],
      question: 'Who – you?',
      carry: 'It is.',
      html: '<p>Read <em>this</em>.</p>',
      practice: { title: 'The “practice”', minutes: 10, html: '<ol>\n<li>Do it.</li>\n</ol>' },
    })
  })

  it('may have a look and weekdays of its own, in any order and case', async () => {
    const theme = '\n  light: { accent: "#17607A" }\n  footer: Two -- "words"'
    const [series] = await load(withSettings({ theme, weekdays: '[Friday, Monday, Friday]' }))
    expect(series).toMatchObject({
      theme: { light: { accent: '#17607a' }, footer: 'Two – “words”' },
      weekdays: [1, 5],
    })
    const [plain] = await load(COURSE)
    expect(plain && ['theme' in plain, 'weekdays' in plain]).toEqual([false, false])
  })

  it('cannot inject markup of its own', async () => {
    const body = '<script>alert(1)</script> <b>x</b>\n\n## A practice\n\n[x](javascript:alert)\n'
    const [series] = await load(withLesson({}, body))
    const second = series?.kind === 'course' ? series.lessons[1] : undefined
    expect(second?.html).toBe('<p>&lt;script&gt;alert(1)&lt;/script&gt; &lt;b&gt;x&lt;/b&gt;</p>')
    expect(second?.practice?.html).toBe('<p>[x](javascript:alert)</p>')
  })

  it('keeps slots for a person’s data as they are', async () => {
    const welcome = page({ subject: 'Hi', preheader: 'Hi' }, '{{firstName}}')
    const [series] = await load({ ...COURSE, 'c/welcome.md': welcome })
    expect(series?.welcome.html).toBe('<p>{{firstName}}</p>')
  })

  it('has all its faults reported at once', async () => {
    const faults = await faultsOf({
      ...COURSE,
      'c/01-one.md': lesson({ subject: null, minutes: null }),
      'c/02-two.md': lesson({}, 'Read.\n\n### H\n\n## P\n'),
      'c/completion.md': null,
      'c/notes.md': 'x',
      ...DAILY,
      'd/01-january.md': 'Hello.\n\n## First\n\n## First\nText.',
      'Third one/welcome.md': letter,
      'fourth/welcome.md': letter,
    })
    expect(faults.map((fault) => fault.replace(/ .*/s, ''))).toEqual([
      'Third',
      'c/01-one.md:2',
      'c/02-two.md:12',
      'c/completion.md:1',
      'c/notes.md:1',
      'd/01-january.md:1',
      'd/01-january.md:3',
      'd/01-january.md:5',
      'fourth/course.yaml:1',
    ])
  })
})

describe('a series', () => {
  const one: Files = { ...COURSE, 'c/03-three.md': lesson({ subject: 'Three, of the same' }) }
  const filesIn = async (files: Files) => {
    await using courses = await folder(files)
    const { folders } = await readCourses(courses.path)
    return folders[0] ? filesOf(folders[0]) : {}
  }

  it('that is live is parsed once for itself and its folder', async () => {
    const live = readFiles('e', await filesIn({ ...one, 'c/04-four.md': lesson({ subject: 'E' }) }))
    await using courses = await folder({ ...one, 'c/04-four.md': lesson({ subject: 'E' }) })
    await rename(join(courses.path, 'c'), join(courses.path, 'e'))
    const { folders } = await readCourses(courses.path)
    expect(folders[0]?.series).toBe(live.series)
  })

  it('with the same files is judged anew as a live version and as a folder', async () => {
    const { '02-two.md': _, ...gap } = await filesIn(one)
    expect(readFiles('c', gap).faults).toEqual([])
    await using courses = await folder({ ...one, 'c/02-two.md': null })
    const { faults } = await readCourses(courses.path)
    expect(faults.map(({ file }) => file)).toEqual(['c/03-three.md'])
  })
})
