import { expect, it } from 'vitest'
import { at, listAt, readJson, textAt } from '../../../../src/mail/inbound/providers/json.ts'

const read = (text: string) => readJson(Buffer.from(text))
const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth)

it('JSON is read to the nesting depth that providers use, and no deeper', () => {
  expect(read(nested(32))).not.toBeNull()
  expect(read(nested(33))).toBeNull()
  expect(read(`{"a":${nested(31)}}`)).not.toBeNull()
  expect(read(`{"a":${nested(32)}}`)).toBeNull()
  expect(read(`[${Array(100).fill('[{}]').join(',')}]`)).toHaveLength(100)
})

it('brackets inside strings do not count as nesting', () => {
  const text = `${'['.repeat(100)}"\\${'{'.repeat(100)}`
  expect(read(JSON.stringify({ [text]: text }))).toEqual({ [text]: text })
  expect(read('{"a":"\\u005b\\\\"}')).toEqual({ a: '[\\' })
})

it('only what the JSON contains can be looked up, and no inherited property', () => {
  const json = read('{"a":{"b":"text","c":7,"d":[1],"e":null,"__proto__":{"f":"x"}}}')
  expect([textAt(json, 'a', 'b'), textAt(json, 'a', 'c')]).toEqual(['text', '7'])
  expect([textAt(json, 'a', 'd'), textAt(json, 'a', 'e'), textAt(json, 'a')]).toEqual(['', '', ''])
  expect([listAt(json, 'a', 'd'), listAt(json, 'a', 'b'), listAt(json)]).toEqual([[1], [], []])
  expect(at(json, 'constructor')).toBeUndefined()
  expect(textAt(json, 'constructor', 'name')).toBe('')
  expect(at(json, 'a', 'f')).toBeUndefined()
  expect(at('text', 'length')).toBeUndefined()
})

it('a text is cut to 4,000 characters', () => {
  expect(textAt({ a: 'x'.repeat(10_000) }, 'a')).toHaveLength(4_000)
})
