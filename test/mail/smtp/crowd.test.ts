import { describe, expect, it } from 'vitest'
import { openCrowd } from '../../../src/mail/smtp/crowd.ts'

describe('a crowd', () => {
  it('lets a provider that answers quickly have all connections', () => {
    const crowd = openCrowd(4)
    const entered = Array.from({ length: 4 }, () => crowd.enter('example.com', 0))
    expect(entered).not.toContain(null)
  })

  it('keeps half of the connections free of a provider that answers slowly, until it has answered', () => {
    const crowd = openCrowd(4)
    const [first] = [crowd.enter('slow.example', 0), crowd.enter('slow.example', 0)]
    expect(crowd.enter('slow.example', 3_001)).toBeNull()
    expect(crowd.enter('example.com', 3_001)).not.toBeNull()
    first?.()
    expect(crowd.enter('slow.example', 3_001)).not.toBeNull()
  })

  it('lets one mail through where there is one connection', () => {
    const crowd = openCrowd(1)
    const leave = crowd.enter('slow.example', 0)
    expect(crowd.enter('slow.example', 9_000)).toBeNull()
    leave?.()
    expect(crowd.enter('slow.example', 9_000)).not.toBeNull()
  })
})
