/**
 * Failures over a real connection: each row is a server's reply (standards.md,
 * C-table).
 */
import { describe, expect, it } from 'vitest'
import { type SmtpError, type Verdict, verdictOn } from '../../src/domain/verdict.ts'
import type { MimeMessage } from '../../src/mail/mail.ts'
import { openPool, type SmtpPool } from '../../src/mail/smtp/smtp-pool.ts'
import { readServer } from '../../src/platform/smtp-server.ts'
import { type Answer, type Script, type Step, scriptedSmtp } from '../mail/smtp/scripted-smtp.ts'
import { freePort } from '../support/free-port.ts'

const ENVELOPE = { from: 'morning@courses.example', to: 'ada@example.com' }
const MESSAGE: MimeMessage = [
  Buffer.from('Subject: Good morning\r\n\r\n'),
  Buffer.from('Hello.\r\n'),
]

/** Sends a mail that has to fail. */
async function failureOf(pool: SmtpPool): Promise<SmtpError> {
  try {
    await pool.send(ENVELOPE, MESSAGE)
  } catch (error) {
    return error as SmtpError
  } finally {
    await pool.close()
  }
  throw new Error('the mail was accepted')
}

/** The verdict on the failure when a server follows `script`. */
async function verdictAfter(script: Script, login = ''): Promise<Verdict> {
  await using server = await scriptedSmtp(script)
  return verdictOn(await failureOf(openPool(readServer(`smtp://${login}127.0.0.1:${server.port}`))))
}

type Row = readonly [step: Step, reply: Answer, verdict: Verdict]
const each = (rows: readonly Row[]) =>
  it.each(rows)('at %s: "%s" is %s', async (step, reply, verdict) => {
    expect(await verdictAfter({ [step]: reply })).toBe(verdict)
  })

it('a mail that is accepted has no verdict', async () => {
  await expect(verdictAfter({})).rejects.toThrow('the mail was accepted')
})

describe('the address is at fault', () => {
  each([
    ['RCPT', '550 5.1.1 no such user', 'bounced'],
    [
      'RCPT',
      '550-5.1.1 The email account that you tried to reach\r\n550 5.1.1 does not exist',
      'bounced',
    ],
    ['RCPT', '550 5.1.2 no such domain', 'bounced'],
    ['RCPT', '553 5.1.3 bad syntax', 'bounced'],
    ['RCPT', '550 5.1.6 moved away', 'bounced'],
    ['RCPT', '556 5.1.10 this domain takes no mail', 'bounced'],
    ['RCPT', '556 this domain takes no mail', 'bounced'],
    ['RCPT', '550 5.1.10 null MX', 'bounced'],
    ['RCPT', '550 no such user here', 'bounced'],
  ])
})

describe('the address is disabled, perhaps for now', () => {
  each([
    ['RCPT', '550 5.2.1 the account is disabled', 'disabled'],
    ['RCPT', '550 5.4.1 Recipient address rejected: Access denied', 'disabled'],
    ['end', '550 5.2.1 the account is disabled', 'refused'],
  ])
})

describe('the mailbox or its network has trouble, and nobody is suppressed', () => {
  each([
    ['RCPT', '552 5.2.2 mailbox full', 'refused'],
    ['RCPT', '452 4.2.2 mailbox full', 'retry'],
    ['RCPT', '550 5.4.1 no answer from host', 'refused'],
    ['RCPT', '550 5.4.4 unable to route', 'refused'],
    ['RCPT', '550 5.4.6 routing loop', 'refused'],
  ])
})

describe('the mail may pass later', () => {
  each([
    ['RCPT', '450 4.7.1 greylisted', 'retry'],
    ['RCPT', '451 4.3.0 try again', 'retry'],
    ['end', '451 local error', 'retry'],
    ['RCPT', '452 4.5.3 too many recipients', 'retry'],
    ['MAIL', '452 4.3.1 no storage', 'retry'],
  ])
})

describe('the server wants less of us', () => {
  each([
    ['MAIL', '421 4.7.0 slow down', 'slow'],
    ['RCPT', '421 4.7.0 slow down', 'slow'],
    ['end', '454 4.7.0 throttled', 'slow'],
  ])
})

it('a server that turns us away while no connection is open is down', async () => {
  expect(await verdictAfter({ connect: '421 too many connections' })).toBe('transport')
})

