/** The mails about comments, and what their links do. */
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { CONSENT } from '../../support/app.ts'
import { commentsWeb, memberNamed, seenBy, trusted, write } from '../../support/comments.ts'
import { linksOf, type Mailbox, openMailbox } from '../../support/mailbox.ts'
import { textOf } from '../../support/page.ts'
import { allRows, pathOf, type TestWeb } from '../../support/web.ts'

const MODERATORS = ['mod@example.com', 'Other.Mod@example.com']
let mailbox: Mailbox
let web: TestWeb
beforeAll(async () => {
  mailbox = await openMailbox()
  // No planner runs here, so answers must not wait for a lesson to carry them.
  const env = {
    SMTP_URL: mailbox.url,
    PUBLIC_URL: 'https://courses.example',
    ONE_MAIL_HOURS: '0',
  }
  web = await commentsWeb({ moderators: MODERATORS }, { env, start: '2027-03-19T12:00:00Z' })
})
afterAll(async () => {
  await web?.[Symbol.asyncDispose]()
  await mailbox?.[Symbol.asyncDispose]()
})

/** Each test runs on days of its own. */
let day = 0
beforeEach(async () => {
  await sql`delete from comments`.execute(web.db)
  mailbox.received.length = 0
  at('12:00')
})
const at = (time: string, days = 0) => {
  if (days === 0 && time === '12:00') day++
  const on = Temporal.PlainDate.from('2027-03-20').add({ days: 2 * day + days })
  web.clock.set(on.toZonedDateTime({ timeZone: 'UTC', plainTime: time }).toInstant())
}
const to = (address: string) => mailbox.to(address)
/** The link of this kind in the only mail to a moderator. */
async function linkFor(what: string, address = 'mod@example.com') {
  await web.app.comments.mail()
  const [mail, ...more] = to(address)
  if (!mail || more.length > 0) throw new Error(`${more.length + 1} mails came`)
  const link = linksOf(mail).find((one) => one.endsWith(`/${what}`))
  if (!link) throw new Error(`there is no link to ${what}`)
  return link
}

describe('the daily mail to moderators', () => {
  it('tells each moderator at 08:00 what is waiting, once, however many processes run', async () => {
    const ada = await memberNamed(web, 'Ada')
    await write(web, ada, 'One & <b>\n\n{{firstName}} *x*')
    await web.app.comments.mail()
    expect(mailbox.received).toHaveLength(0)
    at('07:59', 1)
    await web.app.comments.mail()
    expect(mailbox.received).toHaveLength(0)
    at('08:00', 1)
    await Promise.all(Array.from({ length: 4 }, () => web.app.comments.mail()))
    at('09:00', 1)
    await write(web, ada, 'Two, later')
    await web.app.comments.mail()
    expect(mailbox.received.map(({ to }) => to.join()).sort()).toEqual([
      'Other.Mod@example.com',
      'mod@example.com',
    ])
    const [{ mail } = {}] = to('mod@example.com')
    expect(mail?.subject).toBe('1 comment waits for you')
    for (const part of [mail?.text, textOf(mail?.html ?? '')]) {
      expect(part).toContain('Ada')
      expect(part).toContain('A quiet hour')
      expect(part).toContain('One & <b>')
      expect(part).toContain('{{firstName}} *x*')
      expect(part).toContain('Their first comment')
      expect(part).not.toContain('Two, later')
    }
    expect(mail?.headers.map(({ key }) => key)).not.toContain('list-unsubscribe')
  })

  it('is not sent when nothing is waiting any more', async () => {
    const ada = await memberNamed(web, 'Ada')
    const { id } = await write(web, ada, 'One')
    at('08:00', 1)
    await web.app.comments.decide({ id, decision: 'reject', by: 'command line' })
    await web.app.comments.mail()
    expect(mailbox.received).toHaveLength(0)
  })

  it('is not sent twice after a crash during sending', async () => {
    await write(web, await memberNamed(web, 'Ada'), 'One')
    at('08:00', 1)
    await web.app.comments.mail()
    const sent = mailbox.received.length
    await sql`update comment_mails set status = 'sending', sent_at = null,
      lease_until = now() - interval '1 second'`.execute(web.db)
    await web.app.comments.mail()
    expect(mailbox.received).toHaveLength(sent)
    const { rows } = await sql<{
      status: string
    }>`select distinct status from comment_mails`.execute(web.db)
    expect(rows).toEqual([{ status: 'unknown' }])
    // What is still waiting is reported the next day.
    at('08:00', 2)
    await web.app.comments.mail()
    expect(mailbox.received).toHaveLength(2 * sent)
  })

  it('is due for retry after a temporary failure, and expires when the next mail is due', async () => {
    await using away = await openMailbox({
      onRcptTo: (_address, _session, done) =>
        done(Object.assign(new Error('later'), { responseCode: 451 })),
    })
    await using own = await commentsWeb(
      { moderators: ['mod@example.com'] },
      { env: { SMTP_URL: away.url }, start: '2027-03-19T07:00:00Z' },
    )
    await write(own, await memberNamed(own, 'Ada'), 'One')
    own.clock.set('2027-03-19T08:00:00Z')
    await own.app.comments.mail()
    const rows = () =>
      sql<{
        status: string
        id: string
      }>`select status, message_id as id from comment_mails`.execute(own.db)
    const [before] = (await rows()).rows
    expect(before?.status).toBe('retry')
    own.clock.set('2027-03-20T08:00:00Z')
    await own.app.comments.mail()
    expect((await rows()).rows.map(({ status }) => status).sort()).toEqual(['expired', 'retry'])
  })
})

