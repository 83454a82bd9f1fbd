import { expect, it } from 'vitest'
import { settings } from '../../content/folder.ts'
import { allFindings, placeOf, soundLesson, soundLetter } from './sound.ts'

const asking = `${settings()}fields:\n  goal:\n    label: Your goal?\n  level:\n    label: Level?\n    type: choice\n    choices: [new, old]\n  notes:\n    label: Notes?\n    type: yes/no\n`
const letter = (text: string) => ({
  'c/course.yaml': asking,
  'c/welcome.md': soundLetter('Welcome', text),
})

it('mails that quote answers are sound for readers who gave some, none, or hostile ones', async () => {
  const text =
    '{{#if fields.goal}}You want **{{fields.goal}}**, {{fields.goal}}.{{/if}} {{fields.level or All}}{{#if fields.notes}}, with notes{{/if}}.'
  const lesson = soundLesson(2, { subject: '"{{fields.goal or Two}}, day two"' }, text)
  expect(await allFindings({ ...letter(text), 'c/02-two.md': lesson })).toEqual([])
})

it('an answer that may be missing is reported, and so is a subject that is only an answer', async () => {
  const two = 'c/02-two.md'
  const lesson = soundLesson(2, { subject: '"{{#if fields.goal}}{{fields.goal}}{{/if}}"' })
  const files = { ...letter('{{#if firstName}}{{fields.goal}}{{/if}}'), [two]: lesson }
  expect((await allFindings(files)).map(placeOf).sort()).toEqual([
    `${two}:1:1 error empty-subject`,
    'c/welcome.md:7:18 error bare-name',
  ])
})
