import { describe, expect, it } from 'vitest'
import { openProviderShare } from '../../../src/mail/smtp/provider-share.ts'

describe('a share', () => {
  it('lets a provider that answers quickly have all connections', () => {
    const share = openProviderShare(4)
    const entered = Array.from({ length: 4 }, () => share.enter('example.com', 0))
    expect(entered).not.toContain(null)
  })

  it('keeps half of the connections free of a provider that answers slowly, until it has answered', () => {
    const share = openProviderShare(4)
    const [first] = [share.enter('slow.example', 0), share.enter('slow.example', 0)]
    expect(share.enter('slow.example', 3_001)).toBeNull()
    expect(share.enter('example.com', 3_001)).not.toBeNull()
    first?.()
    expect(share.enter('slow.example', 3_001)).not.toBeNull()
  })

  it('lets one mail through where there is one connection', () => {
    const share = openProviderShare(1)
    const leave = share.enter('slow.example', 0)
    expect(share.enter('slow.example', 9_000)).toBeNull()
    leave?.()
    expect(share.enter('slow.example', 9_000)).not.toBeNull()
  })
})
