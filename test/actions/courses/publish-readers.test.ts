/** Readers in the middle of a course that changes, with the real planner, sender and database. */
import { cp, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readCourses } from '../../../src/content/courses.ts'
import { DAILY, folder, lesson } from '../../content/folder.ts'
import {
  another,
  blocked,
  came,
  courses,
  day,
  eachEdited,
  FILES,
  file,
  openLessons,
  reader,
  saved,
  subjects,
  test,
  write,
} from './edited.ts'

eachEdited()

describe('readers in the middle of a course', () => {
  it('get a lesson that was moved to an earlier place next, and none twice', async () => {
    await reader()
    await day('2027-03-20')
    await day('2027-03-21')
    for (const [from, to] of [
      ['04-four.md', 'x.md'],
      ['03-three.md', '04-three.md'],
      ['02-two.md', '03-two.md'],
      ['01-one.md', '02-one.md'],
      ['x.md', '01-four.md'],
    ] as const)
      await rename(file(from), file(to))
    await saved()
    await day('2027-03-22')
    await day('2027-03-23')
    await day('2027-03-24')
    expect(await came()).toEqual(['one on 20', 'two on 21', 'four on 22', 'three on 23'])
    expect((await subjects())[0]).toBe('Welcome')
  })

  it('get a new lesson from an earlier place next, unless it skips late readers', async () => {
    await reader()
    await day('2027-03-20')
    await day('2027-03-21')
    await rename(file('04-four.md'), file('06-four.md'))
    await rename(file('03-three.md'), file('05-three.md'))
    await rename(file('02-two.md'), file('04-two.md'))
    await write('02-new.md', lesson({ subject: 'New' }))
    await write('03-spared.md', lesson({ subject: 'Spared', late: 'skip' }))
    await saved()
    await reader('bob@example.com')
    for (const date of [22, 23, 24, 25, 26, 27]) await day(`2027-03-${date}`)
    const rows = await test.db
      .selectFrom('deliveries as d')
      .innerJoin('enrollments as e', 'e.id', 'd.enrollment_id')
      .innerJoin('subscribers as s', 's.id', 'e.subscriber_id')
      .select(['d.item', 's.address'])
      .where('d.kind', '=', 'lesson')
      .orderBy('d.due_at')
      .execute()
    const of = (who: string) =>
      rows.filter(({ address }) => address === who).map(({ item }) => item)
    expect(of('ada@example.com')).toEqual(['one', 'two', 'new', 'three', 'four'])
    expect(of('bob@example.com')).toEqual(['one', 'new', 'spared', 'two', 'three', 'four'])
  })

  it('do not get a lesson twice whose file is renamed with an alias', async () => {
    await reader()
    await day('2027-03-20')
    await rm(file('01-one.md'))
    await write('01-first.md', lesson({ subject: 'The first', aliases: '[one]' }))
    await rm(file('02-two.md'))
    await write('02-second.md', lesson({ subject: 'The second', aliases: '[two]' }))
    await saved()
    await day('2027-03-21')
    expect(await came()).toEqual(['one on 20', 'two on 21'])
    expect(await subjects()).toContain('The second')
  })

  it('are protected from a rename without an alias: it is blocked, and says what to write', async () => {
    await reader()
    await day('2027-03-20')
    await rename(file('01-one.md'), file('01-first.md'))
    await saved()
    expect(await blocked()).toEqual([
      expect.stringContaining(
        '1 reader would get lesson 1, “one” a second time (add aliases: [one] to it)',
      ),
    ])
    await day('2027-03-21')
    expect(await came()).toEqual(['one on 20', 'two on 21'])
  })

  it('do not lose a lesson until its author accepts it; then it is not sent even if planned', async () => {
    await reader()
    // Without a worker, so that the second lesson is planned and not sent.
    for (const date of ['2027-03-20', '2027-03-21']) {
      test.clock.set(`${date}T06:00:00Z`)
      await test.app.sender.plan()
      if (date.endsWith('20')) await test.app.sender.deliver(await openLessons())
    }
    await rm(file('02-two.md'))
    await rename(file('03-three.md'), file('02-three.md'))
    await rename(file('04-four.md'), file('03-four.md'))
    await reader('bob@example.com')
    await saved()
    expect(await blocked()).toEqual([
      expect.stringContaining('1 reader would never get lesson 2, “two”'),
    ])
    const { folders: found } = await readCourses(courses.path)
    expect(await test.app.author.courses.accept(found)).toEqual([])
    expect(await blocked()).toEqual([])
    await day('2027-03-21')
    await day('2027-03-22')
    expect((await came()).slice(0, 2)).toEqual([
      'one on 20',
      'two on 21, skipped: taken out of the course before it left',
    ])
    expect(await came()).toContain('three on 22')
  })

  it('keep getting a course whose folder is gone, until its removal is accepted', async () => {
    await using daily = await folder(DAILY)
    await reader()
    await rm(join(courses.path, 'c'), { recursive: true })
    await cp(daily.path, courses.path, { recursive: true })
    await saved()
    expect(await blocked()).toEqual([expect.stringContaining('c: its folder is gone')])
    await day('2027-03-20')
    const { folders: found } = await readCourses(courses.path)
    await test.app.author.courses.accept(found)
    expect([...test.app.series.keys()]).toEqual(['d'])
    await day('2027-03-21')
    expect(await came()).toEqual(['one on 20'])
    await using old = await folder(FILES)
    await using other = await another(old.path)
    expect((await other.app.author.courses.begin()).map(({ slug }) => slug)).toContain('c')
    expect([...other.app.series.keys()]).toEqual(['d'])
    await cp(old.path, courses.path, { recursive: true })
    await saved()
    await day('2027-03-22')
    expect(await came()).toEqual(['one on 20', 'two on 22'])
  })
})
