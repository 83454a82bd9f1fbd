import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { folder, lesson, letter, settings } from '../../content/folder.ts'
import { BERLIN_SEVEN, enrolled } from '../../support/app.ts'
import { formOf, textOf } from '../../support/page.ts'
import { allRows, type Fields, landed, type TestWeb, testWeb } from '../../support/web.ts'

const SEVEN = ['1', '2', '3', '4', '5', '6', '7']
const MORNINGS = { time: '07:00', zone: 'Europe/Berlin', weekdays: SEVEN }
const SAME = { ...MORNINGS, do: 'rhythm' }

const linkFor = ({ app }: TestWeb, enrollmentId: string) =>
  app.links.url('preferences', enrollmentId, app.now())

/**
 * Goes from one morning to the next, as the sandbox's button does, until everybody got `count`
 * lessons.
 */
async function live(web: TestWeb, count: number) {
  const fewest = async () => {
    const sent = (await lessons(web)).filter(({ status }) => status === 'sent')
    return Math.min(
      ...[...Map.groupBy(sent, (one) => one.enrollment_id).values()].map((of) => of.length),
    )
  }
  await web.settle()
  do {
    const before = web.app.now()
    await web.app.author.sandbox?.skipToNextMorning()
    await web.settle()
    if (Temporal.Instant.compare(before, web.app.now()) === 0)
      throw new Error('no morning comes any more')
  } while ((await fewest()) < count)
}

const lessons = ({ db }: TestWeb, enrollmentId?: string | undefined) =>
  db
    .selectFrom('deliveries')
    .select(['enrollment_id', 'day', 'status', 'local_date', 'sent_at'])
    .where('kind', '=', 'lesson')
    .$if(enrollmentId !== undefined, (query) =>
      query.where('enrollment_id', '=', enrollmentId ?? ''),
    )
    .orderBy('day')
    .execute()

describe('the preferences page', () => {
  it('shows the progress in each series, the masked address and the way out', async () => {
    await using web = await testWeb()
    const { first } = await enrolled(web)
    const link = linkFor(web, first.id)
    const begun = textOf(await (await web.get(link)).text())
    expect(begun).toContain('Day 1 of 30')
    expect(begun).toContain('Next: tomorrow, Saturday, March 20, at 07:00 (Europe/Berlin)')
    expect(begun).toContain('The Daily Inspiration')
    await live(web, 3)
    const html = await (await web.get(link)).text()
    expect(textOf(html)).toContain('Day 4 of 30')
    expect(textOf(html)).toContain('Next: tomorrow, Tuesday, March 23, at 07:00 (Europe/Berlin)')
    expect(textOf(html)).toContain('Monday, March 22: day 3 was sent at 07:00')
    expect(textOf(html)).toContain('Tuesday, March 23: day 4 at 07:00')
    expect(textOf(html)).toContain('Tuesday, March 23: the inspiration at 07:00')
    expect(textOf(html)).toContain('For a…@example.com')
    expect(html).not.toContain('ada@example.com')
    expect(formOf(html, first.id)).toMatchObject(MORNINGS)
    const [, leave = ''] = /<a class="button plain" href="(\/unsubscribe\/[^"]+)">/.exec(html) ?? []
    expect((await web.get(leave)).status).toBe(200)
  })

  it('says when all days have come, and when the series has ended', async () => {
    await using courses = await folder({
      'c/course.yaml': settings(),
      'c/welcome.md': letter,
      'c/completion.md': letter,
      'c/01-one.md': lesson(),
      'c/02-two.md': lesson({ subject: 'Another subject' }),
    })
    await using web = await testWeb({ coursesDir: courses.path })
    const { first } = await enrolled(web, { series: ['c'] })
    const link = linkFor(web, first.id)
    await live(web, 2)
    expect(textOf(await (await web.get(link)).text())).toContain('All 2 lessons received')
    await web.app.author.sandbox?.skipToNextMorning()
    await web.settle()
    const page = textOf(await (await web.get(link)).text())
    expect(page).toContain('Completed: you’ve received all of it.')
    expect(page).toContain('Start again from day 1')
  })

  it('changes nothing when it is opened', async () => {
    await using web = await testWeb()
    const { first } = await enrolled(web)
    const before = await allRows(web.db)
    for (let n = 0; n < 20; n++) {
      await web.get(linkFor(web, first.id))
      await web.head(linkFor(web, first.id))
    }
    expect(await allRows(web.db)).toEqual(before)
  })

  it('is gone once the person was erased', async () => {
    await using web = await testWeb()
    const { first, subscriber } = await enrolled(web)
    const link = linkFor(web, first.id)
    await web.db.deleteFrom('subscribers').where('id', '=', subscriber.id).execute()
    expect((await web.get(link)).status).toBe(410)
    expect((await web.post(link, { ...SAME, enrollment: first.id })).status).toBe(410)
  })
})

