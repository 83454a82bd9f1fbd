/**
 * A course changes while readers are in the middle of it, with the real planner, sender and
 * database.
 */
import { cp, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readCourses } from '../../../src/content/courses.ts'
import { DAILY, folder, lesson } from '../../content/folder.ts'
import { openStatements } from '../../support/statements.ts'
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

describe('a course that is edited', () => {
  it('is published without a restart, and readers get the new text', async () => {
    await reader()
    await day('2027-03-20')
    await write('02-two.md', lesson({ subject: 'Two, better' }))
    await saved()
    await day('2027-03-21')
    expect(await came()).toEqual(['one on 20', 'two on 21'])
    expect(await subjects()).toContain('Two, better')
    expect((await test.app.operator.status()).courses).toMatchObject({ c: { version: 2 } })
  })

  it('is not published while it is being saved', async () => {
    await write('02-two.md', lesson({ subject: 'Half' }))
    await test.app.author.courses.follow()
    await write('02-two.md', lesson({ subject: 'Whole now' }))
    await test.app.author.courses.follow()
    expect((await test.app.operator.status()).courses).toMatchObject({ c: { version: 1 } })
    await test.app.author.courses.follow()
    expect((await test.app.operator.status()).courses).toMatchObject({ c: { version: 2 } })
  })

  it('stays at its last good version while broken, is reported, and is published once fixed', async () => {
    await reader()
    await write('02-two.md', 'no front matter')
    await write('01-one.md', lesson({ subject: 'One, better' }))
    await saved()
    expect(await blocked()).toEqual([
      expect.stringMatching(/^c: c\/02-two\.md:1 does not start with front matter/),
    ])
    await day('2027-03-20')
    await day('2027-03-21')
    expect((await subjects()).toSorted()).toEqual(['Welcome', 'one', 'two'])
    await write('02-two.md', lesson({ subject: 'Two, better' }))
    await saved()
    expect(await blocked()).toEqual([])
    expect((await test.app.operator.status()).courses).toMatchObject({ c: { version: 2 } })
  })

  it('is no longer blocked once its broken folder is removed', async () => {
    await using broken = await folder({ 'b/course.yaml': 'kind: course' })
    await cp(broken.path, courses.path, { recursive: true })
    await saved()
    expect(await blocked()).toEqual([expect.stringMatching(/^b: /)])
    await rm(join(courses.path, 'b'), { recursive: true })
    await saved()
    expect(await blocked()).toEqual([])
  })

  it('does not keep other courses from being published while broken', async () => {
    await using daily = await folder(DAILY)
    await write('02-two.md', 'no front matter')
    await cp(daily.path, courses.path, { recursive: true })
    await saved()
    expect([...test.app.series.keys()]).toEqual(['c', 'd'])
  })
})

describe('several processes', () => {
  it('send what is live, whatever their own folder contains', async () => {
    await using theirs = await folder(FILES)
    await using other = await another(theirs.path)
    await reader()
    await write('01-one.md', lesson({ subject: 'One, better' }))
    await saved()
    other.clock.set('2027-03-20T06:00:00Z')
    test.clock.set('2027-03-20T06:00:00Z')
    await other.app.sender.plan()
    await other.app.sender.deliver(await openLessons())
    expect(await subjects()).toContain('One, better')
  })

  it('record a lesson that was moved while planned under the day its mail states', async () => {
    await reader()
    test.clock.set('2027-03-20T06:00:00Z')
    await test.app.sender.plan()
    await rename(file('01-one.md'), file('0-one.md'))
    await rename(file('02-two.md'), file('01-two.md'))
    await rename(file('0-one.md'), file('02-one.md'))
    await test.app.author.courses.accept((await readCourses(courses.path)).folders)
    await test.app.sender.deliver(await openLessons())
    const row = test.db.selectFrom('deliveries').select('day').where('item', '=', 'one')
    expect(await row.execute()).toEqual([{ day: 2 }])
  })

  it('do not go back to an old copy at startup', async () => {
    await write('01-one.md', lesson({ subject: 'One, better' }))
    await saved()
    await using old = await folder(FILES)
    await using other = await another(old.path)
    expect(await other.app.author.courses.begin()).toEqual([
      { slug: 'c', reason: expect.stringContaining('an older version that was live before') },
    ])
    expect((await test.app.operator.status()).courses).toMatchObject({ c: { version: 2 } })
  })

  it('go back to an older text if an author does so while they run', async () => {
    await write('01-one.md', lesson({ subject: 'One, worse' }))
    await saved()
    await write('01-one.md', lesson({ subject: 'one' }))
    await saved()
    expect(await blocked()).toEqual([])
    expect((await test.app.operator.status()).courses).toMatchObject({ c: { version: 3 } })
  })

  it('start with what is live if their folder is broken', async () => {
    await using broken = await folder({ ...FILES, 'c/01-one.md': 'no front matter' })
    await using other = await another(broken.path)
    expect(await other.app.author.courses.begin()).toMatchObject([{ slug: 'c' }])
    expect([...other.app.series.keys()]).toEqual(['c'])
  })

  it('publish a change once, however many of them see it', async () => {
    await using other = await another(courses.path)
    await write('01-one.md', lesson({ subject: 'One, better' }))
    await Promise.all([test.app.author.courses.follow(), other.app.author.courses.follow()])
    await Promise.all([test.app.author.courses.follow(), other.app.author.courses.follow()])
    expect((await test.app.operator.status()).courses).toMatchObject({ c: { version: 2 } })
  })

  it('compare a change with readers’ histories once, however many of them see it', async () => {
    using statements = openStatements()
    await using one = await another(courses.path)
    await using two = await another(courses.path)
    await reader()
    await rm(file('04-four.md'))
    const follow = () => Promise.all([one, two].map(({ app }) => app.author.courses.follow()))
    await follow()
    const sent = await statements.during(test.app.databaseUrl, follow)
    expect(sent.filter((text) => text.includes('hashtextextended'))).toHaveLength(1)
    expect(await blocked()).toEqual([expect.stringContaining('c: 1 reader')])
    await write('04-four.md', lesson({ subject: 'four' }))
    await follow()
    await follow()
    expect(await blocked()).toEqual([])
  })

  it('do not query what readers have had for an edit of text only', async () => {
    using statements = openStatements()
    await using one = await another(courses.path)
    await reader()
    await write('02-two.md', lesson({ subject: 'Two, better' }))
    const { folders: found } = await readCourses(courses.path)
    const sent = await statements.during(test.app.databaseUrl, () =>
      one.app.author.courses.propose(found),
    )
    expect(sent.filter((text) => text.includes('hashtextextended'))).toEqual([])
    const [proposal] = await one.app.author.courses.propose(found)
    expect(proposal).toMatchObject({
      readers: 1,
      state: 'changed',
      change: { rewritten: [{ id: 'two' }], next: [] },
    })
  })
})
