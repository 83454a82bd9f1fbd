/** A course that is begun is whole: it loads, and the check finds nothing in it. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { checkFolder } from '../../src/app/checker.ts'
import { newCourse } from '../../src/cli/new-course.ts'
import { loadCourses, readCourses } from '../../src/content/courses.ts'
import { command } from '../support/program.ts'

let courses: string
beforeEach(async () => {
  courses = await mkdtemp(join(tmpdir(), 'dawnpost-new-'))
})
afterEach(() => rm(courses, { recursive: true }))

const quiet = () => {}

describe('a new course', () => {
  it('is complete: three days that the check finds nothing in', async () => {
    const said: string[] = []
    await newCourse('morning-pages', { courses }, (text) => said.push(text))
    expect(said.join()).toContain('01-one-thing-only.md')
    const [course] = await loadCourses(courses)
    expect(course).toMatchObject({ slug: 'morning-pages', title: 'Morning Pages', kind: 'course' })
    expect(course?.kind === 'course' && course.lessons).toHaveLength(3)
    expect((await checkFolder({ courses })).findings).toEqual([])
  })

  it('has the title that is given, whatever stands in it', async () => {
    await newCourse('pages', { courses, title: 'Pages: "yours", & mine' }, quiet)
    await newCourse('prices', { courses, title: 'What $& and $1 cost' }, quiet)
    const [pages, prices] = await loadCourses(courses)
    expect(pages?.title).toBe('Pages: “yours”, & mine')
    expect(prices?.title).toBe('What $& and $1 cost')
  })

  it.each(['Morning', 'morning_pages', '../pages', '-pages', ''])(
    'is not begun as "%s"',
    async (slug) => {
      await expect(newCourse(slug, { courses }, quiet)).rejects.toMatchObject({ code: 'invalid' })
      expect(await readdir(courses)).toEqual([])
    },
  )

  it('leaves a folder that is there as it is', async () => {
    await newCourse('pages', { courses }, quiet)
    const file = join(courses, 'pages', '01-one-thing-only.md')
    await writeFile(file, 'mine')
    await expect(newCourse('pages', { courses }, quiet)).rejects.toThrow('Nothing was written')
    expect(await readFile(file, 'utf8')).toBe('mine')
  })

  it('that cannot be written leaves nothing half-written', async () => {
    const long = 'a'.repeat(300)
    await expect(newCourse(long, { courses }, quiet)).rejects.toMatchObject({ code: 'unavailable' })
    expect(await readdir(courses)).toEqual([])
  })
})

describe('a new letter', () => {
  it('is complete: one that the check finds nothing in, for readers once its draft line is gone', async () => {
    const begun = await command(['new', 'letter', 'new-texts', '--courses', courses])
    expect([begun.code, begun.stdout]).toEqual([0, expect.stringContaining('welcome.md')])
    expect((await checkFolder({ courses })).findings).toEqual([])
    const [letter] = await loadCourses(courses)
    expect(letter).toMatchObject({ kind: 'letter', title: 'New Texts', weekdays: [7] })
    const drafts = (await readCourses(courses)).folders.map(({ draft }) => draft)
    expect(drafts).toEqual([expect.stringContaining('draft: true is set')])
  })

  it('is made of nothing else', async () => {
    const refused = await command(['new', 'letter', 'x', '--courses', courses, '--from', courses])
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('for a letter')])
    expect(await readdir(courses)).toEqual([])
  })
})
