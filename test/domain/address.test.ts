import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { masked, readAddress } from '../../src/domain/address.ts'

describe('an address', () => {
  it.each([
    ['ada@example.com', 'ada@example.com'],
    ['  ada@example.com\n', 'ada@example.com'],
    ["o'brien+tag@example.com", "o'brien+tag@example.com"],
    ['a.b.c@sub.example.co.uk', 'a.b.c@sub.example.co.uk'],
    ['user%host@example.com', 'user%host@example.com'],
    [`${'x'.repeat(64)}@example.com`, `${'x'.repeat(64)}@example.com`],
  ])('is read from %j', (text, spec) => {
    expect(readAddress(text)?.spec).toBe(spec)
  })

  it.each([
    '\u200bada@example.com',
    '\u202aada@example.com\u202c',
    '\ufeffada@example.com',
    'ada@exam\u00adple.com',
    '\u00a0ada@example.com\u00a0',
    '\u2060 ada\u200c@example.com',
    'mailto:ada@example.com',
    'MAILTO: ada@example.com',
    '<ada@example.com>',
    ' < ada@example.com > ',
    '<mailto:ada@example.com>',
  ])('is read with what was copied along: %j', (text) => {
    expect(readAddress(text)?.spec).toBe('ada@example.com')
  })

  it('keeps the local part as written and matches without regard to case', () => {
    expect(readAddress('Ada.Lovelace+Dawn@Example.COM')).toEqual({
      spec: 'Ada.Lovelace+Dawn@example.com',
      key: 'ada.lovelace+dawn@example.com',
    })
  })

  it.each([
    ['ada@bücher.example', 'ada@xn--bcher-kva.example'],
    ['ada@BÜCHER.example', 'ada@xn--bcher-kva.example'],
    ['ada@bu\u0308cher.example', 'ada@xn--bcher-kva.example'],
    ['ada@xn--bcher-kva.example', 'ada@xn--bcher-kva.example'],
    ['ada@例え.example', 'ada@xn--r8jz45g.example'],
    ['ada@ｅxample．com', 'ada@example.com'],
  ])('has its international domain as A-labels: %s', (text, spec) => {
    expect(readAddress(text)).toEqual({ spec, key: spec })
  })
})

describe('what is no address', () => {
  it.each([
    ['nothing', ''],
    ['an at sign', '@'],
    ['no local part', '@example.com'],
    ['no domain', 'ada@'],
    ['no dot in the domain', 'ada@localhost'],
    ['two at signs', 'ada@eve@example.com'],
    ['a header', 'ada@example.com\r\nBcc: eve@example.com'],
    ['a bare line feed', 'ada@example.com\nBcc: eve@example.com'],
    ['a line break in the local part', 'ada\r\n@example.com'],
    ['two addresses', 'ada@example.com,eve@example.com'],
    ['two addresses and a space', 'ada@example.com, eve@example.com'],
    ['two addresses and a semicolon', 'ada@example.com;eve@example.com'],
    ['a space between two', 'ada@example.com eve@example.com'],
    ['a quoted local part', '"ada lovelace"@example.com'],
    ['a quoted at sign', '"eve@example.com, ada"@example.com'],
    ['a display name', 'Ada <ada@example.com>'],
    ['an open bracket', '<ada@example.com'],
    ['brackets in brackets', '<<ada@example.com>>'],
    ['a comment', 'ada@example.com (Ada)'],
    ['a comment in the local part', 'ada(x)@example.com'],
    ['a mailto link with a subject', 'mailto:ada@example.com?subject=x'],
    ['an address of 10 kB', `${'a'.repeat(10_000)}@example.com`],
    ['a group', 'friends:ada@example.com'],
    ['a route', '@relay.example:ada@example.com'],
    ['a backslash', 'ada\\@example.com'],
    ['a tab', 'ada\t@example.com'],
    ['a null in the local part', 'ada\u0000@example.com'],
    ['a null in the domain', 'ada@exa\u0000mple.com'],
    ['a local part that needs SMTPUTF8', 'adá@example.com'],
    ['a look-alike at sign', 'ada＠example.com'],
    ['a dot at the start', '.ada@example.com'],
    ['a dot at the end', 'ada.@example.com'],
    ['two dots', 'ada..lovelace@example.com'],
    ['two dots in the domain', 'ada@example..com'],
    ['a dot after the domain', 'ada@example.com.'],
    ['a hyphen first', 'ada@-example.com'],
    ['a hyphen last', 'ada@example-.com'],
    ['an underscore', 'ada@exa_mple.com'],
    ['an IPv4 address', 'ada@192.0.2.1'],
    ['an IPv4 address in other figures', 'ada@0xc0000201'],
    ['an address literal', 'ada@[192.0.2.1]'],
    ['an IPv6 literal', 'ada@[IPv6:2001:db8::1]'],
    ['a port', 'ada@example.com:25'],
    ['a path', 'ada@example.com/x'],
    ['a query', 'ada@example.com?cc=eve@example.com'],
    ['a fragment', 'ada@example.com#x'],
    ['an escaped domain', 'ada@ex%61mple.com'],
    ['writing turned around', 'ada@\u202eexample.com'],
    ['a local part of 65', `${'x'.repeat(65)}@example.com`],
    ['a label of 64', `ada@${'x'.repeat(64)}.example`],
    ['255 characters', `${'x'.repeat(64)}@${`${'y'.repeat(60)}.`.repeat(3)}example`],
  ])('%s', (_, text) => {
    expect(readAddress(text)).toBeNull()
  })

  it('an address with a control character after it', () => {
    const controls = ['\u0000', '\u0001', '\u001f']
    expect(controls.map((control) => readAddress(`ada@example.com${control}`))).toEqual([
      null,
      null,
      null,
    ])
  })
})

describe('whatever is typed', () => {
  const odd = fc.constantFrom(
    '@',
    '.',
    ',',
    '"',
    '\r',
    '\n',
    ' ',
    '<',
    '>',
    ';',
    ':',
    '(',
    '\\',
    '\u0000',
    'ü',
  )
  const typed = fc.array(fc.oneof(odd, fc.constantFrom('a', 'B', '7', '-', '.', '@')), {
    maxLength: 24,
  })

  it('is one plain addr-spec or nothing', () => {
    fc.assert(
      fc.property(typed, (characters) => {
        const address = readAddress(characters.join(''))
        if (address)
          expect(address.spec).toMatch(/^[\w!#$%&'*+/=?^`{|}~.-]{1,64}@[a-z0-9-]+(\.[a-z0-9-]+)+$/i)
      }),
      { numRuns: 2_000 },
    )
  })

  it('is read the same when read again', () => {
    fc.assert(
      fc.property(fc.emailAddress(), (text) => {
        const address = readAddress(text)
        if (address) expect(readAddress(address.spec)).toEqual(address)
        if (address) expect(readAddress(address.key)?.key).toBe(address.key)
      }),
    )
  })
})

it('is shown to others with its local part hidden', () => {
  expect(masked('ada.lovelace@example.com')).toBe('a…@example.com')
  expect(masked('a@example.com')).toBe('a…@example.com')
})
