/** A new course is complete: it loads and passes the check. */
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
  it('is complete: three days that pass the check', async () => {
    const said: string[] = []
    await newCourse('morning-pages', { courses }, (text) => said.push(text))
    expect(said.join()).toContain('01-one-thing-only.md')
    const [course] = await loadCourses(courses)
    expect(course).toMatchObject({ slug: 'morning-pages', title: 'Morning Pages', kind: 'course' })
    expect(course?.kind === 'course' && course.lessons).toHaveLength(3)
    expect((await checkFolder({ courses })).findings).toEqual([])
  })

  it('has the given title, whatever characters it contains', async () => {
    await newCourse('pages', { courses, title: 'Pages: "yours", & mine' }, quiet)
    await newCourse('prices', { courses, title: 'What $& and $1 cost' }, quiet)
    const [pages, prices] = await loadCourses(courses)
    expect(pages?.title).toBe('Pages: “yours”, & mine')
    expect(prices?.title).toBe('What $& and $1 cost')
  })

  it.each(['Morning', 'morning_pages', '../pages', '-pages', ''])(
    'is not created as "%s"',
    async (slug) => {
      await expect(newCourse(slug, { courses }, quiet)).rejects.toMatchObject({ code: 'invalid' })
      expect(await readdir(courses)).toEqual([])
    },
  )

  it('leaves an existing folder as it is', async () => {
    await newCourse('pages', { courses }, quiet)
    const file = join(courses, 'pages', '01-one-thing-only.md')
    await writeFile(file, 'mine')
    await expect(newCourse('pages', { courses }, quiet)).rejects.toThrow('Nothing was written')
    expect(await readFile(file, 'utf8')).toBe('mine')
  })

  it('that cannot be written leaves no partial files', async () => {
    const long = 'a'.repeat(300)
    await expect(newCourse(long, { courses }, quiet)).rejects.toMatchObject({ code: 'unavailable' })
    expect(await readdir(courses)).toEqual([])
  })
})

describe('a new letter', () => {
  it('is complete: it passes the check, and is a draft until its draft line is removed', async () => {
    const begun = await command(['new', 'letter', 'new-texts', '--courses', courses])
    expect([begun.code, begun.stdout]).toEqual([0, expect.stringContaining('welcome.md')])
    expect((await checkFolder({ courses })).findings).toEqual([])
    const [letter] = await loadCourses(courses)
    expect(letter).toMatchObject({ kind: 'letter', title: 'New Texts', weekdays: [7] })
    const drafts = (await readCourses(courses)).folders.map(({ draft }) => draft)
    expect(drafts).toEqual([expect.stringContaining('draft: true is set')])
  })

  it('cannot be imported with --from', async () => {
    const refused = await command(['new', 'letter', 'x', '--courses', courses, '--from', courses])
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('for a letter')])
    expect(await readdir(courses)).toEqual([])
  })
})
