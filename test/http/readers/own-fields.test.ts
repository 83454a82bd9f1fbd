/**
 * A course's own fields: from the form to the mails, the preferences and the
 * data.
 */
import { load } from 'cheerio'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { COURSE, type Folder, folder, lesson, page, settings } from '../../content/folder.ts'
import { CONSENT } from '../../support/app.ts'
import { linksOf, type Mailbox, openMailbox } from '../../support/mailbox.ts'
import { faultsOf, textOf } from '../../support/page.ts'
import { FORM, followed, landed, stamped, type TestWeb, testWeb } from '../../support/web.ts'

const PATH = '/courses/c'
const FRIEND = 'https://teacher.example'
const OWN = `fields:
  goal:
    label: What is your goal?
    required: true
    most: 40
  level:
    label: How far are you?
    type: choice
    choices: [beginner, advanced]
  notes:
    label: Send me notes
    type: yes/no
`
const SAYS = '\n\n## A practice\n\n1. Do it.\n'
const FILES = {
  ...COURSE,
  'c/course.yaml': settings() + OWN,
  'c/welcome.md': page(
    { subject: 'Welcome', preheader: '"{{fields.goal or All of it}}"' },
    'You want {{fields.goal or much}}{{#if fields.notes}}, and notes{{/if}}.\n',
  ),
  'c/01-one.md': lesson(
    { subject: '"{{fields.goal or One}}: one"' },
    `As {{fields.level or anybody}}.${SAYS}`,
  ),
  'c/02-two.md': lesson(
    { subject: '"{{fields.goal or Two}}: two"' },
    `As {{fields.level or anybody}}.${SAYS}`,
  ),
}
const ANSWERS = {
  'fields.goal': 'to <b>draw</b>',
  'fields.level': 'advanced',
  'fields.notes': 'yes',
}

let courses: Folder
let mailbox: Mailbox
let web: TestWeb
/** Addresses whose next mail is deferred. */
const putOff = new Set<string>()

beforeAll(async () => {
  courses = await folder(FILES)
  mailbox = await openMailbox({
    onRcptTo: ({ address }, _session, done) =>
      putOff.delete(address)
        ? done(Object.assign(new Error('4.7.1 later'), { responseCode: 451 }))
        : done(),
  })
  const env = { SMTP_URL: mailbox.url, EMBED_ORIGINS: FRIEND }
  web = await testWeb({ coursesDir: courses.path, env })
})
afterAll(async () => {
  await web[Symbol.asyncDispose]()
  await mailbox[Symbol.asyncDispose]()
  await courses[Symbol.asyncDispose]()
})

const enroll = (email: string, answers: object = ANSWERS) =>
  web.enroll({ ...FORM, daily: '', email, ...answers }, {}, 'c')

const answersOf = (email: string) =>
  web.db
    .selectFrom('enrollments as e')
    .innerJoin('subscribers as s', 's.id', 'e.subscriber_id')
    .select(['e.id', 'e.subscriber_id', 'e.fields', 'e.status'])
    .where('s.address_key', '=', email)
    .orderBy('e.id')
    .execute()

const idsOf = async (email: string) => {
  const [row] = await answersOf(email)
  if (!row) throw new Error(`${email} has not enrolled`)
  return { id: row.id, subscriber: row.subscriber_id }
}

/** Enrolls and confirms; gives the path of the preferences. */
async function confirmed(email: string, answers: object = ANSWERS) {
  await enroll(email, answers)
  const { id, subscriber } = await idsOf(email)
  await web.app.reader.confirm(subscriber, CONSENT)
  return `/preferences/${web.app.links.token('preferences', id, web.app.now())}`
}

const change = async (path: string, email: string, answers: object) =>
  web.post(path, { do: 'answers', enrollment: (await idsOf(email)).id, ...answers })

const lastTo = (email: string) => mailbox.to(email).at(-1)?.mail

