import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isPlainName } from '../../src/domain/plain-name.ts'

describe('a name', () => {
  it.each([
    'Ada',
    'Anne-Marie',
    "O'Neill",
    'O’Neill',
    "'t Hooft",
    'Dr. Müller',
    'José María',
    'Nguyễn Thị',
    'Đỗ',
    '李小龙',
    'محمد',
    'מֹשֶׁה',
    'ג׳ורג׳',
    'J. R.',
    'J.R.R. Tolkien',
    'J.-P.',
    'St. John',
    'Łukasz',
    'Jean Luc',
    'Zoë',
    'Kaʻahumanu',
    'Ka‘ahumanu',
    'Ștefan',
    'Sørina',
    'Ægir',
    'Gal·la',
    'レオナルド・ダ',
    'अनुष्का',
    'สมชาย',
    'Ἑλένη',
    'Ольга',
    'ß',
    'Zoe\u0308',
    'Maria del Carmen de la O',
    'Wilhelmina-Alexandrina Theodora',
    'Null',
    'a'.repeat(40),
  ])('may be %s', (name) => {
    expect(isPlainName(name)).toBe(true)
  })

  it.each([
    '',
    ' ',
    '-',
    '.',
    "'",
    'Your account is locked, call +1 900 555',
    'R2D2',
    'Ada2',
    'ada١٢٣',
    'ada𝟏',
    'Ⅷ',
    'ada²',
    'x.co',
    't.me',
    'J.Smith',
    'evil.example',
    'a.b.co',
    'bücher.example',
    'пример.рф',
    '例え.テスト',
    'www.evil',
    'evil。com',
    'evil．com',
    'evil｡com',
    'evil․com',
    'ｅｖｉｌ．ｃｏｍ',
    'Ada..',
    'x.ćo',
    'x.\u0301co',
    'a@b.co',
    'ada＠example',
    'at: me',
    't me/x',
    'https://e',
    'mailto:ada',
    'a\\b',
    'Ada?',
    'Ada!',
    'Ada, come',
    'Ada; come',
    '=?utf-8?Q?Win_at_evil=2Eexample?=',
    '=?utf-8?B?V2lu?=',
    'Ada =?x?=',
    '<b>Ada</b>',
    '"Ada"',
    'Ada & Eve',
    'Ada (Eve)',
    '{{firstName}}',
    '$x',
    'Ada_Eve',
    'Ada #1',
    '50%',
    '€uro',
    'Ada 🌅',
    '☎ Ada',
    '★ Ada',
    'Ada\r\nBcc: eve',
    'Ada\nEve',
    'Ada\u2028Eve',
    'Ada\u0000',
    'Ada\u202Eeve',
    'A\u200Bda',
    'A\u200Dda',
    'A\u00ADda',
    'Ada\u2060',
    '\uFEFFAda Eve\uFEFF.',
    'A\u034Fda',
    '\u3164',
    'Ada\u{E0041}',
    'a'.repeat(41),
    'a'.repeat(5_000),
    `a${'\u0315'.repeat(15_900)}${'\u0300'.repeat(15_900)}`,
    `a${'\u0301'.repeat(9)}`,
  ])('may not be %j', (text) => {
    expect(isPlainName(text)).toBe(false)
  })

  it('contains nothing that a mail client can take for a link, a header or a number', () => {
    const piece = fc.constantFrom(
      ..."aé李م.．。@:/?=&-' \u200B\u202E\r\n1١",
      'co',
      'www',
      '=?',
      '?=',
    )
    const text = fc.oneof(
      fc.array(piece, { maxLength: 12 }).map((all) => all.join('')),
      fc.string({ unit: 'grapheme' }),
    )
    fc.assert(
      fc.property(text, (name) => {
        if (!isPlainName(name)) return
        const shown = name.normalize('NFKC')
        expect(shown).not.toMatch(/[\p{N}\p{Cc}\p{Cf}\p{Zl}\p{Zp}@:/?=<>&"\\]/u)
        expect(shown).not.toMatch(/[.。．｡]\p{L}{2}/u)
        expect([...shown.normalize('NFC')].length).toBeLessThanOrEqual(160)
      }),
      { numRuns: 2_000 },
    )
  })
})
