/** A text as it is stored, and as it is compared. */
import { describe, expect, it } from 'vitest'
import { moderationReasonFor } from '../../src/domain/comment-rules.ts'
import {
  containsAnyWord,
  containsWebAddress,
  folded,
  MAX_CHARACTERS,
  readCommentText,
} from '../../src/domain/comment-text.ts'

describe('a text that is entered', () => {
  it.each([
    ['  a\r\nb\rc  ', '  a\nb\nc'],
    ['\n\na\n\n\n\nb\n', 'a\n\nb'],
    ['a\u0000b\u0007c\u009Fd\te', 'abcd\te'],
    ['a\u202Eb\u2066c\uFEFFd', 'abcd'],
    ['a\u2028b', 'a\nb'],
    ['e\u0301', 'é'],
    ['\uD83Dx', '\uFFFDx'],
    [`a${'\u0301'.repeat(50)}`, `á${'\u0301'.repeat(8)}`],
    ['👨‍👩‍👧 🏴󠁧󠁢󠁥󠁮󠁧󠁿', '👨‍👩‍👧 🏴'],
    ['שלום\u200F!', 'שלום\u200F!'],
  ])('%j is stored as %j', (entered, text) => {
    expect(readCommentText(entered)).toEqual({ text })
  })

  it.each(['', '  \n\t ', '\u200B\u2060', '\u3164', '\u202E\u0007', '\u00AD\u0301'])(
    '%j is empty',
    (entered) => {
      expect(readCommentText(entered)).toEqual({ fault: 'empty' })
    },
  )

  it('is counted in code points', () => {
    expect(readCommentText('😀'.repeat(MAX_CHARACTERS))).toHaveProperty('text')
    expect(readCommentText('😀'.repeat(MAX_CHARACTERS + 1))).toEqual({ fault: 'too-long' })
    expect(readCommentText('e\u0301'.repeat(MAX_CHARACTERS))).toHaveProperty('text')
  })

  it('is not examined when it is far too long', () => {
    // It has a length and nothing else.
    const entered = { length: 20_000 } as string
    expect(readCommentText(entered)).toEqual({ fault: 'too-long' })
  })
})

describe('texts that are compared', () => {
  it('match regardless of case, width, accents and spacing', () => {
    expect(folded('  Ｇｒｅ\u200Bａｔ,   çà va! ')).toBe(folded('great ca va'))
    expect(folded('great')).not.toBe(folded('greet'))
  })

  it.each([
    ['Play at the CASINO now', true],
    ['cásino', true],
    ['c\u200Basino', true],
    ['casinos', false],
    ['easy   money!', true],
    ['easymoney', false],
    ['这是赌博网站', true],
    ['nothing', false],
  ])('%j has a listed word: %s', (text, has) => {
    expect(containsAnyWord(text, ['casino', 'Easy Money', '赌博', '!'])).toBe(has)
  })

  it.each([
    ['see https://a.example', true],
    ['www.a', true],
    ['come to a-shop.example.com please', true],
    ['ｅｘａｍｐｌｅ．ｃｏｍ', true],
    ['example。com', true],
    ['exam\u200Bple.com', true],
    ['t.me/x', true],
    ['write to me@a.example', true],
    ['It rained. Then it stopped.', false],
    ['J. R. Smith, 3.5 km, e.g. this', false],
    ['wait... what', false],
  ])('%j contains a web address: %s', (text, names) => {
    expect(containsWebAddress(text)).toBe(names)
  })
})

describe('a comment waits', () => {
  const good = { text: 'I liked this', links: 0, isTrusted: true, isRepeated: false }
  it.each([
    [good, null],
    [{ ...good, isTrusted: false }, 'first'],
    [{ ...good, links: 1 }, 'link'],
    [{ ...good, text: 'see a.example' }, 'link'],
    [{ ...good, isRepeated: true }, 'repeat'],
    [{ ...good, text: 'a casino' }, 'words'],
  ])('%j: %s', (posted, reason) => {
    expect(moderationReasonFor(posted, ['casino'])).toBe(reason)
  })
})
