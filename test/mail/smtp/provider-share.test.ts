import { describe, expect, it } from 'vitest'
import { openProviderShare } from '../../../src/mail/smtp/provider-share.ts'

describe('a provider’s share of the connections', () => {
  it('is all of them while the provider answers quickly', () => {
    const share = openProviderShare(4)
    const entered = Array.from({ length: 4 }, () => share.enter('example.com', 0))
    expect(entered).not.toContain(null)
  })

  it('is half of them while the provider answers slowly', () => {
    const share = openProviderShare(4)
    const [first] = [share.enter('slow.example', 0), share.enter('slow.example', 0)]
    expect(share.enter('slow.example', 3_001)).toBeNull()
    expect(share.enter('example.com', 3_001)).not.toBeNull()
    first?.()
    expect(share.enter('slow.example', 3_001)).not.toBeNull()
  })

  it('is one mail at a time when there is only one connection', () => {
    const share = openProviderShare(1)
    const leave = share.enter('slow.example', 0)
    expect(share.enter('slow.example', 9_000)).toBeNull()
    leave?.()
    expect(share.enter('slow.example', 9_000)).not.toBeNull()
  })
})