describe('the form', () => {
  it('asks in the course’s order, between name and time, and says what is optional', async () => {
    const $ = load(await (await web.get(PATH)).text())
    const asked = $('form [name]')
      .toArray()
      .map(({ attribs }) => attribs.name)
      .filter((name) => /^(name|fields|time)/.test(name ?? ''))
    expect(asked).toEqual(['name', 'fields.goal', 'fields.level', 'fields.notes', 'time'])
    expect($('#day-1').text()).toBe('One: one')
    const goal = $('[name="fields.goal"]')
    expect([goal.attr('maxlength'), goal.attr('required')]).toEqual(['40', 'required'])
    expect($('label[for="fields.goal-new"]').text()).toBe('What is your goal?')
    expect($('label[for="fields.level-new"]').text()).toBe('How far are you? optional')
    const copy = textOf(await (await web.get(`${PATH}/embed-code`)).text())
    expect(copy).toContain('name="fields.goal" maxlength="40" required>')
    expect(copy).toContain('How far are you? (optional)')
  })

  it.each([PATH, `${PATH}/embed`])(
    'is redisplayed with what is wrong and all that was answered: %s',
    async (path) => {
      const answers = {
        'fields.goal': 'see evil.example',
        'fields.level': 'guru',
        'fields.notes': 'yes',
      }
      const response = await web.post(path, stamped(web, { ...FORM, email: 'x', ...answers }, 'c'))
      const html = await (await followed(web, response)).text()
      expect(faultsOf(html)).toMatchObject({
        'fields.goal-new':
          'Leave web addresses out of your answer, and put a space after any period.',
        'fields.level-new': 'Choose one from the list.',
      })
      const $ = load(html)
      expect($('[name="fields.goal"]').val()).toBe('see evil.example')
      expect($('[name="fields.notes"]').attr('checked')).toBe('checked')
      const summary = load($('#fault').html() ?? '')
      expect(
        summary('a')
          .toArray()
          .map(({ attribs }) => attribs.href),
      ).toEqual(['#email', '#fields.goal-new', '#fields.level-new'])
    },
  )

  it('tells a listed site what is missing, field by field', async () => {
    const body = { form: 'short', email: 'ada@example.com', zone: 'Europe/Berlin', website: '' }
    const headers = { Origin: FRIEND, Accept: 'application/json' }
    const response = await web.post(PATH, body, headers)
    expect(response.status).toBe(422)
    expect(await response.json()).toMatchObject({
      fields: { 'fields.goal': 'Please answer this one.' },
    })
  })

  it('fits into an acceptable URL, however much is wrong', async () => {
    const long = { 'fields.goal': '字'.repeat(400), 'fields.level': '字'.repeat(400) }
    const response = await enroll('字'.repeat(300), { ...long, name: '字'.repeat(400) })
    expect(response.headers.get('location')?.length).toBeLessThan(8_000)
    const html = await landed(web, response)
    expect(faultsOf(html)['fields.goal-new']).toBe('Keep your answer to 40 characters at most.')
    expect(load(html)('[name="fields.goal"]').val()).toBe('字'.repeat(50))
  })
})

