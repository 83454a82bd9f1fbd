/** Relays with caps and quirks: how many connections and commands they see. */
import { describe, expect, it } from 'vitest'
import type { MimeMessage } from '../../src/mail/mail.ts'
import { openPool } from '../../src/mail/smtp/smtp-pool.ts'
import { readServer } from '../../src/platform/smtp-server.ts'
import { openRelay, type Relay, type Rules } from '../support/relay.ts'

const FROM = 'morning@courses.example'
const MESSAGE: MimeMessage = [
  Buffer.from('Subject: Good morning\r\n\r\n'),
  Buffer.from('Hello.\r\n'),
]
const turn = () => new Promise((resolve) => setImmediate(resolve))

/** Sends a number of mails at once, and returns the results. */
async function send(relay: Relay, mails: number, settings: string) {
  const pool = openPool(readServer(`${relay.url}?${settings}`))
  const results = await Promise.allSettled(
    Array.from({ length: mails }, (_, number) =>
      pool.send({ from: FROM, to: `r${number}@example.com` }, MESSAGE),
    ),
  )
  await pool.close()
  return results
}

const failures = (results: readonly PromiseSettledResult<string>[]) =>
  results.filter(({ status }) => status === 'rejected').length

describe('connections', () => {
  it('never exceed the configured number, including those being closed', async () => {
    const slowGoodbye = async () => {
      for (let wait = 0; wait < 20; wait++) await turn()
    }
    await using relay = await openRelay({ slowGoodbye })
    expect(failures(await send(relay, 60, 'connections=4&mailsPerConnection=3'))).toBe(0)
    expect(relay.most()).toBe(4)
    expect(relay.asked.connect).toBe(20)
  })

  it('are replaced a moment later if the server still counts one that has ended', async () => {
    await using relay = await openRelay({ cap: 4, reapedMs: 10 })
    expect(failures(await send(relay, 300, 'connections=4&mailsPerConnection=3'))).toBe(0)
    expect(relay.taken).toHaveLength(300)
    expect(relay.sentAway()).toBeLessThan(8)
  })

  it.each(['RCPT', 'MAIL', 'DATA', 'end'] as const)(
    'are kept when a mail is refused at %s',
    async (at) => {
      const answer: Rules['answer'] = (step) => (step === at ? '550 5.7.1 not this one' : undefined)
      await using relay = await openRelay({ answer, offers: ['PIPELINING'] })
      expect(failures(await send(relay, 40, 'connections=4&mailsPerConnection=99'))).toBe(40)
      expect(relay.asked.connect).toBe(4)
      // The end of a message ends its transaction, so nothing needs to be reset.
      if (at !== 'end') expect(relay.asked.RSET).toBe(40)
      expect(relay.most()).toBe(4)
    },
  )

  it('beyond a cap cost no mail, and are rarely tried', async () => {
    await using relay = await openRelay({ cap: 5 })
    expect(failures(await send(relay, 300, 'connections=20'))).toBe(0)
    expect(relay.taken).toHaveLength(300)
    // A single burst, of no more connections than were already open.
    expect(relay.sentAway()).toBeLessThan(12)
  })

  it('of two workers share a cap without many refusals, and no mail fails', async () => {
    const [cap, mails] = [6, 150]
    let whenFull = 0
    const answer: Rules['answer'] = async (step) => {
      if (step !== 'end') return undefined
      // Slow enough for both workers to be sending.
      for (let wait = 0; wait < 40; wait++) await turn()
      if (relay.open() >= cap - 1) whenFull += 1
      return undefined
    }
    await using relay: Relay = await openRelay({ cap, answer })
    const outcomes = await Promise.all([1, 2].map(() => send(relay, mails, 'connections=8')))
    expect(outcomes.map(failures)).toEqual([0, 0])
    expect(relay.taken).toHaveLength(2 * mails)
    // For most mails the cap was reached or nearly reached.
    expect(whenFull).toBeGreaterThan(1.5 * mails)
    // A burst from each and a try now and then, although each connection is replaced after ten
    // mails.
    expect(relay.sentAway()).toBeLessThan(40)
  })

  it.each([
    ['MAIL', '421 4.7.0 too many messages in this connection'],
    ['MAIL', '451 Too many messages this session'],
    ['RCPT', '452 4.5.3 Too many recipients: Too many messages sent'],
    ['RCPT', '450 4.5.3 Limit reached'],
  ])(
    'that have used up their mails are replaced at once, without slowing down: %s, %s',
    async (when, words) => {
      const answer: Rules['answer'] = (step, { mails }) =>
        step === when && mails > 5 ? words : undefined
      await using relay = await openRelay({ answer, offers: ['PIPELINING'] })
      expect(failures(await send(relay, 60, 'connections=3&mailsPerConnection=99'))).toBe(0)
      expect(relay.taken).toHaveLength(60)
      expect(relay.asked.connect).toBeLessThanOrEqual(15)
    },
  )

  it.each([
    ['Exim', '250 mx.example Hello here.example [127.0.0.1]', 20],
    ['Exim with ident', '250-mx.example Hello root at here.example [127.0.0.1]\r\n250 HELP', 20],
    ['Postfix', '250-mx.example\r\n250 PIPELINING', 2],
    ['OpenSMTPD', '250 mx.example Hello here.example [127.0.0.1], pleased to meet you', 2],
    ['Exchange', '250 mx.example Hello [127.0.0.1]', 2],
  ])('carry ten mails each for Exim, which only queues more: %s', async (_, hello, opened) => {
    await using relay = await openRelay({ answer: (step) => (step === 'EHLO' ? hello : undefined) })
    expect(failures(await send(relay, 200, 'connections=2'))).toBe(0)
    expect(relay.asked.connect).toBe(opened)
  })
})
