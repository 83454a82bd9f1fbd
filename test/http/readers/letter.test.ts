/** The pages of a letter about new articles. */
import { expect, it } from 'vitest'
import { putArticle } from '../../support/letters.ts'
import { berlin } from '../../support/mornings.ts'
import { formOf, textOf } from '../../support/page.ts'
import { allRows, FORM, landed, testWeb } from '../../support/web.ts'

const AT_MOST = 'at most once a week, when there is something new'

it('a letter says on all its pages that it comes when something is new', async () => {
  await using web = await testWeb({ env: { EMBED_ORIGINS: 'https://a.example' } })
  const { app } = web
  const page = await (await web.get('/courses/reading-letter')).text()
  expect(formOf(page).weekdays).toEqual(['7'])
  for (const words of ['Letter from the reading room', 'Get the letter', AT_MOST])
    expect(textOf(page)).toContain(words)
  expect(textOf(page)).not.toMatch(/lesson|inspiration|every day/i)
  const embedded = await (await web.get('/courses/reading-letter/embed')).text()
  expect(textOf(embedded)).toContain('Letter from the reading room')

  await web.enroll({ ...FORM, weekdays: ['7'] }, {}, 'reading-letter')
  const { id } = (await app.operator.subscriberByKey('ada@example.com')) ?? { id: '' }
  const link = app.links.url('confirm', id, app.now())
  expect(textOf(await (await web.get(link)).text())).toContain(
    `${AT_MOST}, on these days: Sunday at 07:00 (Europe/Berlin)`,
  )
  const confirmed = textOf(await landed(web, await web.post(link)))
  expect(confirmed).toContain('It arrives when there is something new.')
  await web.settle()
  const [mail] = ((await app.author.sandbox?.since('0')) ?? []).toReversed()
  const raw = String((await app.author.sandbox?.one(mail?.id ?? ''))?.raw)
  expect(raw).toMatch(/YOUR FIRST LETTER\s+When there is something new/)
})

it('a letter shows its readers what is next, and sends it now if asked', async () => {
  await using web = await testWeb()
  const { app } = web
  await web.enroll({ ...FORM, weekdays: ['7'] }, {}, 'reading-letter')
  const { id } = (await app.operator.subscriberByKey('ada@example.com')) ?? { id: '' }
  await web.post(app.links.url('confirm', id, app.now()))
  const [enrollment] = await web.db.selectFrom('enrollments').select('id').execute()
  const preferences = app.links.url('preferences', enrollment?.id ?? '', app.now())
  const shown = async (where = preferences) => textOf(await (await web.get(where)).text())

  const rows = await allRows(web.db)
  const before = await shown()
  expect(before).toContain('The next one arrives when there is something new.')
  expect(before).not.toMatch(/Next:|Skip|Send what/)
  expect(await shown(`${preferences}/now`)).toContain('There is nothing new to send yet.')
  web.clock.set(berlin('2027-03-20T12:00'))
  await putArticle(web, { slug: 'one-umbrella' })
  const after = await shown()
  for (const words of ['Next: tomorrow', 'March 21', 'the letter at 07:00', 'Send what’s new now'])
    expect(after).toContain(words)
  expect(await shown(`${preferences}/now`)).toContain('Get what’s new now?')
  expect(await allRows(web.db)).toEqual(rows)

  const sent = await web.post(preferences, { do: 'now', enrollment: enrollment?.id ?? '' })
  expect(textOf(await landed(web, sent))).toContain('We’re sending it now.')
  await web.settle()
  const had = await shown()
  for (const words of [
    'the letter was sent at 12:00',
    'Send the last one again',
    'when there is something new',
  ])
    expect(had).toContain(words)
  web.clock.set(berlin('2027-03-20T13:00'))
  await putArticle(web, { slug: 'two-cups' })
  expect(await shown(`${preferences}/now`)).toContain('You’ve had a letter today')
  const days = app.links.url('days', enrollment?.id ?? '', app.now())
  expect(await shown(days)).toMatch(/Past emails.*one-umbrella/)
})
