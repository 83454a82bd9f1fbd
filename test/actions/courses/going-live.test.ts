/**
 * What goes live can be mailed, drafts are not live, and a mail that cannot be composed raises an
 * alarm.
 */
import { cp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import pino from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readCourses } from '../../../src/content/courses.ts'
import { COURSE, DAILY, type Folder, folder, lesson, page, settings } from '../../content/folder.ts'
import { ask, enrolled, type TestApp, testApp } from '../../support/app.ts'

let courses: Folder
let test: TestApp
const lines: { msg: string; level: number }[] = []
const log = pino(
  new Writable({
    write: (line, _, done) => {
      lines.push(JSON.parse(String(line)))
      done()
    },
  }),
)
beforeEach(async () => {
  lines.length = 0
  courses = await folder({ ...COURSE, ...DAILY })
  test = await testApp({ coursesDir: courses.path, log })
})
afterEach(async () => {
  await test?.[Symbol.asyncDispose]()
  await courses?.[Symbol.asyncDispose]()
})

const write = (name: string, text: string) => writeFile(join(courses.path, name), text)
/** The worker looks twice after a save: once to see it is complete, once to publish it. */
const saved = async () => {
  await test.app.author.courses.follow()
  await test.app.author.courses.follow()
}
const status = () => test.app.operator.status()
const blocked = async () =>
  Object.entries((await status()).blocked).map(([slug, { reason }]) => `${slug}: ${reason}`)
const drafts = async () =>
  Object.entries((await status()).drafts).map(([slug, { reason }]) => `${slug}: ${reason}`)
const add = async (slug: string, files: Record<string, string>) => {
  const named = Object.entries({ ...COURSE, ...files }).flatMap(([name, text]) =>
    text === null || !name.startsWith('c/') ? [] : [[name.replace(/^c/, slug), text]],
  )
  await using other = await folder(Object.fromEntries(named))
  await cp(other.path, courses.path, { recursive: true })
}

describe('a course that passes the check but cannot be made into a mail', () => {
  it.each<[what: string, name: string, text: string, told: RegExp]>([
    [
      'in a lesson',
      'c/02-two.md',
      lesson({ subject: `'{{#if firstName}}Two'`, question: `'What?{{/if}}'` }),
      /^c: lesson 2, .* cannot be made into a mail: /,
    ],
    [
      'in the closing letter',
      'c/completion.md',
      page({ subject: 'The end', preheader: 'So' }, '{{else}} {{#if firstName}}x{{/if}}').replace(
        '{{else}} {{#if firstName}}x{{/if}}',
        '{{#if firstName}}x{{else}}y{{else}}z{{/if}}',
      ),
      /^c: the completion mail cannot be made into a mail: /,
    ],
    [
      'in one of many inspirations',
      'd/02-more.md',
      '## Third\n{{#if firstName}}So.\n\n## Fourth\nSo.{{/if}}\n',
      /^d: “Third” cannot be made into a mail: /,
    ],
  ])('%s is blocked, also in diff, and cannot be accepted', async (_, name, text, told) => {
    await write(name, text)
    await saved()
    expect(await blocked()).toEqual([expect.stringMatching(told)])
    expect(lines.filter(({ msg }) => msg.includes('is blocked'))).toHaveLength(1)
    const { folders: found } = await readCourses(courses.path)
    const objections = (await test.app.author.courses.propose(found)).filter(
      ({ objection }) => objection !== null,
    )
    expect(objections.map(({ slug, objection }) => `${slug}: ${objection}`)).toEqual(
      await blocked(),
    )
    expect((await test.app.author.courses.accept(found)).map(({ slug }) => slug)).toHaveLength(1)
    expect((await status()).courses).toMatchObject({ c: { version: 1 }, d: { version: 1 } })
  })

  it('does not go live at the very first start either', async () => {
    const files = {
      ...COURSE,
      'c/02-two.md': lesson({ subject: `'{{#if firstName}}Two'`, question: `'What?{{/if}}'` }),
    }
    await using broken = await folder(files)
    await expect(testApp({ coursesDir: broken.path })).rejects.toThrow(
      /^The course c cannot be sent: lesson 2/,
    )
    await using beside = await folder({ ...files, ...DAILY })
    await using other = await testApp({ coursesDir: beside.path })
    expect([...other.app.series.keys()]).toEqual(['d'])
  })
})

describe('content with a publish date', () => {
  const later = { 'c/02-two.md': lesson({ subject: 'Two', publish: '2027-03-21' }) }
  const days = (slug: string) => {
    const series = test.app.series.get(slug)
    return series?.kind === 'course'
      ? series.lessons.map(({ day, name }) => `${day} ${name}`)
      : null
  }

  it('goes live by itself, be it a lesson or a whole course', async () => {
    await add('n', { ...later, 'c/03-three.md': lesson({ subject: 'Three' }) })
    await add('o', { 'c/course.yaml': settings({ publish: '2027-03-21' }) })
    test.clock.set('2027-03-20T23:59:59Z')
    await saved()
    expect([days('n'), days('o'), await blocked()]).toEqual([['1 one', '2 three'], null, []])
    expect(await drafts()).toEqual([
      'n/02-two.md: publish: 2027-03-21 is set in n/02-two.md:7, and it goes live then',
      'o: publish: 2027-03-21 is set in o/course.yaml:7, and it goes live then',
    ])
    test.clock.set('2027-03-21T00:00:00Z')
    await test.app.author.courses.follow()
    expect([days('n'), days('o')]).toEqual([
      ['1 one', '2 two', '3 three'],
      ['1 one', '2 two'],
    ])
    expect(await drafts()).toEqual([])
  })

  it('is blocked on its date if it is broken', async () => {
    await add('n', later)
    test.clock.set('2027-03-20T12:00:00Z')
    await saved()
    await write('n/02-two.md', lesson({ subject: '{{wrong}}', publish: '2027-03-21' }))
    await saved()
    expect([days('n'), await blocked()]).toEqual([['1 one'], []])
    test.clock.set('2027-03-21T00:00:00Z')
    await test.app.author.courses.follow()
    expect([days('n'), await blocked()]).toEqual([
      ['1 one'],
      [expect.stringMatching(/^n: n\/02-two\.md:2 contains \{\{wrong\}\}/)],
    ])
  })
})

