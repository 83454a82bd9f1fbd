import { describe, expect, it } from 'vitest'
import { redactedReply, withoutAddresses } from '../../src/domain/smtp-reply.ts'

describe('a server’s reply', () => {
  it.each([
    ['550 <ada@example.com>: no such user', '550 <…@…>: no such user'],
    ['550 <用户@例え.jp>: no such user', '550 <…@…>: no such user'],
    ['550 <ü@xn--exmple-cua.de>', '550 <…@…>'],
    ['550 <"john doe"@example.com> unknown', '550 <…@…> unknown'],
    ['550 "a\\"b c"@example.com unknown', '550 …@… unknown'],
    ['250 2.0.0 Ok: queued as 4711', '250 2.0.0 Ok: queued as 4711'],
  ])('is stored without addresses: %s', (text, kept) => {
    expect(withoutAddresses(text)).toBe(kept)
  })

  it('is stored on one line of 500 characters at most', () => {
    expect(redactedReply(`a\r\nb${'x'.repeat(1_000_000)}`)).toBe(`a b${'x'.repeat(497)}`)
  })
})