describe('answers', () => {
  it('are in no mail before they are confirmed, and in mails from then on', async () => {
    await enroll('ada@example.com')
    await web.settle()
    const asked = lastTo('ada@example.com')
    expect(asked?.subject).toBe('Please confirm your address')
    expect(`${asked?.text}${asked?.html}`).not.toMatch(/draw|advanced/)
    const { id, subscriber } = await idsOf('ada@example.com')
    await web.app.reader.confirm(subscriber, CONSENT)
    await web.settle()
    const welcome = lastTo('ada@example.com')
    expect(welcome?.text).toContain('You want to <b>draw</b>, and notes.')
    expect(welcome?.html).toContain('You want to &lt;b&gt;draw&lt;/b&gt;, and notes.')
    expect(await answersOf('ada@example.com')).toMatchObject([
      { id, fields: { goal: 'to <b>draw</b>', level: 'advanced', notes: 'yes' } },
    ])
  })

  it('of a reader who asks again change nothing that was asked or confirmed before', async () => {
    const other = { 'fields.goal': 'to bake' }
    await enroll('again@example.com')
    await enroll('again@example.com', other)
    await web.app.reader.confirm((await idsOf('again@example.com')).subscriber, CONSENT)
    await enroll('again@example.com', other)
    expect(await answersOf('again@example.com')).toMatchObject([
      { status: 'active', fields: { goal: 'to <b>draw</b>' } },
    ])
  })

  it('are changed on the page, with faults at their fields, and kept on a restart', async () => {
    const email = 'eve@example.com'
    const path = await confirmed(email)
    const refused = await landed(
      web,
      await change(path, email, { 'fields.goal': '', 'fields.level': 'guru' }),
    )
    const { id } = await idsOf(email)
    expect(faultsOf(refused)).toEqual({
      [`fields.goal-${id}`]: 'Please answer this one.',
      [`fields.level-${id}`]: 'Choose one from the list.',
    })
    await web.db
      .updateTable('enrollments')
      .set({ fields: { goal: 'to draw', level: 'expert', gone: 'kept' } })
      .where('id', '=', id)
      .execute()
    const said = await landed(
      web,
      await change(path, email, { 'fields.goal': 'to bake', 'fields.level': 'expert' }),
    )
    expect(textOf(said)).toContain('Saved.')
    expect(load(said)('[name="fields.level"] option[selected]').text()).toBe('expert')
    const now = { goal: 'to bake', level: 'expert', gone: 'kept' }
    expect(await answersOf(email)).toMatchObject([{ fields: now }])
    web.clock.set(web.app.now().add({ hours: 24 }))
    await web.settle()
    await web.app.reader.restart(id, CONSENT)
    expect(await answersOf(email)).toMatchObject([
      { fields: now },
      { status: 'active', fields: now },
    ])
  })

  it('of a mail’s first attempt stay in its retry; later mails and pages have the new', async () => {
    const email = 'late@example.com'
    const path = await confirmed(email, { 'fields.goal': 'to draw' })
    await web.settle()
    putOff.add(email)
    const morning = web.app
      .now()
      .toZonedDateTimeISO('Europe/Berlin')
      .add({ days: 1 })
      .with({ hour: 7, minute: 0 })
    web.clock.set(morning.toInstant())
    await web.settle()
    expect(putOff.has(email)).toBe(false)
    await change(path, email, { 'fields.goal': 'to bake', 'fields.level': 'beginner' })
    web.clock.set(morning.toInstant().add({ hours: 1 }))
    await web.settle()
    const lessons = () =>
      mailbox
        .to(email)
        .map(({ mail }) => mail.subject)
        .filter((one) => one?.endsWith('one') || one?.endsWith('two'))
    expect(lessons()).toEqual(['to draw: one'])
    expect(lastTo(email)?.text).toContain('As anybody.')
    web.clock.set(morning.add({ days: 1 }).toInstant())
    await web.settle()
    expect(lessons()).toEqual(['to draw: one', 'to bake: two'])
    const mail = mailbox.to(email).at(-1)
    const read = (mail ? linksOf(mail) : []).find((link) => link.includes('/lessons/')) ?? ''
    const html = textOf(await (await web.get(read)).text())
    expect(html).toContain('As beginner.')
    expect(html).toContain('to draw: one')
  })

  it('are made up in a mail that the author sends as a test', async () => {
    const test = { series: 'c', which: '1', to: 'author@example.com', firstName: '' }
    expect(await web.app.author.sendTest(test)).toContain('‹goal›: one')
    expect(lastTo('author@example.com')?.text).toContain('As beginner.')
  })

  it('are shown with all else that is known of the reader, and erased with it', async () => {
    const email = 'known@example.com'
    await confirmed(email)
    const { subscriber } = await idsOf(email)
    const link = `/data/${web.app.links.token('data', subscriber, web.app.now())}`
    const shown = textOf(await (await web.get(link)).text())
    expect(shown).toContain('What is your goal? to <b>draw</b>')
    expect(shown).toContain('Send me notes Yes')
    expect(await (await web.get(`${link}.json`)).json()).toMatchObject({
      enrollments: [
        {
          answers: expect.arrayContaining([
            { field: 'level', question: 'How far are you?', answer: 'advanced' },
          ]),
        },
      ],
    })
    await web.app.reader.erase(subscriber)
    expect(await answersOf(email)).toEqual([])
  })
})
