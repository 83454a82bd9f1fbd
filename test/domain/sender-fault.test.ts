import { expect, it } from 'vitest'
import { senderFaultIn } from '../../src/domain/sender-fault.ts'

it.each([
  ['421-4.7.27 SPF [example.com] with ip: [192.0.2.1] = did not pass', 'spf'],
  ['550-5.7.30 DKIM signature is required for this sender', 'dkim'],
  ['550 5.7.25 The sending address has no name', 'ptr'],
  ['421 4.7.29 Sent without TLS', 'tls'],
  ['550 5.7.26 Unauthenticated email from example.com: its DMARC policy rejects it', 'dmarc'],
  ['550-5.7.26 The sender is unauthenticated; SPF or DKIM is needed', 'authentication'],
  ['421 4.7.32 The From domain is not aligned', 'dmarc'],
  ['550 5.7.515 Access denied, sending domain does not meet the required level', 'authentication'],
  ['550 5.7.1 SPF check failed for example.com', 'spf'],
  ['554 invalid DKIM signature', 'dkim'],
  ['450 4.7.1 Client host rejected: cannot find your reverse hostname', 'ptr'],
  ['550 5.7.27 Sender address has null MX', 'sender'],
] as const)('%s: %s', (text, fault) => {
  expect(senderFaultIn(text)).toBe(fault)
})

it.each([
  '550 5.1.1 no such user: spf, dkim and dmarc failed to help',
  '451 4.7.1 Greylisted, try again',
  '550 5.7.1 Message rejected as spam',
  '421 4.7.28 Unusual rate of mail from your SPF domain',
  '554 5.7.1 Service unavailable; client blocked by a list',
  '250 2.0.0 ok',
])('%s: no fault', (text) => {
  expect(senderFaultIn(text)).toBeNull()
})

it('a code that a report gives apart from its text counts', () => {
  expect(senderFaultIn('rejected', '5.7.23')).toBe('spf')
  expect(senderFaultIn('spf failed', '5.2.2')).toBeNull()
})