describe('a new rhythm', () => {
  let shared: TestWeb
  beforeAll(async () => {
    shared = await testWeb()
  })
  afterAll(() => shared[Symbol.asyncDispose]())

  // It is noon UTC on Friday, 19 March 2027; nothing has been sent yet.
  it.each<[string, Fields, string]>([
    ['a later hour today', { time: '18:30' }, '2027-03-19T18:30:00+01:00[Europe/Berlin]'],
    ['an hour that has passed', { time: '06:00' }, '2027-03-20T06:00:00+01:00[Europe/Berlin]'],
    ['another zone', { zone: 'America/New_York' }, '2027-03-20T07:00:00-04:00[America/New_York]'],
    [
      'a zone where it is tomorrow',
      { zone: 'Pacific/Kiritimati' },
      '2027-03-20T07:00:00+14:00[Pacific/Kiritimati]',
    ],
    ['Wednesdays only', { weekdays: ['3'] }, '2027-03-24T07:00:00+01:00[Europe/Berlin]'],
    [
      'Sundays at night',
      { time: '23:59', weekdays: ['7'] },
      '2027-03-21T23:59:00+01:00[Europe/Berlin]',
    ],
    [
      '02:30 on the night of summer time',
      { time: '02:30', weekdays: ['7'] },
      '2027-03-21T02:30:00+01:00[Europe/Berlin]',
    ],
  ])('%s: moves the next mail, and the page says so', async (_, change, next) => {
    const web = shared
    const { first } = await enrolled(web, { email: `${next.replace(/\W+/g, '-')}@example.com` })
    const sent = { ...SAME, ...change }
    const response = await web.post(linkFor(web, first.id), { ...sent, enrollment: first.id })
    expect(response.status).toBe(303)
    const html = await landed(web, response)
    expect(textOf(html)).toContain('Saved: ')
    expect(formOf(html, first.id)).toMatchObject({ ...MORNINGS, ...change })
    const { due_at, due_on } = await web.db
      .selectFrom('enrollments')
      .select(['due_at', 'due_on'])
      .where('id', '=', first.id)
      .executeTakeFirstOrThrow()
    const expected = Temporal.ZonedDateTime.from(next)
    expect(String(due_at)).toBe(String(expected.toInstant()))
    expect(String(due_on)).toBe(String(expected.toPlainDate()))
  })

  it('for one series leaves the other alone', async () => {
    await using web = await testWeb()
    const { first, second } = await enrolled(web)
    await web.post(linkFor(web, first.id), { ...SAME, time: '18:30', enrollment: second?.id ?? '' })
    const rows = await web.db.selectFrom('enrollments').select(['id', 'time_of_day']).execute()
    expect(rows.find(({ id }) => id === second?.id)?.time_of_day).toBe('18:30')
    expect(rows.find(({ id }) => id === first.id)?.time_of_day).toBe('07:00')
  })

  it('keeps the series in the same order on the page', async () => {
    await using web = await testWeb()
    const { first } = await enrolled(web)
    const order = (html: string) =>
      [...html.matchAll(/<h2 id="series-([^"]+)">/g)].map(([, id]) => id)
    const link = linkFor(web, first.id)
    const before = order(await (await web.get(link)).text())
    expect(before).toHaveLength(2)
    const saved = await web.post(link, { ...SAME, time: '18:30', enrollment: first.id })
    expect(order(await landed(web, saved))).toEqual(before)
  })
})

