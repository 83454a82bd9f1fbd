import { mkdir, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadCourses } from '../../src/content/courses.ts'
import { COURSE, DAILY, folder, without } from './folder.ts'

describe('the courses folder', () => {
  it('that is missing is reported with its path and what to do', async () => {
    await using empty = await folder({ 'README.md': 'x' })
    const missing = join(empty.path, 'courses')
    await expect(loadCourses(missing)).rejects.toMatchObject({
      name: 'Problem',
      message: `There is no courses folder at ${missing}. Create it, with one folder in it for each course.`,
    })
  })

  it('that is a file is reported as well', async () => {
    await using files = await folder({ courses: 'x' })
    await expect(loadCourses(join(files.path, 'courses'))).rejects.toMatchObject({
      name: 'Problem',
      message: expect.stringMatching(/^The courses folder \S+ cannot be read: ENOTDIR/),
    })
  })

  it('that is empty is reported with what belongs in it', async () => {
    await using empty = await folder({ 'README.md': 'x' })
    await expect(loadCourses(empty.path)).rejects.toThrow(
      'contains no course; create a folder with a course.yaml',
    )
  })
})

describe('a symbolic link', () => {
  it('to a course or a lesson counts as what it leads to', async () => {
    await using elsewhere = await folder({ ...COURSE, ...DAILY })
    await using courses = await folder(without('c/02-two.md'))
    await symlink(join(elsewhere.path, 'd'), join(courses.path, 'd'))
    await symlink(join(elsewhere.path, 'c/02-two.md'), join(courses.path, 'c/02-two.md'))
    expect(await loadCourses(courses.path)).toEqual(await loadCourses(elsewhere.path))
  })

  it('to a file beside the courses is no course', async () => {
    await using courses = await folder({ ...COURSE, '.notes/x.txt': 'x' })
    await symlink(join(courses.path, '.notes/x.txt'), join(courses.path, 'notes'))
    expect((await loadCourses(courses.path)).map(({ slug }) => slug)).toEqual(['c'])
  })

  it('that leads nowhere is reported, for a course as for a lesson', async () => {
    await using courses = await folder(without('c/02-two.md'))
    await symlink(join(courses.path, 'gone'), join(courses.path, 'd'))
    await symlink(join(courses.path, 'gone.md'), join(courses.path, 'c/02-two.md'))
    await expect(loadCourses(courses.path)).rejects.toMatchObject({
      faults: [
        {
          file: 'd',
          message: expect.stringMatching(/^cannot be read: ENOENT.*; fix the link or remove it$/),
        },
        { file: 'c/02-two.md', message: expect.stringMatching(/^cannot be read: ENOENT/) },
      ],
    })
  })
})

it('a folder with the name of a lesson is reported, not thrown', async () => {
  await using courses = await folder(without('c/02-two.md'))
  await mkdir(join(courses.path, 'c/02-two.md'))
  await expect(loadCourses(courses.path)).rejects.toThrow('c/02-two.md:1 cannot be read: EISDIR')
})