describe('a link in that mail', () => {
  it.each([
    ['approve', 'published', ['Ada One published']],
    ['reject', 'rejected', []],
    ['block', 'rejected', []],
  ] as const)('asks for confirmation before it acts: %s', async (what, status, seen) => {
    const ada = await memberNamed(web, 'Ada')
    const { id } = await write(web, ada, 'One')
    at('08:00', 1)
    const link = await linkFor(what)
    const page = await (await web.get(link)).text()
    expect(textOf(page)).toContain('One')
    expect(await web.app.comments.inspectComment(id)).toMatchObject({
      comment: { status: 'waiting' },
    })
    const [, version = ''] = /name="version" value="(\d+)"/.exec(page) ?? []
    const done = await web.post(link, { version })
    expect(done.status).toBe(303)
    const look = await web.app.comments.inspectComment(id)
    expect(look).toMatchObject({ comment: { status } })
    expect(look?.decisions.map(({ by }) => by)).toContain('mod@example.com')
    expect(await seenBy(web, null)).toEqual(seen)
    expect(textOf(await (await web.get(link)).text())).toContain('Decided by mod@example.com')
    if (what === 'block')
      await expect(write(web, ada, 'Two')).rejects.toMatchObject({ key: 'page.comments.blocked' })
  })

  it('is void once somebody has decided or the text has changed', async () => {
    const ada = await memberNamed(web, 'Ada')
    at('07:50', 1)
    const { id } = await write(web, ada, 'One')
    at('08:00', 1)
    const link = await linkFor('approve')
    await web.app.comments.revise({ member: ada, id, text: 'Worse', network: 'x' })
    await web.post(link, { version: '1' })
    expect(await web.app.comments.inspectComment(id)).toMatchObject({
      comment: { status: 'waiting' },
    })
    await web.app.comments.decide({ id, decision: 'reject', by: 'command line' })
    for (const version of ['1', '2', ''])
      expect((await web.post(link, { version })).status).toBe(303)
    expect(await web.app.comments.inspectComment(id)).toMatchObject({
      comment: { status: 'rejected' },
    })
    await web.app.comments.remove({ member: ada, id })
    expect(textOf(await (await web.get(link)).text())).toContain('has been deleted')
  })

  it('works for fourteen days, for current moderators and for nothing else', async () => {
    await write(web, await memberNamed(web, 'Ada'), 'One')
    at('08:00', 1)
    const link = await linkFor('approve', 'Other.Mod@example.com')
    expect((await web.get(`${link}x`)).status).toBe(404)
    expect(
      (await web.get(link.replace('/moderation/', '/answers/').replace('/approve', ''))).status,
    ).toBe(404)
    await using others = await commentsWeb({ moderators: ['new@example.com'] })
    others.clock.set(web.app.now())
    expect((await others.get(link)).status).toBe(410)
    at('07:59', 15)
    expect((await web.get(link)).status).toBe(200)
    at('08:00', 15)
    expect((await web.get(link)).status).toBe(410)
  })
})

