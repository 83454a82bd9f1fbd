/**
 * Answers to comments that are merged into a morning mail, with the real planner, sender and
 * database.
 */
import { sql } from 'kysely'
import PostalMime from 'postal-mime'
import { describe, expect, it } from 'vitest'
import { CONSENT } from '../../support/app.ts'
import { commentsWeb, trusted, write } from '../../support/comments.ts'
import { linksOf, type Mailbox, openMailbox } from '../../support/mailbox.ts'
import { berlin, live } from '../../support/mornings.ts'
import type { TestWeb } from '../../support/web.ts'

const [FRIDAY, SATURDAY, SUNDAY] = ['2027-03-19', '2027-03-20', '2027-03-21']
const BESIDE = 'ANSWERS TO YOUR COMMENTS'

/** Ada, whom Bob has answered on Friday at 13:40; both get the course at seven. */
async function answered(mailbox: Mailbox, env: Record<string, string> = {}) {
  const web = await commentsWeb({}, { env: { SMTP_URL: mailbox.url, ...env } })
  const [ada, bob] = [await trusted(web, 'Ada'), await trusted(web, 'Bob')]
  web.clock.set(berlin(`${FRIDAY}T13:30`))
  const { id: parent } = await write(web, ada, 'Is it so?', { wantsAnswers: true })
  web.clock.set(berlin(`${FRIDAY}T13:40`))
  const { id: answer } = await write(web, bob, 'It *is*, and more', { parent })
  // No worker runs yet: what a test plans stays planned until the test settles.
  await web.db.deleteFrom('ledger').execute()
  return { web, ada, bob, parent, answer }
}

const ledger = async ({ db }: Pick<TestWeb, 'db'>) => {
  const { rows } = await sql<{ words: string }>`
    select on_date || ' ' || status as words from comment_mails where kind = 'answers'
      order by on_date`.execute(db)
  return rows.map(({ words }) => words)
}
const texts = (mailbox: Mailbox, { email }: { email: string }) =>
  mailbox.to(email).map(({ mail }) => mail.text ?? '')
/** Mails about comments are handled both before and after planner and sender have worked. */
async function morning(web: TestWeb, ...moments: string[]) {
  for (const moment of moments) {
    web.clock.set(berlin(moment))
    await web.app.comments.mail()
    await live(web, moment)
    await web.app.comments.mail()
  }
}

