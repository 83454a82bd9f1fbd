/** What an author learns before a change takes effect. */
import { execFile } from 'node:child_process'
import { rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type DiffOptions, diff } from '../../src/cli/diff.ts'
import { COURSE, DAILY, type Folder, folder, lesson, settings } from '../content/folder.ts'
import { enrolled, type TestApp, testApp } from '../support/app.ts'

let test: TestApp
let live: Folder
beforeAll(async () => {
  live = await folder({ ...COURSE, ...DAILY })
  test = await testApp({ coursesDir: live.path })
  for (const who of ['ada', 'bob', 'cy']) {
    await enrolled(test, { email: `${who}@example.com`, series: ['c', 'd'] })
  }
  test.clock.set('2027-03-20T06:00:00Z')
  await test.settle()
  await enrolled(test, { email: 'dan@example.com', series: ['c'] })
})
afterAll(async () => {
  await test?.[Symbol.asyncDispose]()
  await live?.[Symbol.asyncDispose]()
})

let courses: Folder
beforeEach(async () => {
  courses = await folder({ ...COURSE, ...DAILY })
  return () => courses[Symbol.asyncDispose]()
})
const file = (name: string) => join(courses.path, name)
async function told(options: Partial<DiffOptions> = {}) {
  const lines: string[] = []
  const fine = await diff(test.app.config, { courses: courses.path, ...options }, (text) =>
    lines.push(text),
  )
  return { fine, text: lines.join('\n') }
}

