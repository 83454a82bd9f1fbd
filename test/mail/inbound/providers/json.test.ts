import { expect, it } from 'vitest'
import { at, listAt, readJson, textAt } from '../../../../src/mail/inbound/providers/json.ts'

const read = (text: string) => readJson(Buffer.from(text))
const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth)

it('is read as deep as any provider nests, and no deeper', () => {
  expect(read(nested(32))).not.toBeNull()
  expect(read(nested(33))).toBeNull()
  expect(read(`{"a":${nested(31)}}`)).not.toBeNull()
  expect(read(`{"a":${nested(32)}}`)).toBeNull()
  expect(read(`[${Array(100).fill('[{}]').join(',')}]`)).toHaveLength(100)
})

it('may hold brackets in its texts', () => {
  const text = `${'['.repeat(100)}"\\${'{'.repeat(100)}`
  expect(read(JSON.stringify({ [text]: text }))).toEqual({ [text]: text })
  expect(read('{"a":"\\u005b\\\\"}')).toEqual({ a: '[\\' })
})

it('has what stands in it, and nothing of what every object has', () => {
  const json = read('{"a":{"b":"text","c":7,"d":[1],"e":null,"__proto__":{"f":"x"}}}')
  expect([textAt(json, 'a', 'b'), textAt(json, 'a', 'c')]).toEqual(['text', '7'])
  expect([textAt(json, 'a', 'd'), textAt(json, 'a', 'e'), textAt(json, 'a')]).toEqual(['', '', ''])
  expect([listAt(json, 'a', 'd'), listAt(json, 'a', 'b'), listAt(json)]).toEqual([[1], [], []])
  expect(at(json, 'constructor')).toBeUndefined()
  expect(textAt(json, 'constructor', 'name')).toBe('')
  expect(at(json, 'a', 'f')).toBeUndefined()
  expect(at('text', 'length')).toBeUndefined()
})

it('has texts of 4,000 characters at most', () => {
  expect(textAt({ a: 'x'.repeat(10_000) }, 'a')).toHaveLength(4_000)
})