describe('we are at fault: our reputation or set-up', () => {
  each([
    ['RCPT', '550 5.7.1 blocked', 'ours'],
    ['end', '554 5.7.1 looks like spam', 'ours'],
    ['end', '550 5.7.515 access denied, the sending domain does not authenticate', 'ours'],
    ['RCPT', '550 5.7.26 unauthenticated', 'ours'],
    ['end', '451 4.7.26 unauthenticated', 'ours'],
    ['MAIL', '550 sender refused', 'ours'],
  ])

  it.each<[Step]>([['RCPT'], ['end']])(
    'a 554 without a reason, at %s, is a block',
    async (step) => {
      expect(await verdictAfter({ [step]: '554 Transaction failed' })).toBe('ours')
    },
  )

  it('a 554 instead of a greeting does not give up the mail', async () => {
    expect(['ours', 'halt', 'transport']).toContain(
      await verdictAfter({ connect: '554 no service for you' }),
    )
  })

  it.each([
    '550 5.1.8 sender address rejected: domain not found',
    '550 5.1.7 bad sender address',
    '550 blocked, see the list of zen.example',
    '550 connection from [10.5.1.7] refused by policy',
  ])('no address is suppressed for "%s"', async (reply) => {
    expect(await verdictAfter({ RCPT: reply })).not.toBe('bounced')
  })
})

describe('this message is at fault', () => {
  each([
    ['end', '552 5.3.4 message too big', 'refused'],
    ['MAIL', '552 5.3.4 message too big', 'refused'],
    ['RCPT', '553 5.6.7 needs SMTPUTF8', 'refused'],
    ['end', '550 5.6.0 malformed', 'refused'],
    ['RCPT', '550 5.2.3 message too long for this mailbox', 'refused'],
  ])
})

describe('the session is at fault', () => {
  each([
    ['RCPT', '503 bad sequence', 'transport'],
    ['MAIL', '503 5.5.1 say hello first', 'transport'],
  ])

  each([
    ['MAIL', '530 5.7.0 authentication required', 'halt'],
    ['RCPT', '530 5.7.1 client was not authenticated', 'halt'],
    ['MAIL', '538 5.7.11 encryption required', 'halt'],
  ])

  it.each<[string, Verdict]>([
    ['550 5.7.1 that is no name', 'halt'],
    ['451 4.7.1 try again', 'transport'],
  ])('"%s" in reply to our name is %s', async (reply, verdict) => {
    expect(await verdictAfter({ EHLO: reply, HELO: reply })).toBe(verdict)
  })

  it('when we may not log in, everything stops', async () => {
    expect(await verdictAfter({ AUTH: '535 5.7.8 wrong password' }, 'me:secret@')).toBe('halt')
  })
})

describe('what a server does not accept at all', () => {
  it('is a mail larger than it announces, and that mail alone', async () => {
    await using server = await scriptedSmtp({ EHLO: '250-test\r\n250 SIZE 20' })
    const failure = await failureOf(openPool(readServer(`smtp://127.0.0.1:${server.port}`)))
    expect(verdictOn(failure)).toBe('refused')
    expect(failure.message).toContain('larger than allowed 20')
  })

  it('is an address that no command can hold', async () => {
    await using server = await scriptedSmtp({})
    const pool = openPool(readServer(`smtp://127.0.0.1:${server.port}`))
    const sent = pool.send({ ...ENVELOPE, to: 'ada@example.com>' }, MESSAGE)
    expect(verdictOn(await sent.catch((error) => error))).toBe('refused')
    await pool.close()
  })

  it.each([
    ['250-test\r\n250 AUTH XOAUTH2', 'XOAUTH2'],
    ['250-test\r\n250 SIZE 1000', 'offers no login'],
  ])('is a password, when it answers %j', async (EHLO, words) => {
    await using server = await scriptedSmtp({ EHLO })
    const failure = await failureOf(
      openPool(readServer(`smtp://me:secret@127.0.0.1:${server.port}`)),
    )
    expect(verdictOn(failure)).toBe('halt')
    expect(failure.message).toContain(words)
    expect(server.heard.filter((line) => line.startsWith('AUTH'))).toEqual([])
  })
})

describe('a connection that is cut', () => {
  it('right after 354 leaves no doubt: the server never got the end of the mail', async () => {
    expect(await verdictAfter({ DATA: { thenCut: '354 go on' } })).toBe('transport')
  })

  it.each<[Step, Verdict]>([
    ['connect', 'transport'],
    ['MAIL', 'transport'],
    ['RCPT', 'transport'],
    ['DATA', 'transport'],
    ['end', 'unknown'],
  ])('at %s leaves the outcome %s', async (step, verdict) => {
    expect(await verdictAfter({ [step]: null })).toBe(verdict)
  })

  it('was never open when nobody listens', async () => {
    const pool = openPool(readServer(`smtp://127.0.0.1:${await freePort()}`))
    expect(verdictOn(await failureOf(pool))).toBe('transport')
  })
})
