/** The C-table of standards.md, and what must never cost anybody their mail. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { classify } from '../../src/domain/bounce.ts'

const judged = (status: string | null, code: number | null, text = '') => {
  const { class: of, reason } = classify({ status, code, text })
  return `${of} ${reason}`
}

describe('the C-table', () => {
  it.each<[string | null, number | null, string, string]>([
    ['5.1.1', 550, '', 'hard no_such_user'],
    ['5.1.2', 550, '', 'hard no_such_domain'],
    ['5.1.3', 553, '', 'hard no_such_user'],
    ['5.1.6', 551, '', 'hard moved'],
    ['5.1.10', 550, '', 'hard no_such_domain'],
    [null, 556, '', 'hard no_such_domain'],
    ['5.2.1', 550, '', 'disabled disabled'],
    ['5.2.2', 552, '', 'soft mailbox_full'],
    ['4.2.2', 452, '', 'soft mailbox_full'],
    ['4.7.1', 450, 'greylisted', 'soft greylisted'],
    [null, 451, '', 'soft system'],
    [null, 421, '', 'soft system'],
    [null, 452, '', 'soft system'],
    ['5.7.1', 550, '', 'block policy'],
    ['5.7.515', 550, '', 'sender authentication'],
    [null, 554, '', 'block policy'],
    ['5.3.4', 552, '', 'message too_big'],
    ['5.2.3', 550, '', 'message too_big'],
    ['5.6.7', 553, '', 'message smtputf8'],
    ['5.4.4', 550, '', 'soft dns'],
    ['5.4.6', 550, '', 'soft network'],
    ['4.4.7', 550, '', 'soft expired'],
    [null, 535, '', 'sender authentication'],
    [null, null, '', 'soft other'],
  ])('%s, %s "%s" is %s', (status, code, text, expected) => {
    expect(judged(status, code, text)).toBe(expected)
  })

  it.each(['5.7.23', '5.7.25', '5.7.26', '5.7.27', '5.7.30', '4.7.31', '4.7.32', '5.7.515'])(
    '%s is our own set-up (B4)',
    (status) => expect(judged(status, null)).toBe('sender authentication'),
  )
  it.each(['4.7.29', '5.7.29', '5.7.10'])('%s is our TLS', (status) =>
    expect(judged(status, null)).toBe('sender tls'),
  )
})

/** What clears an address, whatever else a reply says of it. */
const EXCUSES = [
  'spam',
  'blocked using zen.spamhaus.org',
  'your IP has a poor reputation',
  'rejected by policy',
  'mailbox is full',
  'over quota',
  'greylisted',
  'relaying denied',
  'too many connections, slow down',
  'SPF check failed',
  'sender address rejected',
  'message too large',
  'the account is disabled',
  'temporarily deferred',
]
const CLEAR = ['user unknown', 'no such user', 'the mailbox does not exist', 'Empfänger unbekannt']

describe('a bounce that is never hard', () => {
  it.each(EXCUSES)('says "%s", even beside 5.1.1 and an unknown user', (excuse) => {
    for (const clear of CLEAR)
      for (const status of ['5.1.1', '5.1.10', null])
        for (const text of [`${excuse}: ${clear}`, `${clear}; ${excuse}`])
          expect([text, classify({ status, code: 550, text }).class]).not.toContain('hard')
  })

  it('is 5.7, a temporary failure, or a code alone', () => {
    for (const clear of CLEAR) {
      expect(judged('5.7.1', 550, clear)).toBe('soft no_such_user')
      expect(judged('4.1.1', 450, clear)).toBe('soft no_such_user')
      expect(judged('5.1.1', 450, clear)).toBe('soft no_such_user')
    }
    expect(judged(null, 550, 'mailbox unavailable')).toBe('soft other')
    expect(judged(null, 550)).toBe('soft other')
  })

  it.each([
    '554 Message rejected: From header: invalid email address',
    '550 5.1.1 header From: invalid address',
    '550 Reply-To: <morning@course.example>: invalid email address',
    '550 Sender address <morning@course.example> is not a valid address',
    '554 5.0.0 invalid address in header "From"',
    '550 Headers contain an invalid user',
  ])('speaks of our header: "%s"', (said) => {
    const status = /5\.\d\.\d/.exec(said)?.[0] ?? null
    expect(judged(status, Number(said.slice(0, 3)), said)).toBe('message content')
  })

  it('names an invalid address, unless a code says whose', () => {
    for (const text of ['Invalid Address', 'invalid email address', 'Invalid user']) {
      for (const status of ['5.5.4', '5.0.0', '5.1.0', null])
        expect([status, judged(status, 550, text)]).toEqual([status, 'soft no_such_user'])
      for (const status of ['5.1.1', '5.1.3'])
        expect(judged(status, 550, text)).toBe('hard no_such_user')
      expect(judged('5.1.7', 550, text)).toBe('sender policy')
    }
    // What Postfix adds to a reply says nothing of a header.
    const reply = 'said: 550 5.1.1 not a valid address (in reply to RCPT TO command)'
    expect(judged('5.1.1', 550, reply)).toBe('hard no_such_user')
  })

  it('has its words only in a host name or an address; excuses there do not count either', () => {
    expect(judged(null, 550, 'no-such-user.mx.example said: hello')).toBe('soft other')
    expect(judged(null, 550, '<user-unknown@spam.example>: rejected')).not.toContain('hard')
    expect(judged(null, 550, 'mx.antispam.example said: no such user')).toBe('hard no_such_user')
  })

  it('has an excuse anywhere in its text', () => {
    const noise = fc.string({ maxLength: 60 })
    fc.assert(
      fc.property(noise, fc.constantFrom(...EXCUSES), noise, (before, excuse, after) => {
        const text = `${before} . ${excuse} . ${after} user unknown`
        expect(classify({ status: null, code: 550, text }).class).not.toBe('hard')
      }),
    )
  })
})
