import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addressKeyOf, maskedAddress, parseAddress, readAddress } from '../../src/domain/address.ts'
import { english } from '../../src/locales/locale.ts'

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
  ])('is read despite what was copied along: %j', (text) => {
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
    ['ada@نامه\u200cای.example', 'ada@xn--mgba3gch31f060k.example'],
  ])('has its international domain as A-labels: %s', (text, spec) => {
    expect(readAddress(text)).toEqual({ spec, key: spec })
  })
})

describe('an address outside ASCII (RFC 6531)', () => {
  it.each([
    ['ü@exämple.de', 'ü@xn--exmple-cua.de', 'ü@xn--exmple-cua.de'],
    ['用户@例え.jp', '用户@xn--r8jz45g.jp', '用户@xn--r8jz45g.jp'],
    ['Ünal.Ö+Dawn@Example.com', 'Ünal.Ö+Dawn@example.com', 'ünal.ö+dawn@example.com'],
    ['u\u0308@example.com', 'ü@example.com', 'ü@example.com'],
    ['ΟΔΟΣ@example.gr', 'ΟΔΟΣ@example.gr', 'οδοσ@example.gr'],
    ['οδος@example.gr', 'οδος@example.gr', 'οδοσ@example.gr'],
    ['अजय@डाटा.भारत', 'अजय@xn--c2bd1gb.xn--h2brj9c', 'अजय@xn--c2bd1gb.xn--h2brj9c'],
    ['علي@مثال.example', 'علي@xn--mgbh0fb.example', 'علي@xn--mgbh0fb.example'],
    ['🌅@example.com', '🌅@example.com', '🌅@example.com'],
    ['<mailto:ü@example.com>', 'ü@example.com', 'ü@example.com'],
    ['\u200bü@example.com\u200e', 'ü@example.com', 'ü@example.com'],
    [
      `${'ü'.repeat(32)}@example.com`,
      `${'ü'.repeat(32)}@example.com`,
      `${'ü'.repeat(32)}@example.com`,
    ],
  ])('%s keeps its local part, and has its domain as A-labels', (text, spec, key) => {
    expect(readAddress(text)).toEqual({ spec, key })
  })
})

describe('a local part in quotes (RFC 5321)', () => {
  it.each([
    ['"John Doe"@example.com', '"John Doe"@example.com'],
    ['"lovelace, ada; (x): [y]"@example.com', '"lovelace, ada; (x): [y]"@example.com'],
    ['"a\\"b\\\\c"@example.com', '"a\\"b\\\\c"@example.com'],
    ['"ada..lovelace"@example.com', '"ada..lovelace"@example.com'],
    ['"ünal ö"@example.com', '"ünal ö"@example.com'],
    ['<"john doe"@example.com>', '"john doe"@example.com'],
    // The same mailbox in a shorter form.
    ['"ada"@example.com', 'ada@example.com'],
    ['"a\\d\\a"@example.com', 'ada@example.com'],
    ['"john\\ doe"@example.com', '"john doe"@example.com'],
  ])('is read from %s', (text, spec) => {
    expect(readAddress(text)).toEqual({ spec, key: spec.toLowerCase() })
  })
})

