/**
 * End to end: mail goes out by Debian's Postfix, which writes its own bounces for what the
 * destination refuses. These come back by IMAP or the listener and end as suppressions.
 */
import { ImapFlow } from 'imapflow'
import { sql } from 'kysely'
import { createTransport } from 'nodemailer'
import PostalMime from 'postal-mime'
import { describe, expect, it } from 'vitest'
import { enrolled, type TestApp, testApp } from '../../support/app.ts'
import { answerTo, sentMails } from '../../support/bounces.ts'
import { freePort } from '../../support/free-port.ts'
import {
  MAIL_SERVERS_ARE_HERE,
  openDovecot,
  openPostfix,
  type Postfix,
} from '../../support/mail-servers.ts'
import { until } from '../../support/wait.ts'

const ENV = {
  BOUNCE_DOMAIN: 'bounces.example',
  MAIL_FROM: 'The Site <morning@site.example>',
  REPLY_TO: 'teacher@site.example',
}
const ANSWERS = {
  'gone@example.com': '550 5.1.1 no such user here',
  'full@example.com': '552 5.2.2 the mailbox is full',
  'policy@example.com': '550 5.7.1 not on this list, by policy',
}

interface Told {
  readonly class: string
  readonly reason: string
  readonly status: string
  readonly source: string
}

async function reportsOf({ db }: TestApp, address: string): Promise<Told[]> {
  const { rows } = await sql<Told>`
    select r.class, r.reason, r.status, r.source from reports r
    join subscribers s on s.address_hash = r.address_hash where s.address = ${address}
      order by r.received_at`.execute(db)
  return rows
}

const suppressed = async ({ db }: TestApp) =>
  (
    await sql<{ address: string; reason: string }>`
    select s.address, x.reason from suppressions x
      join subscribers s on s.address_hash = x.address_hash`.execute(db)
  ).rows

/** Everybody enrolls and confirms, and the mails sent at once bounce. */
async function everybody(test: TestApp): Promise<void> {
  for (const email of ['ok@example.com', ...Object.keys(ANSWERS)])
    await enrolled(test, { email, series: ['inner-wisdom'] })
  await test.settle()
}

async function expectAll(test: TestApp, source: string, postfix: Postfix): Promise<void> {
  await until('every bounce', async () => {
    const all = await Promise.all(Object.keys(ANSWERS).map((one) => reportsOf(test, one)))
    return all.every((reports) => reports.length > 0)
  }).catch(async (error) => {
    throw new Error(`${error.message}\n${await postfix.log()}`)
  })
  expect(await reportsOf(test, 'gone@example.com')).toMatchObject([
    { class: 'hard', reason: 'no_such_user', status: '5.1.1', source },
  ])
  expect(await reportsOf(test, 'full@example.com')).toMatchObject([
    { class: 'soft', reason: 'mailbox_full', status: '5.2.2', source },
  ])
  expect(await reportsOf(test, 'policy@example.com')).toMatchObject([
    { class: 'block', status: '5.7.1', source },
  ])
  expect(await reportsOf(test, 'ok@example.com')).toEqual([])
  expect(await suppressed(test)).toEqual([{ address: 'gone@example.com', reason: 'bounce' }])
}

describe.skipIf(!MAIL_SERVERS_ARE_HERE)('a bounce from Postfix', () => {
  it('is read by IMAP', async () => {
    await using dovecot = await openDovecot()
    const transports = { 'bounces.example': `lmtp:inet:127.0.0.1:${dovecot.lmtpPort}` }
    await using postfix = await openPostfix({ transports, answers: ANSWERS })
    const env = { ...ENV, SMTP_URL: postfix.url, BOUNCE_IMAP_URL: dovecot.url }
    await using test = await testApp({ env })
    await everybody(test)
    await expectAll(test, 'imap', postfix)
  })

  it.each([
    ['SMTP', (port: number) => `127.0.0.1:${port}`, 'smtp:[127.0.0.1]:'],
    ['LMTP', (port: number) => `lmtp://127.0.0.1:${port}`, 'lmtp:inet:127.0.0.1:'],
  ])(
    'is taken by the listener over %s, and answers from people are forwarded',
    async (_, listen, transport) => {
      const port = await freePort()
      await using dovecot = await openDovecot()
      const transports = {
        'bounces.example': `${transport}${port}`,
        'site.example': `lmtp:inet:127.0.0.1:${dovecot.lmtpPort}`,
      }
      await using postfix = await openPostfix({ transports, answers: ANSWERS })
      const env = { ...ENV, SMTP_URL: postfix.url, BOUNCE_LISTEN: listen(port) }
      await using test = await testApp({ env })
      await everybody(test)
      await expectAll(test, 'listener', postfix)
      const [mail] = (await sentMails(test)).filter(({ address }) => address === 'ok@example.com')
      if (!mail) throw new Error('nothing was sent')
      await createTransport(postfix.url).sendMail({
        envelope: { from: mail.address, to: `${mail.returnPath}@bounces.example` },
        raw: answerTo(mail),
      })
      await until('the answer', async () => {
        await test.app.receiving.forward()
        return (await mailsIn(dovecot.imapPort)).length > 0
      })
      const [forwarded] = await mailsIn(dovecot.imapPort)
      expect(forwarded).toMatchObject({
        from: { name: 'Ada Lövelace via The Site', address: 'morning@site.example' },
        replyTo: [{ name: 'Ada Lövelace', address: 'ok@example.com' }],
        to: [{ address: 'teacher@site.example' }],
        subject: 'Re: Day 1',
        text: 'Thank you, that was a good morning.\n',
      })
      expect(await suppressed(test)).toHaveLength(1)
    },
  )
})

async function mailsIn(port: number) {
  const client = new ImapFlow({
    host: '127.0.0.1',
    port,
    secure: false,
    auth: { user: 'reader', pass: 'secret' },
    logger: false,
  })
  await client.connect()
  await client.mailboxOpen('INBOX')
  const all = await client.fetchAll('1:*', { source: true })
  await client.logout()
  return Promise.all(all.map(({ source }) => PostalMime.parse(source ?? '')))
}
