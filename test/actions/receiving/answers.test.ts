/** Answers from people to our mails: never lost, never counted as bounces, and never looped. */
import { gzipSync } from 'node:zlib'
import { sql } from 'kysely'
import { expect, it } from 'vitest'
import {
  MAX_FORWARD_BYTES_PER_DAY,
  MAX_FORWARDS_PER_DAY,
  MAX_PER_RETURN_PATH_PER_DAY,
  MAX_TO_ROLES_PER_DAY,
  receive,
} from '../../../src/actions/receiving/receive.ts'
import { readReports } from '../../../src/mail/inbound/read-reports.ts'
import { mayForward } from '../../../src/mail/message/forward.ts'
import * as stores from '../../../src/store/index.ts'
import { enrolled, type TestApp, testApp } from '../../support/app.ts'
import { answerTo, bounceOf, sentMails } from '../../support/bounces.ts'
import { keptLog } from '../../support/log.ts'
import { openMailbox } from '../../support/mailbox.ts'

const ENV = {
  BOUNCE_DOMAIN: 'bounces.example',
  MAIL_FROM: 'The Site <morning@site.example>',
  REPLY_TO: 'teacher@site.example',
}

async function reader(test: TestApp) {
  await enrolled(test, { email: 'ada@example.com', series: ['inner-wisdom'] })
  await test.settle()
  const [mail] = await sentMails(test)
  if (!mail) throw new Error('nothing was sent')
  return mail
}

const arrived = (raw: string, isNullSender = false) => ({
  raw: Buffer.from(raw),
  source: 'listener' as const,
  localPart: null,
  isNullSender,
})

const rows = async ({ db }: TestApp) =>
  (
    await sql<{ status: string; raw: Buffer | null; attempts: number }>`
    select status, raw, attempts from forwards order by id`.execute(db)
  ).rows

it('an answer is forwarded once, however often it comes, and purged after a month', async () => {
  await using mailbox = await openMailbox()
  await using test = await testApp({ env: { ...ENV, SMTP_URL: mailbox.url } })
  const mail = await reader(test)
  const answer = arrived(answerTo(mail))
  expect(await test.app.receiving.receive(answer)).toBe('answer')
  await test.app.receiving.receive(answer)
  await test.app.receiving.forward()
  await test.app.receiving.receive(answer)
  await test.app.receiving.forward()
  expect(mailbox.to('teacher@site.example')).toHaveLength(1)
  // The text is deleted once it was forwarded.
  expect(await rows(test)).toMatchObject([{ status: 'sent', raw: null }])
  expect((await sql`select from reports`.execute(test.db)).rows).toHaveLength(0)
  await test.app.receiving.purge()
  expect(await rows(test)).toHaveLength(1)
  test.clock.set(test.app.now().add({ hours: 24 * 31 }))
  await test.app.receiving.purge()
  expect(await rows(test)).toHaveLength(0)
})

it('an answer is not forwarded if a program wrote it or its sender is null (C13)', async () => {
  await using test = await testApp({ env: ENV })
  const mail = await reader(test)
  const automatic = answerTo(mail).replace(
    'MIME-Version',
    'Auto-Submitted: auto-replied\r\nMIME-Version',
  )
  expect(await test.app.receiving.receive(arrived(automatic))).toBe('read')
  await test.app.receiving.receive(arrived(answerTo(mail), true))
  await test.app.receiving.receive(arrived(bounceOf(mail), true))
  const circle = answerTo(mail).replace('MIME-Version', 'X-Dawnpost-Forward: <x@y>\r\nMIME-Version')
  await test.app.receiving.receive(arrived(circle))
  expect(await rows(test)).toEqual([])
})

it('an answer waits while the relay refuses it, with a notice, and is sent later', async () => {
  let isRefusing = true
  const offered: string[] = []
  await using mailbox = await openMailbox({
    onRcptTo: ({ address }, _session, done) => {
      if (address !== 'teacher@site.example') return done()
      offered.push(address)
      done(isRefusing ? Object.assign(new Error('try later'), { responseCode: 550 }) : null)
    },
  })
  await using test = await testApp({ env: { ...ENV, SMTP_URL: mailbox.url } })
  const mail = await reader(test)
  await test.app.receiving.receive(arrived(answerTo(mail)))
  await test.app.receiving.forward()
  expect(await rows(test)).toMatchObject([{ status: 'waiting', attempts: 1 }])
  expect((await test.app.operator.status()).notices).toEqual([])
  test.clock.set(test.app.now().add({ hours: 2 }))
  await test.app.receiving.forward()
  expect((await test.app.operator.status()).notices).toEqual([
    expect.stringContaining('could not be forwarded'),
  ])
  isRefusing = false
  test.clock.set(test.app.now().add({ hours: 2 }))
  await test.app.receiving.forward()
  expect(offered).toHaveLength(3)
  expect(mailbox.to('teacher@site.example')).toHaveLength(1)
  expect((await test.app.operator.status()).notices).toEqual([])
})

it('an answer is sent again as the same mail if the worker died while sending', async () => {
  await using mailbox = await openMailbox()
  await using test = await testApp({ env: { ...ENV, SMTP_URL: mailbox.url } })
  const mail = await reader(test)
  await test.app.receiving.receive(arrived(answerTo(mail)))
  await sql`update forwards set status = 'sending', worker = 'gone', attempts = 1,
    message_id = '<answer.1@x>',
    first_tried_at = ${String(test.app.now())}, lease_until = now() + interval '1 minute'`.execute(
    test.db,
  )
  await test.app.receiving.forward()
  expect(mailbox.to('teacher@site.example')).toHaveLength(0)
  await sql`update forwards set lease_until = now() - interval '1 second'`.execute(test.db)
  await test.app.receiving.forward()
  expect(mailbox.to('teacher@site.example').map((one) => one.mail.messageId)).toEqual([
    '<answer.1@x>',
  ])
})

