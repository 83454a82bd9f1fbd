/** The lines of the text part, rejoined by a third-party parser. */
import PostalMime from 'postal-mime'
import { describe, expect, it } from 'vitest'
import { flowed } from '../../../src/mail/render/flowed.ts'

const WORDS =
  'A man leans out of a third-floor window and bellows at a child who is running toward the road.'
const shown = async (text: string) => {
  const head = 'Content-Type: text/plain; charset=utf-8; format=flowed; delsp=no\r\n\r\n'
  return (await PostalMime.parse(head + flowed(text).replaceAll('\n', '\r\n'))).text?.trimEnd()
}

describe('a paragraph', () => {
  it('is broken at 76 characters and whole again when it is read', async () => {
    const text = `${WORDS} ${WORDS}\n\n${WORDS}`
    const lines = flowed(text).split('\n')
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(76)
    expect(lines.filter((line) => line.endsWith(' '))).toHaveLength(3)
    expect(await shown(text)).toBe(text)
  })

  it('keeps an overlong word, and text without spaces, in one line', async () => {
    const url = `https://courses.example/${'x'.repeat(100)}`
    expect(flowed(`Unsubscribe: ${url}`)).toBe(`Unsubscribe: \n${url}`)
    const japanese = '朝の光が窓から入ってくる。'.repeat(10)
    expect(flowed(japanese)).toBe(japanese)
    expect(await shown(`Unsubscribe: ${url}`)).toBe(`Unsubscribe: ${url}`)
  })

  it('counts a value not yet known as a short word and never breaks inside it', () => {
    const mark = `\uFDD0${'f'.repeat(32)} firstName\uFDD1`
    expect(flowed(`Dear ${mark}, ${WORDS}`).split('\n')[0]).toMatch(
      /^Dear \uFDD0\S+ firstName\uFDD1, A man/,
    )
  })
})

it('continuation lines of a list item are indented to its text', () => {
  expect(flowed(` 1. ${WORDS}\n * short`).split('\n')).toEqual([
    '  1. A man leans out of a third-floor window and bellows at a child who is',
    '     running toward the road.',
    '  * short',
  ])
})

it('every line of a quotation is quoted', () => {
  expect(flowed(`> ${WORDS}\n> > ${WORDS}`).split('\n')).toEqual([
    '> A man leans out of a third-floor window and bellows at a child who is ',
    '> running toward the road.',
    '>> A man leans out of a third-floor window and bellows at a child who is ',
    '>> running toward the road.',
  ])
})

it('tables and code stay unchanged, and a line starting with "From" is stuffed', async () => {
  const table = `Day      Minutes\n-------  -------\nMonday         5  ${'x'.repeat(80)}`
  expect(flowed(table)).toBe(table)
  expect(await shown('    code\nFrom here on\n')).toBe('    code\nFrom here on')
  expect(flowed('From here on')).toBe(' From here on')
})

it('only the last line of two dashes becomes the signature separator', () => {
  expect(flowed('a\n--\nb\n--\nc')).toBe('a\n--\nb\n-- \nc')
})