describe('diff', () => {
  it('says that nothing has changed', async () => {
    expect(await told()).toEqual({ fine: true, text: 'Nothing has changed.' })
  })

  it('shows what readers get next when a lesson is inserted, and that this is safe', async () => {
    await rename(file('c/02-two.md'), file('c/03-two.md'))
    await rename(file('c/01-one.md'), file('c/02-one.md'))
    await writeFile(file('c/01-new.md'), lesson({ subject: 'New' }))
    const { fine, text } = await told()
    expect(fine).toBe(true)
    expect(text.split('\n')).toEqual([
      'A title (c) changes; 4 readers in progress',
      '  new       lesson 1, “New”',
      '  next      3 readers: lesson 1, “New”, instead of lesson 2, “Two”',
      '  next      1 reader: lesson 1, “New”, instead of lesson 1, “One”',
      '  late      3 readers who are past it get lesson 1, “New” next (add late: skip to it to prevent that)',
      '',
      'It is safe, and goes live as soon as it is saved where a worker runs.',
    ])
  })

  it('shows how many readers a changed schedule affects, and how', async () => {
    const withKeys = async (keys: Record<string, string>) => {
      await writeFile(file('c/course.yaml'), settings(keys))
      const { fine, text } = await told()
      return [fine, ...text.split('\n').slice(1, -2)]
    }
    expect(await withKeys({ every: '1 week' })).toEqual([
      true,
      '  gap       3 readers: 7 days instead of 1 day',
    ])
    const starts = '[2027-04-05, 2027-03-29]'
    expect(await withKeys({ starts, open: 'true' })).toEqual([
      true,
      `  starts    2027-04-05, 2027-03-29`,
    ])
  })

  it('counts readers whose start date is removed, and those who complete a closed course', async () => {
    const weekly = settings({ every: '3 days', open: 'true', starts: '[2027-04-05]' })
    await using growing = await folder({ ...COURSE, 'c/course.yaml': weekly })
    await using site = await testApp({ coursesDir: growing.path })
    await enrolled(site, { series: ['c'] })
    const { first } = await enrolled(site, { email: 'bob@example.com', series: ['c'] })
    for (const at of ['2027-03-20T06:00:00Z', '2027-03-22T06:00:00Z']) {
      site.clock.set(at)
      await site.app.reader.sendNow(first.id)
      await site.settle()
    }
    await writeFile(file('c/course.yaml'), settings({ starts: '[2027-04-12]' }))
    const lines: string[] = []
    await diff(site.app.config, { courses: courses.path }, (text) => lines.push(text))
    expect(lines.join('\n').split('\n')).toEqual(
      expect.arrayContaining([
        '  closed    1 reader: the closing letter, instead of waiting for more',
        '  starts    2027-04-12',
        '  moved     1 reader: another start, because theirs is gone',
      ]),
    )
  })

  it('fails, and shows which lessons readers would never get or get twice', async () => {
    await rm(file('c/02-two.md'))
    await rename(file('c/01-one.md'), file('c/01-first.md'))
    const { fine, text } = await told()
    expect(fine).toBe(false)
    expect(text).toContain(
      '  TWICE     3 readers would get lesson 1, “One” again, which they received as one.md (add aliases: [one] to it)',
    )
    expect(text).toContain('  NEVER     4 readers would never get lesson 2, “Two”')
    expect(text).toContain('Blocked: c. The live version stays.')
  })

  it('prints JSON as well', async () => {
    await rm(file('c/02-two.md'))
    const { fine, text } = await told({ json: true })
    expect(fine).toBe(false)
    expect(JSON.parse(text).series).toMatchObject([
      {
        slug: 'c',
        state: 'changed',
        readers: 4,
        blocked: true,
        change: { never: [{ lesson: { id: 'two', day: 2, subject: 'Two' }, readers: 4 }] },
      },
      { slug: 'd', state: 'same', blocked: false },
    ])
  })

  it('reports a broken course, a removed one, and the changed texts of a daily', async () => {
    await writeFile(file('c/02-two.md'), 'no front matter')
    await writeFile(file('d/01-january.md'), '## Second\nMore text.\n\n## First\nSome text.\n')
    const { fine, text } = await told()
    expect(fine).toBe(false)
    expect(text).toContain(
      'A title (c) cannot be used; 4 readers in progress\n  courses/c/02-two.md:1 does not start with',
    )
    expect(text).toContain('  texts     30 of the next 30 dates have another text')
    await rm(file('c'), { recursive: true })
    expect((await told()).text).toContain(
      'A title (c) is no longer in the folder; 4 readers in progress',
    )
  })

  it('compares with the folder as it was at a commit', async () => {
    const git = (...args: string[]) => promisify(execFile)('git', ['-C', courses.path, ...args])
    await expect(told({ ref: 'HEAD' })).rejects.toMatchObject({ code: 'invalid' })
    await git('init', '-q')
    await rm(file('c/02-two.md'))
    await git('add', '.')
    await git(
      '-c',
      'user.name=A test',
      '-c',
      'user.email=test@example.com',
      'commit',
      '-q',
      '-m',
      'One lesson',
    )
    await writeFile(file('c/02-two.md'), lesson({ subject: 'Two' }))
    expect((await told({ ref: 'HEAD' })).text).toContain('  new       lesson 2, “Two”')
    expect((await told()).text).toBe('Nothing has changed.')
    await expect(told({ ref: 'nowhere' })).rejects.toThrow('git does not know "nowhere" there')
    await expect(told({ ref: '--help' })).rejects.toThrow('git does not know "--help" there')
    await expect(told({ ref: 'HEAD', accept: true })).rejects.toMatchObject({ code: 'invalid' })
  })

  it('publishes accepted changes, whatever their effect, except broken ones', async () => {
    await writeFile(file('d/01-january.md'), 'Text before its first heading')
    await rm(file('c/02-two.md'))
    const { fine, text } = await told({ accept: true })
    expect([fine, text.split('\n').at(-1)]).toEqual([false, 'Not made live: d.'])
    await test.app.author.courses.live.refresh()
    expect(test.app.series.get('c')).toMatchObject({ lessons: [{ id: 'one' }] })
    expect(test.app.series.get('d')).toMatchObject({ inspirations: [{}, {}] })
  })
})
