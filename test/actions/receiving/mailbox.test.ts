/** The bounce mailbox, on Debian's Dovecot. */

import { ImapFlow } from 'imapflow'
import { sql } from 'kysely'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { enrolled, type TestApp, testApp } from '../../support/app.ts'
import { answerTo, bounceOf, type SentMail, sentMails } from '../../support/bounces.ts'
import { type Dovecot, MAIL_SERVERS_ARE_HERE, openDovecot } from '../../support/mail-servers.ts'
import { until } from '../../support/wait.ts'

const ENV = { BOUNCE_DOMAIN: 'bounces.example', MAIL_FROM: 'The Site <morning@example.org>' }

/** The subjects and flags of the mails in a folder. */
async function lyingIn({ imapPort }: Dovecot, folder = 'INBOX') {
  const client = new ImapFlow({
    host: '127.0.0.1',
    port: imapPort,
    secure: false,
    auth: { user: 'reader', pass: 'secret' },
    logger: false,
  })
  await client.connect()
  await client.mailboxOpen(folder)
  const all = await client.fetchAll('1:*', { flags: true, envelope: true })
  await client.logout()
  return all.map(({ envelope, flags }) => ({
    subject: envelope?.subject,
    flags: [...(flags ?? [])].filter((flag) => flag !== '\\Recent'),
  }))
}

const countReports = async ({ db }: TestApp) =>
  (await sql<{ n: number }>`select count(*)::int as n from reports`.execute(db)).rows[0]?.n ?? 0
const countForwards = async ({ db }: TestApp) =>
  (await sql<{ n: number }>`select count(*)::int as n from forwards`.execute(db)).rows[0]?.n ?? 0
const noticesOf = async ({ app }: TestApp) => (await app.operator.status()).notices

/** Sends this many mails. Its worker is closed, or it would read the mailbox too. */
async function readers(test: TestApp, count: number): Promise<SentMail[]> {
  const worker = await test.work()
  for (let number = 0; number < count; number++)
    await enrolled(test, { email: `reader${number}@example.com`, series: ['inner-wisdom'] })
  await test.settle()
  await worker.close()
  return sentMails(test)
}

