import { describe, expect, it } from 'vitest'
import { nameKey, readDisplayName } from '../../src/domain/display-name.ts'

const RESERVED = ['Quiet Mornings', 'admin', ' moderator']
const read = (text: string) => readDisplayName(text, RESERVED)
const faultOf = (text: string) => {
  const one = read(text)
  return 'fault' in one ? one.fault.key : null
}

describe('a display name', () => {
  it.each([
    'Ada',
    'Al',
    "Ada D'Arcy-Lovelace Jr.",
    'Ada 42',
    'Nguyễn Thị Minh Khai',
    'Анна Павловна',
    'عبد الله',
    '山田 太郎',
    'मीरा',
    'Ｊａｎｅ',
    'x'.repeat(40),
  ])('may be %s', (name) => expect(read(name)).toMatchObject({ name }))

  it.each([
    ['', 'length'],
    ['A', 'length'],
    ['x'.repeat(41), 'length'],
    ['x'.repeat(5_000), 'length'],
    ['42', 'letters'],
    ['evil.example', 'letters'],
    ['https://x.co', 'letters'],
    ['Ada\nB', 'letters'],
    ['Ada <b>', 'letters'],
    ['Ada@example', 'letters'],
    ['A\u200Bda', 'letters'],
    ['A\u0301\u0301\u0301\u0301\u0301\u0301\u0301da', 'letters'],
    ['Аda', 'mixed'],
    ['Adα', 'mixed'],
    ['Admin', 'reserved'],
    ['ＡＤＭＩＮ', 'reserved'],
    ['The Moderator', 'reserved'],
    ['a d m i n', 'reserved'],
    ['Quiet-Mornings', 'reserved'],
    ['QUIETMORNINGS', 'reserved'],
    ['Your Quiet Mornings Team', 'reserved'],
  ])('may not be %j: %s', (name, why) => expect(faultOf(name)).toBe(`page.member.name-${why}`))

  it('may contain a reserved one as part of a word', () => {
    for (const name of ['Badminton', 'Quiet', 'Administrata']) expect(faultOf(name)).toBeNull()
  })

  it('is shown without double spaces and direction overrides', () => {
    expect(read('  Ada \u202e   L.  ')).toMatchObject({ name: 'Ada L.' })
  })
})

it('names that look the same share a key; others do not', () => {
  const same = ['Ada L', 'ADA L', 'ada\u00a0l', 'Ada-L', 'A.d.a L', 'Ａｄａ Ｌ', 'AdaL']
  expect(new Set(same.map(nameKey))).toEqual(new Set(['adal']))
  expect(nameKey('Straße')).toBe(nameKey('STRASSE'))
  expect(nameKey('Adá')).not.toBe(nameKey('Ada'))
})
