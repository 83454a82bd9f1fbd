import { describe, expect, it } from 'vitest'
import { openSecrets } from '../../src/security/secrets.ts'

const NEW = 'the newer key of this house'
const OLD = 'the older key of this house'

describe('a tag', () => {
  const { sign, verify } = openSecrets([NEW])
  const { key, tag } = sign('link confirm', 'data')

  it('is valid for what was signed', () => {
    expect(verify('link confirm', 'data', key, tag)).toBe(true)
    expect(sign('link confirm', 'data').tag).toEqual(tag)
  })

  it('has 128 bits (standards.md I1)', () => {
    expect(tag).toHaveLength(16)
  })

  it('is invalid for any other data, purpose or key', () => {
    expect(verify('link confirm', 'Data', key, tag)).toBe(false)
    expect(verify('link unsubscribe', 'data', key, tag)).toBe(false)
    expect(verify('link confirm', 'data', 'xxxx', tag)).toBe(false)
    expect(verify('link confirm', 'data', '', tag)).toBe(false)
    expect(openSecrets([OLD]).verify('link confirm', 'data', key, tag)).toBe(false)
  })

  it('is valid only at full length', () => {
    expect(verify('link confirm', 'data', key, tag.subarray(0, 15))).toBe(false)
    expect(verify('link confirm', 'data', key, Buffer.concat([tag, tag]))).toBe(false)
    expect(verify('link confirm', 'data', key, Buffer.alloc(0))).toBe(false)
    expect(verify('link confirm', 'data', key, Buffer.alloc(16))).toBe(false)
  })

  it('differs when the boundary between purpose and data moves', () => {
    expect(sign('link', ' confirmdata').tag).not.toEqual(sign('link ', 'confirmdata').tag)
    expect(sign('link c', 'onfirm').tag).not.toEqual(sign('link ', 'confirm').tag)
  })
})

describe('replaced keys', () => {
  const before = openSecrets([OLD])
  const after = openSecrets([NEW, OLD])

  it('still verify what they have signed, but no longer sign', () => {
    const { key, tag } = before.sign('link unsubscribe', 'data')
    expect(after.verify('link unsubscribe', 'data', key, tag)).toBe(true)
    expect(after.sign('link unsubscribe', 'data')).toEqual(
      openSecrets([NEW]).sign('link unsubscribe', 'data'),
    )
  })

  it('verify nothing once they are removed', () => {
    const { key, tag } = before.sign('link unsubscribe', 'data')
    expect(openSecrets([NEW]).verify('link unsubscribe', 'data', key, tag)).toBe(false)
  })

  it('have distinct short names', () => {
    const names = [NEW, OLD].map((master) => openSecrets([master]).sign('x', 'y').key)
    expect(new Set(names).size).toBe(2)
    for (const name of names) expect(name).toMatch(/^[\w-]{4}$/)
  })
})

describe('the hash of an address', () => {
  it('is the same every time, and different for another address', () => {
    const { addressHashes } = openSecrets([NEW])
    expect(addressHashes('ada@example.com')).toEqual(addressHashes('ada@example.com'))
    expect(addressHashes('ada@example.com')).not.toEqual(addressHashes('eve@example.com'))
    expect(addressHashes('ada@example.com')[0]).toHaveLength(32)
  })

  it('exists for each key, the current one first', () => {
    const [present, former] = openSecrets([NEW, OLD]).addressHashes('ada@example.com')
    expect(present).toEqual(openSecrets([NEW]).addressHashes('ada@example.com')[0])
    expect(former).toEqual(openSecrets([OLD]).addressHashes('ada@example.com')[0])
    expect(present).not.toEqual(former)
  })

  it('differs from the tag of a link', () => {
    const { addressHashes, sign } = openSecrets([NEW])
    expect(addressHashes('ada@example.com')[0].subarray(0, 16)).not.toEqual(
      sign('link confirm', 'ada@example.com').tag,
    )
  })
})

describe('the fingerprint of a key', () => {
  it('is the same in every process that has the key, and different for another key', () => {
    const [newer, older] = openSecrets([NEW, OLD]).fingerprints
    expect(openSecrets([NEW]).fingerprints).toEqual([newer])
    expect(openSecrets([OLD]).fingerprints).toEqual([older])
    expect(newer).toMatch(/^[0-9a-f]{64}$/)
    expect(newer).not.toBe(older)
  })
})

it('secrets cannot be opened without a key', () => {
  expect(() => openSecrets([])).toThrow('secrets need at least one key')
})