describe.skipIf(!MAIL_SERVERS_ARE_HERE)('the bounce mailbox', () => {
  let dovecot: Dovecot
  beforeAll(async () => {
    dovecot = await openDovecot()
  })
  afterAll(() => dovecot?.[Symbol.asyncDispose]())
  afterEach(async () => {
    const client = new ImapFlow({
      host: '127.0.0.1',
      port: dovecot.imapPort,
      secure: false,
      auth: { user: 'reader', pass: 'secret' },
      logger: false,
    })
    await client.connect()
    await client.mailboxOpen('INBOX')
    await client.messageDelete('1:*')
    await client.logout()
  })

  it('is read at once and on new mail: bounces are counted and removed, the rest is kept', async () => {
    await using test = await testApp({ env: { ...ENV, BOUNCE_IMAP_URL: dovecot.url } })
    const mails = await readers(test, 2)
    const [first, second] = mails.filter(({ address }) => address)
    if (!first || !second) throw new Error('nothing was sent')
    await dovecot.put(
      bounceOf(first),
      'Subject: spam\r\nFrom: <>\r\n\r\nwords\r\n',
      answerTo(second),
    )
    const receiving = test.app.receiving.start()
    await until('the bounce', async () => (await lyingIn(dovecot)).length === 2)
    expect(await countReports(test)).toBe(1)
    expect(await lyingIn(dovecot)).toMatchObject([
      { subject: 'spam', flags: ['$DawnpostRead'] },
      { subject: 'Re: Day 1', flags: ['$DawnpostRead'] },
    ])
    // Noticed by IDLE: the next poll is minutes away.
    await dovecot.put(bounceOf(second))
    await until('the second bounce', async () => (await countReports(test)) === 2)
    await receiving.close()
    expect(await countForwards(test)).toBe(1)
  })

  it('is left to the worker that holds its lease, and taken over when that ends', async () => {
    await using test = await testApp({ env: { ...ENV, BOUNCE_IMAP_URL: dovecot.url } })
    const [mail] = await readers(test, 1)
    if (!mail) throw new Error('nothing was sent')
    const first = test.app.receiving.start()
    const holder = async () =>
      (await sql<{ worker: string }>`select worker from receivers`.execute(test.db)).rows
    await until('the first to hold it', async () => (await holder()).length === 1)
    await sql`update receivers set worker = 'another',
      lease_until = now() + interval '1 minute'`.execute(test.db)
    await first.close()
    expect(await holder()).toEqual([{ worker: 'another' }])
    await dovecot.put(bounceOf(mail))
    await sql`update receivers set lease_until = now() - interval '1 second'`.execute(test.db)
    const second = test.app.receiving.start()
    await until('the second to read', async () => (await countReports(test)) === 1)
    await second.close()
  })

  it.each([
    ['moved to a folder that it makes', '?read=move:Done/Bounces', 'Done/Bounces', []],
    ['kept and marked', '?read=keep', 'INBOX', ['$DawnpostRead']],
  ])('can have its mails %s', async (_, setting, folder, flags) => {
    await using own = await openDovecot({
      lines: 'namespace inbox {\n  inbox = yes\n  separator = /\n}',
    })
    await using test = await testApp({ env: { ...ENV, BOUNCE_IMAP_URL: own.url + setting } })
    const [mail] = await readers(test, 1)
    if (!mail) throw new Error('nothing was sent')
    await own.put(bounceOf(mail))
    const receiving = test.app.receiving.start()
    await until('the bounce', async () =>
      (await lyingIn(own, folder).catch(() => [])).some(({ flags: has }) =>
        flags.every((flag) => has.includes(flag)),
      ),
    )
    await receiving.close()
    expect(await countReports(test)).toBe(1)
  })

  it('raises a notice if the login is refused or its folder does not exist', async () => {
    const wrong = dovecot.url.replace('secret', 'guess')
    await using test = await testApp({ env: { ...ENV, BOUNCE_IMAP_URL: wrong } })
    const refused = test.app.receiving.start()
    await until('the notice', async () => (await noticesOf(test)).length > 0)
    expect(await noticesOf(test)).toEqual([expect.stringMatching(/rejects the login/)])
    expect(await test.app.operator.readiness()).toMatchObject({ notices: ['bounce-mailbox-login'] })
    await refused.close()
    await using missing = await testApp({
      env: { ...ENV, BOUNCE_IMAP_URL: dovecot.url.replace('INBOX', 'Nowhere') },
    })
    const lost = missing.app.receiving.start()
    await until('the notice', async () => (await noticesOf(missing)).length > 0)
    expect(await noticesOf(missing)).toEqual([expect.stringMatching(/folder in BOUNCE_IMAP_URL/)])
    await lost.close()
  })

  it('is read again after its server was down', async () => {
    await using own = await openDovecot()
    await using test = await testApp({ env: { ...ENV, BOUNCE_IMAP_URL: own.url } })
    const [mail] = await readers(test, 1)
    if (!mail) throw new Error('nothing was sent')
    const receiving = test.app.receiving.start()
    await until('it to be open', async () => (await own.log()).includes('Login: user='))
    await own.stop()
    await own.put(bounceOf(mail))
    await own.start()
    await until('the bounce', async () => (await countReports(test)) === 1)
    await receiving.close()
    expect(await noticesOf(test)).toEqual([])
  })

  it('is read only once its notice can be deleted: a notice does not outlive its cause', async () => {
    await using test = await testApp({ env: { ...ENV, BOUNCE_IMAP_URL: dovecot.url } })
    const [mail] = await readers(test, 1)
    if (!mail) throw new Error('nothing was sent')
    await sql`insert into notices (name) values ('bounce-mailbox-away')`.execute(test.db)
    await sql`create function refuse() returns trigger language plpgsql as $$ begin raise 'not now';
      end $$`.execute(test.db)
    await sql`create trigger refuse before delete on notices
      for each row execute function refuse()`.execute(test.db)
    await dovecot.put(bounceOf(mail))
    const logins = async () => (await dovecot.log()).split('Login: user=').length
    const before = await logins()
    const receiving = test.app.receiving.start()
    // A second login means that the first try has failed.
    await until('it to be opened twice', async () => (await logins()) > before + 1)
    expect(await countReports(test)).toBe(0)
    await sql`drop trigger refuse on notices`.execute(test.db)
    await until('the bounce', async () => (await countReports(test)) === 1)
    await receiving.close()
    expect(await noticesOf(test)).toEqual([])
  })
})