describe('the mail about answers', () => {
  it('goes to those who want it, once a day in their own morning, with each answer once', async () => {
    const [ada, bob] = [await trusted(web, 'Ada'), await trusted(web, 'Bob')]
    const { id: parent } = await write(web, ada, 'Is it so?', { wantsAnswers: true })
    at('12:01')
    await write(web, bob, 'It *is*', { parent })
    await write(web, ada, 'I answer myself', { parent })
    await web.app.comments.mail()
    expect(to(ada.email)).toHaveLength(0)
    // Their lessons come at 07:00 in Berlin, which is 06:00 or 05:00 UTC.
    at('04:59', 1)
    await web.app.comments.mail()
    expect(to(ada.email)).toHaveLength(0)
    at('06:00', 1)
    await Promise.all([web.app.comments.mail(), web.app.comments.mail()])
    await write(web, bob, 'And more', { parent })
    await web.app.comments.mail()
    const [one, ...more] = to(ada.email)
    expect(more).toHaveLength(0)
    expect(one?.mail.subject).toBe('An answer to your comments')
    expect(one?.mail.text).toContain('It is')
    expect(one?.mail.text).not.toContain('I answer myself')
    at('06:00', 2)
    await web.app.comments.mail()
    const [, two] = to(ada.email)
    expect(two?.mail.text).toContain('And more')
    expect(two?.mail.text).not.toContain('It is')
    expect(to(bob.email)).toHaveLength(0)
  })

  it('has a one-click unsubscribe of its own that ends these mails only', async () => {
    const [ada, bob] = [await trusted(web, 'Ada'), await trusted(web, 'Bob')]
    const { id: parent } = await write(web, ada, 'Again?', { wantsAnswers: true })
    at('12:01')
    await write(web, bob, 'Yes', { parent })
    at('06:00', 1)
    await web.app.comments.mail()
    const { headers = [] } = to(ada.email)[0]?.mail ?? {}
    const header = (name: string) => headers.find(({ key }) => key === name)?.value ?? ''
    expect(header('list-unsubscribe-post')).toBe('List-Unsubscribe=One-Click')
    const link = header('list-unsubscribe').slice(1, -1)
    expect(pathOf(link)).toMatch(/^\/answers\//)
    await web.get(link)
    expect(await web.app.comments.wantsAnswers(ada.id)).toBe(true)
    const answer = await web.post(link, { 'List-Unsubscribe': 'One-Click' })
    expect([answer.status, await answer.text()]).toEqual([200, 'Unsubscribed.'])
    expect(await web.app.comments.wantsAnswers(ada.id)).toBe(false)
    const { enrollments } = await web.app.reader.exportData(ada.id)
    expect(enrollments.every(({ status }) => status === 'active')).toBe(true)
  })

  it('is not sent to anyone who has left everything or was erased', async () => {
    const bob = await trusted(web, 'Bob')
    const [left, gone] = [await trusted(web, 'Lea'), await trusted(web, 'Gus')]
    for (const one of [left, gone]) {
      const { id: parent } = await write(web, one, `Really, ${one.name}?`, { wantsAnswers: true })
      at('12:01')
      await write(web, bob, `Yes, ${one.name}`, { parent })
    }
    await web.app.reader.unsubscribe(left.enrollment, 'everything', CONSENT)
    await web.app.reader.erase(gone.id)
    at('06:00', 1)
    await web.app.comments.mail()
    expect([...to(left.email), ...to(gone.email)]).toHaveLength(0)
  })
})

it('a scanner that follows every link in these mails changes nothing', async () => {
  const [ada, bob] = [await trusted(web, 'Ada'), await trusted(web, 'Bob')]
  const { id: parent } = await write(web, ada, 'So?', { wantsAnswers: true })
  at('12:01')
  await write(web, bob, 'It is so', { parent })
  await write(web, await memberNamed(web, 'Eve'), 'Waits')
  at('08:00', 1)
  await web.app.comments.mail()
  const links = [...to('mod@example.com'), ...to(ada.email)].flatMap(linksOf)
  const ours = links.filter((link) => link.startsWith(web.app.siteUrl))
  for (const part of ['/answers/', '/approve', '/reject', '/block', '?comment='])
    expect(ours.join(' ')).toContain(part)
  const before = await allRows(web.db)
  for (const link of ours)
    for (const ask of [web.get, web.head])
      for (let times = 0; times < 3; times++)
        expect([link, (await ask(link)).status]).toEqual([link, 200])
  expect(await allRows(web.db)).toEqual(before)
})
