import { describe, expect, it } from 'vitest'
import { readFirstName } from '../../src/domain/first-name.ts'

describe('a first name', () => {
  it.each([
    ['', ''],
    ['  Ada ', 'Ada'],
    ['J.R.', 'J.R.'],
    ['J.R.R. Tolkien', 'J.R.R. Tolkien'],
    ['J.Smith', 'J.Smith'],
    ['St. John', 'St. John'],
    ['Dr. Ada, the 2nd', 'Dr. Ada, the 2nd'],
    ['Anne-Marie', 'Anne-Marie'],
    ["D'Arcy", "D'Arcy"],
    ['Ada/Eve', 'Ada/Eve'],
    ['Ada: and Eve?', 'Ada: and Eve?'],
    ['あ。い', 'あ。い'],
    ['Zoe\u0308', 'Zoë'],
    ['Ada \u202Emoor\u202C', 'Ada moor'],
    ['\u2067עדה\u2069', 'עדה'],
    ['<b>Ada</b>', '<b>Ada</b>'],
    ['A'.repeat(80), 'A'.repeat(80)],
  ])('is read from %j', (text, firstName) => {
    expect(readFirstName(text)).toEqual({ firstName })
  })

  it.each([
    'https://evil.example',
    'see http://localhost',
    'HTTPS://E',
    'x://y',
    'www.evil',
    'WWW.x',
    'evil.com',
    'Ada, go to Evil.COM now',
    'example.com/x',
    't.me/x',
    'a.b/c',
    '1.2.3.4/x',
    '1.2.3.4:80',
    'x.co?y',
    'ada@example.com',
    'bücher.example',
    'evil。com',
    'ｅｖｉｌ．ｃｏｍ',
  ])('holds no link: %s', (text) => {
    const fault = { key: 'form.name.has-link' }
    expect(readFirstName(text)).toEqual({ fault })
  })

  it.each(['Ada\r\nBcc: eve@example.com', 'Ada\u2028Eve', 'Ada\u0000'])(
    'has one line: %j',
    (text) => {
      expect(readFirstName(text)).toEqual({
        fault: { key: 'form.name.several-lines' },
      })
    },
  )

  it('has 80 characters at most', () => {
    expect(readFirstName('A'.repeat(81))).toEqual({
      fault: { key: 'form.name.too-long', params: { most: 80 } },
    })
  })
})