describe('a new rhythm in the middle of a course', () => {
  // Lesson 3 came on Monday, 22 March, at 07:00 in Berlin; each change is made that much later.
  const changes: [string, string, Fields][] = [
    ['a later hour, right after the lesson', 'PT1M', { time: '07:30' }],
    ['an earlier hour, right after the lesson', 'PT1M', { time: '06:00' }],
    ['the last minute of the day', 'PT1H', { time: '23:59' }],
    [
      'a zone west, where it is still last night',
      'PT1M',
      { zone: 'America/Los_Angeles', time: '23:30' },
    ],
    ['a zone west across the date line', 'PT1M', { zone: 'Pacific/Pago_Pago', time: '20:00' }],
    ['a zone east, where the evening is near', 'PT1M', { zone: 'Asia/Tokyo', time: '18:00' }],
    [
      'a zone east, where it is tomorrow soon',
      'PT12H',
      { zone: 'Pacific/Kiritimati', time: '12:00' },
    ],
    ['the weekday of that lesson only', 'PT1M', { weekdays: ['1'] }],
    ['a later hour, just before the next lesson', 'PT23H59M', { time: '07:15' }],
    [
      'the other end of the world, in the evening',
      'PT2H',
      { zone: 'Pacific/Auckland', time: '21:00' },
    ],
  ]
  const ids = new Map<string, string>()
  let web: TestWeb

  beforeAll(async () => {
    web = await testWeb()
    for (const [index, [what]] of changes.entries()) {
      const options = {
        email: `p${index}@example.com`,
        rhythm: BERLIN_SEVEN,
        series: ['inner-wisdom'],
      }
      ids.set(what, (await enrolled(web, options)).first.id)
    }
    await live(web, 3)
    const monday = web.app.now()
    const minutes = ([, after]: (typeof changes)[number]) =>
      Temporal.Duration.from(after).total('minutes')
    for (const change of changes.toSorted((a, b) => minutes(a) - minutes(b))) {
      const [what, after, fields] = change
      web.clock.set(monday.add(Temporal.Duration.from(after)))
      await web.settle()
      const enrollment = ids.get(what) ?? ''
      const response = await web.post(linkFor(web, enrollment), { ...SAME, ...fields, enrollment })
      expect(response.status, what).toBe(303)
    }
    await live(web, 6)
  })
  afterAll(() => web[Symbol.asyncDispose]())

  it.each(changes)(
    '%s: never brings two lessons on one local date, and leaves none out',
    async (what, _, change) => {
      const all = await lessons(web, ids.get(what))
      expect(all.slice(0, 6).map(({ day, status }) => `${day} ${status}`)).toEqual(
        [1, 2, 3, 4, 5, 6].map((day) => `${day} sent`),
      )
      expect(new Set(all.map(({ local_date }) => String(local_date))).size).toBe(all.length)
      const { zone } = { ...SAME, ...change }
      const dates = all.flatMap(({ sent_at }) =>
        sent_at ? [String(sent_at.toZonedDateTimeISO(zone).toPlainDate())] : [],
      )
      expect(new Set(dates).size, `local dates in ${zone}: ${dates.join(' ')}`).toBe(dates.length)
    },
  )
})

describe('an evening reader who moves east', () => {
  it('does not get the next lesson on the same date there, a few hours after the last', async () => {
    await using web = await testWeb()
    const rhythm = { ...BERLIN_SEVEN, time: '20:00', zone: 'America/Los_Angeles' }
    const { first } = await enrolled(web, { series: ['inner-wisdom'], rhythm })
    await live(web, 1) // Friday at 20:00 in Los Angeles is Saturday at 04:00 in Berlin
    await web.post(linkFor(web, first.id), { ...SAME, enrollment: first.id })
    await live(web, 2)
    const dates = (await lessons(web)).map(({ sent_at }) =>
      String(sent_at?.toZonedDateTimeISO('Europe/Berlin')),
    )
    expect(new Set(dates.map((date) => date.slice(0, 10))).size, dates.join(' ')).toBe(2)
  })
})