describe('the fault is named', () => {
  it.each([
    ['', 'Enter one email address, like you@example.com.'],
    [' \u200b ', 'Enter one email address, like you@example.com.'],
    ['ada', 'There’s no @ in this address. An address looks like you@example.com.'],
    ['ada.example.com', 'There’s no @ in this address. An address looks like you@example.com.'],
    ['@example.com', 'There’s nothing before the @.'],
    ['ada@', 'There’s nothing after the @.'],
    ['ada@localhost', 'After the @ comes a name with a dot in it, like example.com.'],
    ['ada@exa_mple.com', 'What comes after the @ is not a name like example.com.'],
    ['ada@192.0.2.1', 'What comes after the @ is not a name like example.com.'],
    ['ada@example.com.', 'The address ends in a dot.'],
    ['a@example.com,b@example.com', 'Enter one address only.'],
    ['a@example.com b@example.com', 'Enter one address only.'],
    ['a@b@example.com', 'There’s more than one @ in this address.'],
    ['Ada <ada@example.com>', 'Enter the address alone, without a name and without < and >.'],
    ['ada lovelace@example.com', 'There’s a space in this address.'],
    ['ada@example. com', 'There’s a space in this address.'],
    ['ada..lovelace@example.com', 'There are two dots in a row.'],
    ['ada@example..com', 'There are two dots in a row.'],
    ['.ada@example.com', 'The address begins with a dot.'],
    ['ada.@example.com', 'There’s a dot right before the @.'],
    ['ada(x)@example.com', 'An address cannot contain ( there.'],
    ['"a<b"@example.com', 'An address cannot contain < there.'],
    [
      'ü\u200bx@example.com',
      'There’s a character in this address that cannot be seen. Type the address instead of pasting it.',
    ],
    [
      `${'x'.repeat(65)}@example.com`,
      'This address is too long. Enter one email address, like you@example.com.',
    ],
    [
      `${'x'.repeat(400)}@example.com`,
      'This address is too long. Enter one email address, like you@example.com.',
    ],
  ])('in %j', (text, words) => {
    const read = parseAddress(text)
    expect('fault' in read && english.t(read.fault.key, read.fault.params)).toBe(words)
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
    ['a letter that nobody sees, in another script', 'ad\u00e1\u200da@example.com'],
    ['writing turned around in the local part', 'ü\u202ead@example.com'],
    ['a filler that looks like nothing', 'ü\u3164@example.com'],
    ['what becomes an at sign on the way', 'eve＠evil.example@example.com'],
    ['what becomes a comma on the way', 'ü，eve@example.com'],
    ['what becomes two dots on the way', 'ada‥b@example.com'],
    ['a mark that joins the bracket before it', '\u0338ada@example.com'],
    ['half a character', 'ü\ud83d@example.com'],
    ['a quoted bracket', '"<eve@example.com>"@example.com'],
    ['a quoted line break', '"ada\r\nBcc: eve"@example.com'],
    ['a quoted line break after a backslash', '"ada\\\r\n x"@example.com'],
    ['a quoted tab', '"ada\tlovelace"@example.com'],
    ['an empty pair of quotes', '""@example.com'],
    ['a quote that does not end', '"ada@example.com'],
    ['a quote within', 'ada"x"@example.com'],
    ['two quotes', '"ada"."lovelace"@example.com'],
    ['a local part of 65 bytes', `${'ü'.repeat(32)}x@example.com`],
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
    ...'@.," \r\n<>;:(\\\u0000\t\u0085\u00a0\u0338\u200d\u2028\u202e\u3164＠，ﬀ'.split(''),
  )
  const plain = fc.constantFrom('a', 'B', '7', '-', '.', '@', '"', ' ', 'ü', 'Σ', '用', '🌅')
  const typed = fc.array(fc.oneof(odd, plain), { maxLength: 24 }).map((all) => all.join(''))
  const likely = fc
    .tuple(fc.array(fc.oneof(odd, plain), { maxLength: 8 }), fc.boolean())
    .map(([all, inQuotes]) => {
      const local = all.join('')
      return `${inQuotes ? `"${local}"` : local}@example.com`
    })
  const ONE =
    /^([^\p{C}\p{Z}"(),:;<>@[\\\]]+|"([^\p{C}\p{Zl}\p{Zp}"\\<>@]|\\["\\])+")@[a-z0-9-]+(\.[a-z0-9-]+)+$/u

  it('is read as one addr-spec that cannot break a header or command, or as nothing', () => {
    fc.assert(
      fc.property(fc.oneof(typed, likely), (text) => {
        const spec = readAddress(text)?.spec
        if (spec) expect(spec).toMatch(ONE)
      }),
      { numRuns: 5_000 },
    )
  })

  it('is read the same when read again', () => {
    fc.assert(
      fc.property(fc.oneof(fc.emailAddress(), typed, likely), (text) => {
        const address = readAddress(text)
        if (!address) return
        expect(readAddress(address.spec)).toEqual(address)
        expect(addressKeyOf(address.key)).toBe(address.key)
      }),
      { numRuns: 2_000 },
    )
  })
})

it('an address is shown to others with its local part hidden', () => {
  expect(maskedAddress('ada.lovelace@example.com')).toBe('a…@example.com')
  expect(maskedAddress('a@example.com')).toBe('a…@example.com')
  expect(maskedAddress('"john doe"@example.com')).toBe('j…@example.com')
  expect(maskedAddress('🌅x@example.com')).toBe('🌅…@example.com')
})
