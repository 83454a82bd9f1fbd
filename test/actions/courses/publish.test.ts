/**
 * A course changes while people are on their way in it, on the real planner, sender and database.
 */
import { cp, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readCourses } from '../../../src/content/courses.ts'
import { DAILY, type Folder, folder, lesson, letter, settings } from '../../content/folder.ts'
import { enrolled, type TestApp, testApp } from '../../support/app.ts'
import { openStatements } from '../../support/statements.ts'

const LESSONS = ['one', 'two', 'three', 'four']
const FILES = {
  'c/course.yaml': settings(),
  'c/welcome.md': letter,
  'c/completion.md': letter,
  ...Object.fromEntries(
    LESSONS.map((name, index) => [`c/0${index + 1}-${name}.md`, lesson({ subject: name })]),
  ),
}

let courses: Folder
let test: TestApp
beforeEach(async () => {
  courses = await folder(FILES)
  test = await testApp({ coursesDir: courses.path })
})
afterEach(async () => {
  await test?.[Symbol.asyncDispose]()
  await courses?.[Symbol.asyncDispose]()
})

const file = (name: string) => join(courses.path, 'c', name)
const write = (name: string, text: string) => writeFile(file(name), text)
const another = (coursesDir: string) =>
  testApp({ coursesDir, env: { DATABASE_URL: test.app.databaseUrl } })
/** An author saves, and the worker looks: once to see that it is saved, once to take it up. */
const saved = async () => {
  await test.app.author.courses.follow()
  await test.app.author.courses.follow()
}
const heldBack = async () =>
  Object.entries((await test.app.operator.status()).heldBack).map(
    ([slug, { reason }]) => `${slug}: ${reason}`,
  )
const day = async (date: string) => {
  test.clock.set(`${date}T06:00:00Z`)
  await test.settle()
}
const reader = (email = 'ada@example.com') => enrolled(test, { email, series: ['c'] })
/** "two on 21" in the order they were planned, with what became of those that were not sent. */
const came = async (of: TestApp = test) => {
  const rows = await of.db
    .selectFrom('deliveries')
    .select(['item', 'local_date', 'status', 'reason'])
    .where('kind', '=', 'lesson')
    .orderBy('due_at')
    .orderBy('id')
    .execute()
  return rows.map(
    ({ item, local_date, status, reason }) =>
      `${item} on ${local_date.day}${status === 'sent' ? '' : `, ${status}: ${reason}`}`,
  )
}
const openLessons = async () => {
  const rows = await test.db
    .selectFrom('deliveries')
    .select('id')
    .where('status', '=', 'planned')
    .execute()
  return rows.map(({ id }) => id)
}
const subjects = async () =>
  (await test.app.author.sandbox?.list(50))?.map(({ subject }) => subject) ?? []

describe('a course that is edited', () => {
  it('is taken up without a restart, and readers get the new text', async () => {
    await reader()
    await day('2027-03-20')
    await write('02-two.md', lesson({ subject: 'Two, better' }))
    await saved()
    await day('2027-03-21')
    expect(await came()).toEqual(['one on 20', 'two on 21'])
    expect(await subjects()).toContain('Two, better')
    expect((await test.app.operator.status()).courses).toMatchObject({ c: { version: 2 } })
  })

  it('is left alone while it is being saved', async () => {
    await write('02-two.md', lesson({ subject: 'Half' }))
    await test.app.author.courses.follow()
    await write('02-two.md', lesson({ subject: 'Whole now' }))
    await test.app.author.courses.follow()
    expect((await test.app.operator.status()).courses).toMatchObject({ c: { version: 1 } })
    await test.app.author.courses.follow()
    expect((await test.app.operator.status()).courses).toMatchObject({ c: { version: 2 } })
  })

  it('is not taken up when it is broken: the last good one goes on, it is told, and mended it is taken up', async () => {
    await reader()
    await write('02-two.md', 'no front matter')
    await write('01-one.md', lesson({ subject: 'One, better' }))
    await saved()
    expect(await heldBack()).toEqual([
      expect.stringMatching(/^c: c\/02-two\.md:1 does not start with front matter/),
    ])
    await day('2027-03-20')
    await day('2027-03-21')
    expect((await subjects()).toSorted()).toEqual(['Welcome', 'one', 'two'])
    await write('02-two.md', lesson({ subject: 'Two, better' }))
    await saved()
    expect(await heldBack()).toEqual([])
    expect((await test.app.operator.status()).courses).toMatchObject({ c: { version: 2 } })
  })

  it('that is broken, and taken away again, is held back no more', async () => {
    await using broken = await folder({ 'b/course.yaml': 'kind: course' })
    await cp(broken.path, courses.path, { recursive: true })
    await saved()
    expect(await heldBack()).toEqual([expect.stringMatching(/^b: /)])
    await rm(join(courses.path, 'b'), { recursive: true })
    await saved()
    expect(await heldBack()).toEqual([])
  })

  it('that is broken keeps no other from being taken up', async () => {
    await using daily = await folder(DAILY)
    await write('02-two.md', 'no front matter')
    await cp(daily.path, courses.path, { recursive: true })
    await saved()
    expect([...test.app.series.keys()]).toEqual(['c', 'd'])
  })
})

