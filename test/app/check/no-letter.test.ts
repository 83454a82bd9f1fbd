import { expect, it } from 'vitest'
import { placeOf, SOUND, soundLetter, sourceFindings } from './sound.ts'

it.each([
  ['the sign of a private range', '\uE000', /U\+E000, a private-use character/],
  ['one of another', '\u{10FFFD}', /U\+10FFFD, a private-use character/],
  ['what is no sign at all', '\uFDD0', /U\+FDD0, a private-use character/],
  ['what is left of a lost letter', '\uFFFD', /stands for a letter that was lost/],
])('%s is found in a text', async (_, sign, told) => {
  const [found, ...others] = await sourceFindings({
    'c/welcome.md': soundLetter('Welcome', `So ${sign}`),
  })
  expect([found && placeOf(found), others]).toEqual(['c/welcome.md:7:4 error no-letter', []])
  expect(found?.message).toMatch(told)
})

it('a draft is not a finding', async () => {
  const settings = `${SOUND['c/course.yaml']}draft: true\n`
  expect(await sourceFindings({ 'c/course.yaml': settings })).toEqual([])
})