describe('a draft', () => {
  it.each([
    [
      'by its key',
      { 'c/course.yaml': settings({ title: 'New', draft: 'true' }) },
      /^n: draft: true is set in n\/course\.yaml:7$/,
    ],
    [
      'by what is left to do',
      { 'c/01-one.md': lesson({ carry: "'TODO: a line'" }) },
      /^n: TODO: is left at n\/01-one\.md:6$/,
    ],
    [
      'by what is left in a comment',
      { 'c/course.yaml': `${settings()}# TODO: the parts\n` },
      /^n: TODO: is left at n\/course\.yaml:7$/,
    ],
    [
      'that is broken besides',
      { 'c/course.yaml': 'draft: true\nkind: [', 'c/01-one.md': 'x' },
      /^n: draft: true is set in n\/course\.yaml:1$/,
    ],
  ])('%s is listed and not live until the mark is gone', async (_, files, told) => {
    await add('n', files)
    await saved()
    expect([await drafts(), await blocked()]).toEqual([[expect.stringMatching(told)], []])
    expect(lines.filter(({ level }) => level >= 50)).toEqual([])
    const { folders: found } = await readCourses(courses.path)
    expect(await test.app.author.courses.propose(found)).toContainEqual(
      expect.objectContaining({ slug: 'n', state: 'draft', objection: null }),
    )
    await test.app.author.courses.accept(found)
    expect([...test.app.series.keys()]).toEqual(['c', 'd'])
    await add('n', { 'c/course.yaml': settings({ title: 'New' }) })
    await saved()
    expect([[...test.app.series.keys()], await drafts()]).toEqual([['c', 'd', 'n'], []])
  })

  it('does not prevent a first start, and is no longer listed once removed', async () => {
    await add('n', { 'c/course.yaml': 'draft: true\nkind: [' })
    await using other = await testApp({ coursesDir: courses.path })
    expect([...other.app.series.keys()]).toEqual(['c', 'd'])
    await saved()
    await rm(join(courses.path, 'n'), { recursive: true })
    await saved()
    expect(await drafts()).toEqual([])
  })

  it('that was live before stays at its live version, whatever is accepted', async () => {
    await enrolled(test, { series: ['c'] })
    await write('c/course.yaml', settings({ draft: 'true', title: 'Other' }))
    await saved()
    expect([await drafts(), await blocked()]).toEqual([
      [],
      [expect.stringMatching(/^c: it is a draft now: draft: true is set in c\/course\.yaml:7; /)],
    ])
    const { folders: found } = await readCourses(courses.path)
    expect(await test.app.author.courses.accept(found)).toHaveLength(1)
    expect((await status()).courses).toMatchObject({ c: { version: 1 } })
    expect(test.app.series.get('c')?.title).toBe('A title')
  })
})

describe('a mail that cannot be composed', () => {
  /** As if the text had gone live while it could still be composed. */
  const spoil = () => {
    const one = test.app.series.get('c')
    const live = test.app.series as Map<string, typeof one>
    // A new object, for which no compiled mail is cached.
    const title = () => {
      throw new Error('no title')
    }
    live.set(
      'c',
      Object.defineProperty({ ...one } as NonNullable<typeof one>, 'title', { get: title }),
    )
    return () => live.set('c', one)
  }

  it('is counted for its course until composed or a day past its window, and logged once', async () => {
    spoil()
    await ask(test, { series: ['c'] })
    await ask(test, { email: 'bob@example.com', series: ['c'] })
    await test.settle()
    test.clock.set('2027-03-19T12:06:00Z')
    await test.settle()
    const of = async () => (await status()).uncomposed
    expect(await of()).toEqual({
      c: { waiting: 2, expired: 0, reason: expect.stringContaining('title') },
    })
    expect(await test.app.operator.readiness()).toMatchObject({ ready: true, uncomposed: { c: 2 } })
    expect(lines.filter(({ msg }) => msg.includes('cannot be composed'))).toHaveLength(1)
    const [row] = await test.db.selectFrom('deliveries').select('until').execute()
    test.clock.set(row?.until.add({ seconds: 1 }) ?? '')
    await test.app.sender.sweep()
    expect(await of()).toMatchObject({ c: { waiting: 0, expired: 2 } })
    test.clock.set(row?.until.add({ hours: 25 }) ?? '')
    expect(await of()).toEqual({})
  })

  it('no longer raises an alarm once it was sent', async () => {
    const restore = spoil()
    await ask(test, { series: ['c'] })
    await test.settle()
    restore()
    test.clock.set('2027-03-19T12:06:00Z')
    await test.settle()
    expect([(await status()).uncomposed, (await test.app.author.sandbox?.list(9))?.length]).toEqual(
      [{}, 1],
    )
  })
})