it('answers are deferred when more come in a day than anybody reads', async () => {
  await using test = await testApp({ env: ENV })
  const mail = await reader(test)
  await sql`insert into forwards (id, digest, raw, try_at, received_at)
    select gen_random_uuid(), decode(md5(i::text), 'hex'), '', ${String(test.app.now())},
      ${String(test.app.now())}
    from generate_series(1, ${MAX_FORWARDS_PER_DAY}) i`.execute(test.db)
  const one = test.app.receiving.receive(arrived(answerTo(mail)))
  await expect(one).rejects.toThrow('more than 2000 answers')
  // The limit is for answers only.
  expect(await test.app.receiving.receive(arrived(bounceOf(mail), true))).toBe('read')
})

it('mail to postmaster and the like has its own small limit, apart from readers’ answers', async () => {
  await using test = await testApp({ env: ENV })
  const mail = await reader(test)
  const letter = (to: string, body: string) => ({
    ...arrived(answerTo(mail, { body })),
    localPart: to,
  })
  for (let count = 0; count < MAX_TO_ROLES_PER_DAY; count++)
    await test.app.receiving.receive(letter(count % 2 ? 'abuse' : 'Postmaster', `${count}\n`))
  const late = test.app.receiving.receive(letter('postmaster', 'late\n'))
  await expect(late).rejects.toThrow('more than 50 mails to postmaster')
  expect(await test.app.receiving.receive(letter(mail.returnPath, 'Thank you\n'))).toBe('answer')
  expect(await rows(test)).toHaveLength(MAX_TO_ROLES_PER_DAY + 1)
  test.clock.set(test.app.now().add({ hours: 25 }))
  expect(await test.app.receiving.receive(letter('postmaster', 'late\n'))).toBe('answer')
})

it('answers to one mail are limited in number, and all answers in total size', async () => {
  await using test = await testApp({ env: ENV })
  const mail = await reader(test)
  const letter = (body: string) => ({
    ...arrived(answerTo(mail, { body })),
    localPart: mail.returnPath,
  })
  for (let count = 0; count < MAX_PER_RETURN_PATH_PER_DAY; count++)
    await test.app.receiving.receive(letter(`${count}\n`))
  // A duplicate does not count against the limit.
  expect(await test.app.receiving.receive(letter('0\n'))).toBe('answer')
  await expect(test.app.receiving.receive(letter('late\n'))).rejects.toThrow('5 answers to one')
  const other = { ...arrived(answerTo({ ...mail, returnPath: 'x' })), localPart: null }
  await sql`update forwards set bytes = ${MAX_FORWARD_BYTES_PER_DAY / MAX_PER_RETURN_PATH_PER_DAY}`.execute(
    test.db,
  )
  await expect(test.app.receiving.receive(other)).rejects.toThrow('bytes of answers')
  await sql`update forwards set bytes = 1`.execute(test.db)
  expect(await test.app.receiving.receive(other)).toBe('answer')
})

it('a receiver’s daily report is counted once', async () => {
  await using test = await testApp({ env: ENV })
  const xml = `<feedback><report_metadata><org_name>receiver.example</org_name><report_id>7</report_id>
    <date_range><begin>1805414400</begin><end>1805500799</end></date_range></report_metadata>
    <policy_published><domain>site.example</domain><p>none</p></policy_published>
    <record><row><source_ip>203.0.113.66</source_ip><count>4</count><policy_evaluated>
    <disposition>none</disposition><dkim>fail</dkim><spf>fail</spf></policy_evaluated></row>
    <identifiers><header_from>site.example</header_from></identifiers></record></feedback>`
  const mail = [
    'From: reports@receiver.example',
    'To: reports@bounces.example',
    'Subject: Report Domain: site.example Submitter: receiver.example Report-ID: 7',
    'Content-Type: application/gzip; name="receiver.example!site.example!1!2.xml.gz"',
    'Content-Disposition: attachment; filename="receiver.example!site.example!1!2.xml.gz"',
    'Content-Transfer-Encoding: base64',
    '',
    gzipSync(xml).toString('base64'),
    '',
  ].join('\r\n')
  expect(await test.app.receiving.receive(arrived(mail))).toBe('read')
  await test.app.receiving.receive(arrived(mail))
  const since = test.app.now().subtract({ hours: 1 })
  expect(await test.app.bounces.receiverReports(since)).toMatchObject([
    { kind: 'dmarc', domain: 'site.example', good: 0, bad: 4 },
  ])
})

it('a mail that no database can store is accepted anyway, or it would be retried forever', async () => {
  await using test = await testApp({ env: ENV })
  const mail = await reader(test)
  const { log, messages } = keptLog()
  const deps = {
    db: test.db,
    log,
    now: test.app.now,
    stores,
    readReports,
    mayForward: async (raw: Buffer, to: string) => mayForward(raw, to),
    answersTo: ENV.REPLY_TO,
    isReturnPath: () => false,
    take: test.app.bounces.take,
    takeReceiverFiles: test.app.bounces.takeReceiverFiles,
  }
  const halved = () => sql`select ${'"\\ud800"'}::jsonb`.execute(test.db)
  const raw = bounceOf(mail)
  expect(await receive(arrived(raw), { ...deps, take: halved })).toBe('other')
  expect(messages()).toEqual(['a mail that came back cannot be stored'])
  const away = () => sql`select from nowhere`.execute(test.db)
  await expect(receive(arrived(raw), { ...deps, take: away })).rejects.toThrow('nowhere')
  expect(await receive(arrived(raw), deps)).toBe('read')
})
