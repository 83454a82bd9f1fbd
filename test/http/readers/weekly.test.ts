/** A course that counts no days: weekly, with the first lesson at once. */
import { expect, it } from 'vitest'
import { COURSE, folder, lesson, settings } from '../../content/folder.ts'
import { ask, CONSENT } from '../../support/app.ts'
import { textOf } from '../../support/page.ts'
import { landed, testWeb } from '../../support/web.ts'

const WEEKLY = {
  ...COURSE,
  'c/course.yaml': settings({ every: '1 week', first: 'at once' }),
  'c/03-three.md': lesson({ subject: 'Three', after: '3 days' }),
}

it('a weekly course begins at once, goes on by weeks and counts lessons instead of days', async () => {
  await using courses = await folder(WEEKLY)
  await using web = await testWeb({ coursesDir: courses.path, start: '2027-03-19T21:30:00Z' })
  expect(textOf(await (await web.get('/courses/c')).text())).toContain('some days or weeks apart')
  const { id } = await ask(web, { series: ['c'] })
  const link = web.app.links.url('confirm', id, web.app.now())
  expect(textOf(await (await web.get(link)).text())).toContain(
    'some days or weeks apart, as the course sets at 07:00',
  )
  const page = textOf(await landed(web, await web.post(link)))
  expect(page).toContain('Lesson 1 is on its way to you. Lesson 2 arrives on Friday, March 26')
  await web.settle()
  const sent = () =>
    web.db
      .selectFrom('deliveries')
      .select(['kind', 'item', 'local_date as on', 'status'])
      .where('kind', '<>', 'confirm')
      .orderBy('id')
      .execute()
      .then((rows) => rows.map(({ kind, item, on, status }) => `${kind} ${item} ${on} ${status}`))
  expect(await sent()).toEqual(['welcome welcome 2027-03-19 sent', 'lesson one 2027-03-19 sent'])
  const mails = (await web.app.author.sandbox?.since('0')) ?? []
  const texts = await Promise.all(
    mails.map(async (mail) => String((await web.app.author.sandbox?.one(mail.id))?.raw)),
  )
  expect(texts.join('\n')).toContain('Now, in an email of its own')
  expect(texts.join('\n')).toContain('Lesson 1 of 3')

  // A shorter wait still keeps the gap; a lesson sent on request does not.
  const [enrollment] = await web.app.operator.enrollmentsOf(id)
  const current = enrollment?.id ?? ''
  await web.app.reader.setRhythm(current, {
    time: '08:00',
    zone: 'Europe/Berlin',
    weekdays: [1, 2, 3, 4, 5, 6, 7],
  })
  const preferences = async () => {
    const at = web.app.links.url('preferences', current, web.app.now())
    return textOf(await (await web.get(at)).text())
  }
  expect(await preferences()).toMatch(/Lesson 2 of 3[\s\S]*Friday, March 26, at 08:00/)
  expect(await preferences()).toMatch(/Send lesson 2 now[\s\S]*Skip lesson 2/)
  expect(await preferences()).toContain('lesson 2 at 08:00')
  web.clock.set('2027-03-20T12:00:00Z')
  await web.settle()
  expect(await sent()).toHaveLength(2)
  await web.app.reader.sendNow(current)
  await web.settle()
  expect((await sent()).at(-1)).toBe('lesson two 2027-03-20 sent')
  // The date stays, as it is no sooner than the gap.
  web.clock.set('2027-03-25T12:00:00Z')
  await web.settle()
  expect(await sent()).toHaveLength(3)
  web.clock.set('2027-03-26T12:00:00Z')
  await web.settle()
  expect((await sent()).at(-1)).toBe('lesson three 2027-03-26 sent')
})

it('a weekly course confirmed by five requests at once begins once', async () => {
  await using courses = await folder(WEEKLY)
  await using web = await testWeb({ coursesDir: courses.path })
  const { id } = await ask(web, { series: ['c'] })
  await Promise.all(Array.from({ length: 5 }, () => web.app.reader.confirm(id, CONSENT)))
  await web.settle()
  const rows = await web.db
    .selectFrom('deliveries')
    .select('item')
    .where('kind', '=', 'lesson')
    .orderBy('id')
    .execute()
  expect(rows).toEqual([{ item: 'one' }])
})
