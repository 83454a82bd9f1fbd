/** Readers keep what they received and did when a course is reordered, renamed or cut. */
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { load } from 'cheerio'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readCourses } from '../../../src/content/courses.ts'
import { type Folder, folder, lesson, letter, settings } from '../../content/folder.ts'
import { enrolled } from '../../support/app.ts'
import { textOf } from '../../support/page.ts'
import { landed, type TestWeb, testWeb, verdictOf } from '../../support/web.ts'

const NAMES = ['one', 'two', 'three', 'four']
const text = (name: string, aliases: string | null = null) =>
  lesson({ subject: `Lesson ${name}`, aliases }, `Read this.\n\n## Practice ${name}\n\n1. Do it.\n`)

let courses: Folder
let web: TestWeb
let enrollment: string
let preferences: string

beforeAll(async () => {
  courses = await folder({
    'c/course.yaml': settings(),
    'c/welcome.md': letter,
    'c/completion.md': letter,
    ...Object.fromEntries(NAMES.map((name, index) => [`c/0${index + 1}-${name}.md`, text(name)])),
  })
  web = await testWeb({ coursesDir: courses.path })
  enrollment = (await enrolled(web, { series: ['c'] })).first.id
  preferences = `/preferences/${web.app.links.token('preferences', enrollment, web.app.now())}`
  for (const date of ['2027-03-20', '2027-03-21']) {
    web.clock.set(`${date}T06:00:00Z`)
    await web.settle()
  }
  const [, two] = await deliveries()
  await web.post(link('practice', two?.id), { do: 'done' })
  // In the end: a new lesson first, "two" last and renamed, and "one" gone.
  for (const name of ['one', 'two', 'three', 'four'])
    await rm(join(courses.path, `c/0${NAMES.indexOf(name) + 1}-${name}.md`))
  const files = {
    '01-new': text('new'),
    '02-three': text('three'),
    '03-four': text('four'),
    '04-second': text('two', '[two]'),
  }
  for (const [name, content] of Object.entries(files))
    await writeFile(join(courses.path, `c/${name}.md`), content)
  await web.app.author.courses.accept((await readCourses(courses.path)).folders)
})
afterAll(async () => {
  await web?.[Symbol.asyncDispose]()
  await courses?.[Symbol.asyncDispose]()
})

const link = (purpose: 'practice' | 'days' | 'lessons', id = enrollment) =>
  `/${purpose}/${web.app.links.token(purpose, id, web.app.now())}`
const deliveries = () =>
  web.db
    .selectFrom('deliveries')
    .select(['id', 'item'])
    .where('kind', '=', 'lesson')
    .orderBy('id')
    .execute()
const page = async (where: string) => {
  const html = await (await web.get(where)).text()
  return { $: load(html), text: textOf(html) }
}
const row = async (where: string) => {
  const { $ } = await page(where)
  return $('.thirty .unseen')
    .toArray()
    .map((one) => $(one).text())
}

describe('after a change to the course', () => {
  it('a practice belongs to the lesson that was sent, under its name', async () => {
    const [one, two] = await deliveries()
    const done = await page(link('practice', two?.id))
    expect(done.text).toContain('Practice done “Practice two”.')
    // It has been taken out since, so only the subject it was sent with is known.
    const gone = await page(link('practice', one?.id))
    expect(gone.text).toContain('Did you do the practice? “Lesson one”.')
  })

  it('the row of days follows the lessons, not the numbers they had', async () => {
    const expected = ['Day 1: not yet', 'Day 2: not yet', 'Day 3: not yet', 'Day 4: practice done']
    expect(await row(link('days'))).toEqual(expected)
    expect((await page(link('days'))).text).toContain('1 of 4 lessons so far, and 1 practice done.')
  })

  it('received lessons are listed under the numbers and subjects they came with', async () => {
    const { $ } = await page(link('days'))
    const items = $('.received li')
      .toArray()
      .map((one) => textOf($(one).html() ?? ''))
    expect(items).toEqual([
      'Saturday, March 20 Lesson one Day 1',
      'Sunday, March 21 Lesson two Day 2 ✓',
    ])
  })

  it('the preferences count what has come, and a skip applies to the next lesson', async () => {
    const { $, text } = await page(preferences)
    expect(text).toContain('Day 1 of 4')
    expect($('progress').attr('value')).toBe('1')
    const which =
      $('button[value="skip"]').closest('form').find('[name="which"]').attr('value') ?? ''
    expect(which).toBe('new')
    // Pressed on a page from before the change: it was another lesson's button.
    const stale = await web.post(preferences, { enrollment, do: 'skip', which: 'three' })
    expect((await verdictOf(web, stale)).status).toBe(422)
    await landed(web, await web.post(preferences, { enrollment, do: 'skip', which }))
    expect(await row(link('days'))).toEqual([
      'Day 1: skipped',
      'Day 2: not yet',
      'Day 3: not yet',
      'Day 4: practice done',
    ])
  })
})