describe('answers to comments', () => {
  it('are part of the morning’s lesson, once, with a link to stop them', async () => {
    await using mailbox = await openMailbox()
    const { web, ada, bob, parent } = await answered(mailbox)
    await using _ = web
    await morning(web, `${SATURDAY}T07:00`, `${SATURDAY}T08:00`, `${SATURDAY}T10:30`)
    const [text = '', ...more] = texts(mailbox, ada)
    expect(more).toEqual([])
    expect(text).toMatch(/Day 1 of 30[\s\S]*\nANSWERS TO YOUR COMMENTS\n\nBob\nIt is, and more\n/)
    expect(String(mailbox.to(ada.email)[0]?.mail.html)).toContain('It is, and more')
    expect(await ledger(web)).toEqual([`${SATURDAY} merged`])
    expect(texts(mailbox, bob).join()).not.toContain(BESIDE)
    // Later answers come the next morning.
    await write(web, bob, 'Later', { parent })
    await morning(web, `${SUNDAY}T07:00`)
    expect(texts(mailbox, ada)[1]).toMatch(/Day 2[\s\S]*\nBob\nLater\n/)
    expect(texts(mailbox, ada)[1]).not.toContain('It is, and more')
    const mail = mailbox.to(ada.email)[1]
    const leave = mail && linksOf(mail).find((link) => link.includes('/answers/'))
    expect((await web.post(new URL(leave ?? '').pathname, {})).status).toBeLessThan(400)
    expect(await web.app.comments.wantsAnswers(ada.id)).toBe(false)
  })

  it('come in a mail of their own if the operator merges no mails', async () => {
    await using mailbox = await openMailbox()
    const { web, ada } = await answered(mailbox, { ONE_MAIL_HOURS: '0' })
    await using _ = web
    await morning(web, `${SATURDAY}T07:00`)
    expect(texts(mailbox, ada).join()).not.toContain(BESIDE)
    expect(await ledger(web)).toEqual([`${SATURDAY} sent`])
  })

  it('wait for another mail no longer than two mails of a morning may be apart', async () => {
    await using mailbox = await openMailbox()
    const { web, ada } = await answered(mailbox)
    await using _ = web
    for (const [time, mails] of [
      ['07:00', 0],
      ['09:59', 0],
      ['10:00', 1],
    ] as const) {
      web.clock.set(berlin(`${SATURDAY}T${time}`))
      await web.app.comments.mail() // and no planner runs
      expect(mailbox.to(ada.email), time).toHaveLength(mails)
    }
    await morning(web, `${SATURDAY}T10:01`)
    expect(texts(mailbox, ada).join()).not.toContain(BESIDE)
  })

  it('come in a mail of their own if the lesson they would go with is not sent', async () => {
    await using mailbox = await openMailbox()
    const { web, ada } = await answered(mailbox)
    await using _ = web
    web.clock.set(berlin(`${SATURDAY}T07:00`))
    await web.app.sender.plan()
    expect(await ledger(web)).toEqual([`${SATURDAY} planned`])
    await web.app.comments.mail()
    expect(texts(mailbox, ada)).toEqual([])
    await web.app.reader.unsubscribe(ada.enrollment, 'series', CONSENT)
    await morning(web, `${SATURDAY}T07:01`)
    expect(mailbox.to(ada.email).map(({ mail }) => mail.subject)).toContain(
      'An answer to your comments',
    )
    expect(texts(mailbox, ada).join()).not.toContain(BESIDE)
    expect(await ledger(web)).toEqual([`${SATURDAY} sent`])
  })

  it('are left out if their reader stops them after the mail was planned', async () => {
    await using mailbox = await openMailbox()
    const { web, ada } = await answered(mailbox)
    await using _ = web
    web.clock.set(berlin(`${SATURDAY}T07:00`))
    await web.app.sender.plan()
    await web.app.comments.wishAnswers(ada.id, 'no')
    await morning(web, `${SATURDAY}T07:01`)
    expect(texts(mailbox, ada)).toEqual([expect.not.stringContaining(BESIDE)])
  })

  it('are the same when the mail is retried, except for deleted ones', async () => {
    const tries: Buffer[] = []
    let refusals = 0
    await using mailbox = await openMailbox({
      onData: async (stream, { envelope }, done) => {
        const raw = Buffer.concat(await Array.fromAsync(stream as AsyncIterable<Buffer>))
        if (!envelope.rcptTo.some(({ address }) => address.startsWith('ada'))) return done()
        tries.push(raw)
        done(refusals-- > 0 ? Object.assign(new Error('4.3.0 busy'), { responseCode: 451 }) : null)
      },
    })
    const { web, bob, parent } = await answered(mailbox)
    await using _ = web
    const { id: gone } = await write(web, bob, 'Taken back', { parent })
    tries.length = 0
    refusals = 1
    await morning(web, `${SATURDAY}T07:00`)
    await write(web, bob, 'Too late for today', { parent })
    await web.app.comments.remove({ member: bob, id: gone })
    await morning(web, `${SATURDAY}T07:10`)
    const [first, second, ...more] = await Promise.all(tries.map((raw) => PostalMime.parse(raw)))
    expect(more).toEqual([])
    expect(second?.messageId).toBe(first?.messageId)
    expect(first?.text).toMatch(/\nIt is, and more\n[\s\S]*\nTaken back\n/)
    const block = /Bob\nTaken back\n.*\n\n/
    expect(first?.text).toMatch(block)
    expect(second?.text).toBe(first?.text?.replace(block, ''))
    expect(await ledger(web)).toEqual([`${SATURDAY} merged`])
  })

  it('are part of an inspiration if there is no lesson', async () => {
    await using mailbox = await openMailbox()
    const { web, ada } = await answered(mailbox)
    await using _ = web
    await web.app.reader.unsubscribe(ada.enrollment, 'series', CONSENT)
    await morning(web, `${SATURDAY}T07:00`)
    expect(texts(mailbox, ada)).toEqual([expect.stringContaining(BESIDE)])
    expect(await ledger(web)).toEqual([`${SATURDAY} merged`])
  })

  it('are not sent again if the outcome of the mail with them is unknown', async () => {
    await using mailbox = await openMailbox()
    const { web, ada, answer } = await answered(mailbox)
    await using _ = web
    web.clock.set(berlin(`${SATURDAY}T07:00`))
    await web.app.sender.plan()
    await sql`update comment_mails set told = ${[answer]}::uuid[]`.execute(web.db)
    await sql`update ledger set status = 'unknown', lost_at = now(),
      resends_ended = true`.execute(web.db)
    await web.app.comments.mail()
    expect(await ledger(web)).toEqual([`${SATURDAY} planned`])
    web.clock.set(berlin(`${SATURDAY}T21:00`))
    await web.app.comments.mail()
    expect(await ledger(web)).toEqual([`${SATURDAY} unknown`])
    await morning(web, `${SUNDAY}T07:00`, `${SUNDAY}T10:01`)
    expect(texts(mailbox, ada).join()).not.toContain('It is, and more')
  })
})
