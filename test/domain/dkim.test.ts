import { describe, expect, it } from 'vitest'
import {
  dkimRecordFault,
  freshSelector,
  isSelector,
  readSigningDomain,
  txtStringsOf,
} from '../../src/domain/dkim.ts'

const KEY = 'v=DKIM1; k=rsa; p=AAAABBBB'

describe('a record', () => {
  it.each([
    ['as it should be', [KEY], null],
    ['with spaces in its key', ['v=DKIM1; k=rsa; p=AAAA BBBB;'], null],
    ['without what is the default', ['p=AAAABBBB'], null],
    ['beside records of others', ['v=spf1 -all', KEY], null],
    ['for all uses', [`${KEY}; s=*; h=sha1:sha256; t=s`], null],
    ['not there', [], 'none'],
    ['of SPF alone', ['v=spf1 -all'], 'none'],
    ['twice', [KEY, KEY], 'several'],
    ['of another key', ['v=DKIM1; k=rsa; p=CCCC'], 'other-key'],
    ['that is cut off', ['v=DKIM1; k=rsa; p=AAAA'], 'other-key'],
    ['without a key', ['v=DKIM1; k=rsa; p='], 'revoked'],
    ['of another kind of key', ['v=DKIM1; k=ed25519; p=AAAABBBB'], 'kind'],
    ['of another version', ['v=DKIM2; p=AAAABBBB'], 'kind'],
    ['for another hash', [`${KEY}; h=sha1`], 'kind'],
    ['for another use', [`${KEY}; s=tlsrpt`], 'kind'],
  ] as const)('%s', (_, found, fault) => {
    expect(dkimRecordFault(found, KEY)).toBe(fault)
  })

  it('is split into strings of 255 bytes at most', () => {
    const value = `v=DKIM1; p=${'A'.repeat(600)}`
    expect(txtStringsOf(value).map(({ length }) => length)).toEqual([255, 255, 101])
    expect(txtStringsOf(value).join('')).toBe(value)
  })
})

describe('a selector', () => {
  it.each(['dp202611', 's1', 'a.b', 'A-1'])('can be %s', (text) => {
    expect(isSelector(text)).toBe(true)
  })
  it.each(['', '.', '..', 'a/b', '../x', 'a..b', '-a', 'a_b', 'ü', 'a b', 'x'.repeat(64)])(
    'cannot be %j',
    (text) => {
      expect(isSelector(text)).toBe(false)
    },
  )
  it('is named by its month, and further ones in it by a letter as well', () => {
    const on = Temporal.PlainDate.from('2026-11-29')
    expect(freshSelector(on, [])).toBe('dp202611')
    expect(freshSelector(on, ['dp202610'])).toBe('dp202611')
    expect(freshSelector(on, ['dp202611'])).toBe('dp202611b')
    expect(freshSelector(on, ['dp202611', 'dp202611b'])).toBe('dp202611c')
  })
})

it.each([
  ['courses.example', 'courses.example'],
  ['Bücher.Example', 'xn--bcher-kva.example'],
  ['localhost', null],
  ['', null],
  ['a@b.example', null],
  ['../etc', null],
  ['x; l=5.example', null],
])('a signing domain is read from %j', (text, domain) => {
  expect(readSigningDomain(text)).toBe(domain)
})