describe('readers who are on their way', () => {
  it('get a lesson that was moved before them next, and none twice', async () => {
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

  it('get a new lesson next that comes before them, unless it spares them', async () => {
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

  it('keep a lesson whose file is renamed with an alias, and do not get it twice', async () => {
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

  it('are not harmed by a file that is renamed without: it is held back, and says what to write', async () => {
    await reader()
    await day('2027-03-20')
    await rename(file('01-one.md'), file('01-first.md'))
    await saved()
    expect(await heldBack()).toEqual([
      expect.stringContaining(
        '1 reader would get day 1, “one” a second time (add aliases: [one] to it)',
      ),
    ])
    await day('2027-03-21')
    expect(await came()).toEqual(['one on 20', 'two on 21'])
  })

  it('are not robbed of a lesson, until its author accepts it: then what has not left is not sent', async () => {
    await reader()
    // Without a worker, so that the second lesson is planned and does not leave.
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
    expect(await heldBack()).toEqual([
      expect.stringContaining('1 reader would never get day 2, “two”'),
    ])
    const { folders: found } = await readCourses(courses.path)
    expect(await test.app.author.courses.accept(found)).toEqual([])
    expect(await heldBack()).toEqual([])
    await day('2027-03-21')
    await day('2027-03-22')
    expect((await came()).slice(0, 2)).toEqual([
      'one on 20',
      'two on 21, skipped: taken out of the course before it left',
    ])
    expect(await came()).toContain('three on 22')
  })

  it('get nothing of a course whose folder is gone, once that is accepted; until then it goes on', async () => {
    await using daily = await folder(DAILY)
    await reader()
    await rm(join(courses.path, 'c'), { recursive: true })
    await cp(daily.path, courses.path, { recursive: true })
    await saved()
    expect(await heldBack()).toEqual([expect.stringContaining('c: its folder is gone')])
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

describe('several processes', () => {
  it('send what is live, whatever their own folder holds', async () => {
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

  it('note a lesson that waited while it was moved under the day that its mail tells', async () => {
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

  it('do not go back to an old copy when they start', async () => {
    await write('01-one.md', lesson({ subject: 'One, better' }))
    await saved()
    await using old = await folder(FILES)
    await using other = await another(old.path)
    expect(await other.app.author.courses.begin()).toEqual([
      { slug: 'c', reason: expect.stringContaining('an older version that was live before') },
    ])
    expect((await test.app.operator.status()).courses).toMatchObject({ c: { version: 2 } })
  })

  it('go back when an author does so while they run', async () => {
    await write('01-one.md', lesson({ subject: 'One, worse' }))
    await saved()
    await write('01-one.md', lesson({ subject: 'one' }))
    await saved()
    expect(await heldBack()).toEqual([])
    expect((await test.app.operator.status()).courses).toMatchObject({ c: { version: 3 } })
  })

  it('start with what is live when their folder is broken', async () => {
    await using broken = await folder({ ...FILES, 'c/01-one.md': 'no front matter' })
    await using other = await another(broken.path)
    expect(await other.app.author.courses.begin()).toMatchObject([{ slug: 'c' }])
    expect([...other.app.series.keys()]).toEqual(['c'])
  })

  it('take one change up once, however many see it', async () => {
    await using other = await another(courses.path)
    await write('01-one.md', lesson({ subject: 'One, better' }))
    await Promise.all([test.app.author.courses.follow(), other.app.author.courses.follow()])
    await Promise.all([test.app.author.courses.follow(), other.app.author.courses.follow()])
    expect((await test.app.operator.status()).courses).toMatchObject({ c: { version: 2 } })
  })

  it('compare one change once, however many see it, and all of them tell of it', async () => {
    using statements = openStatements()
    await using one = await another(courses.path)
    await using two = await another(courses.path)
    await reader()
    await rm(file('04-four.md'))
    const follow = () => Promise.all([one, two].map(({ app }) => app.author.courses.follow()))
    await follow()
    const sent = await statements.during(test.app.databaseUrl, follow)
    expect(sent.filter((text) => text.includes('hashtextextended'))).toHaveLength(1)
    expect(await heldBack()).toEqual([expect.stringContaining('c: 1 reader')])
    await write('04-four.md', lesson({ subject: 'four' }))
    await follow()
    await follow()
    expect(await heldBack()).toEqual([])
  })

  it('need not know what readers have had to take up a line that was edited', async () => {
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
