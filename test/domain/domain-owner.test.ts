import { expect, it } from 'vitest'
import { countOwners, ownerOf } from '../../src/domain/domain-owner.ts'

it.each([
  ['reader.example', 'reader.example'],
  ['a.b.Reader.example', 'reader.example'],
  ['mail.reader.co.uk', 'reader.co.uk'],
  ['docomo.ne.jp', 'docomo.ne.jp'],
  ['a.abc.de', 'abc.de'],
  ['a.co.example', 'co.example'],
  ['localhost', 'localhost'],
])('%s belongs to %s', (domain, owner) => {
  expect(ownerOf(domain)).toBe(owner)
})

it('names below one domain have one owner', () => {
  expect(countOwners(['a.reader.example', 'b.reader.example', 'READER.example'])).toBe(1)
  expect(countOwners(['one.co.uk', 'two.co.uk'])).toBe(2)
  expect(countOwners([])).toBe(0)
})
