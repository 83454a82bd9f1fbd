import { expect, it } from 'vitest'
import { openRefusals } from '../../../src/mail/smtp/refusals.ts'

/** The judgment after these outcomes: `-` is refused, `+` is taken. */
function after(said: string) {
  const refusals = openRefusals()
  for (const [number, one] of [...said].entries()) {
    refusals.note(`reader${number}@example.com`, one === '-' ? 'refused' : 'taken')
  }
  return [refusals.isSuspicious(), refusals.isOfNearlyAll()]
}

it.each([
  ['one refusal is believed', '-', false, false],
  ['two of two are', '--', false, false],
  ['three of three are suspicious', '---', true, false],
  ['three of six are not', '---+++', false, false],
  ['25 of 25 are suspicious, and too few to be sure', '-'.repeat(25), true, false],
  ['26 of the last 50 are nearly all', `${'+'.repeat(24)}${'-'.repeat(26)}`, true, true],
  ['25 of the last 50 are not', `${'-'.repeat(25)}${'+'.repeat(25)}`, false, false],
  ['what came before the last 50 is forgotten', `${'-'.repeat(26)}${'+'.repeat(50)}`, false, false],
])('%s', (_, said, isSuspicious, isOfNearlyAll) => {
  expect(after(said)).toEqual([isSuspicious, isOfNearlyAll])
})

it('repeated refusals of one address count once', () => {
  const refusals = openRefusals()
  for (let time = 0; time < 50; time++) refusals.note('ada@example.com', 'refused')
  expect([refusals.isSuspicious(), refusals.isOfNearlyAll()]).toEqual([false, false])
})
