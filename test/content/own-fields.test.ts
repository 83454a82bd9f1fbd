import { describe, expect, it } from 'vitest'
import { ownFieldsOf } from '../../src/domain/course.ts'
import { COURSE, DAILY, load, page, reportsEach, settings, withLesson } from './folder.ts'

/** The course with fields: their lines begin at line 8. */
const withFields = (yaml: string, files = COURSE) => ({
  ...files,
  'c/course.yaml': `${settings()}fields:\n${yaml}`,
})
const GOAL = '  goal:\n    label: What is your goal?\n'
const body = (text: string) => `${text}\n\n## A practice\n\n1. Do it.\n`
const saying = (text: string, yaml = GOAL) => withFields(yaml, withLesson({}, body(text)))

describe('fields of a course', () => {
  it('come in the order they are written, and are texts by default', async () => {
    const yaml = `${GOAL}    required: true\n  age:\n    label: "It's --- when?"\n    type: choice\n    choices: [1, yes]\n  b:\n    label: B\n    type: yes/no\n  a:\n    label: A\n    most: 9\n`
    const [course] = await load(withFields(yaml))
    expect(course && ownFieldsOf(course)).toEqual([
      { name: 'goal', label: 'What is your goal?', required: true, type: 'text', most: 100 },
      {
        name: 'age',
        label: 'It’s — when?',
        required: false,
        type: 'choice',
        choices: ['1', 'yes'],
      },
      { name: 'b', label: 'B', required: false, type: 'yes/no' },
      { name: 'a', label: 'A', required: false, type: 'text', most: 9 },
    ])
  })

  it('are shown by slots: alone, within an if, and with words for readers without them', async () => {
    const text =
      '{{#if fields.goal}}{{fields.goal}}{{else}}nothing{{/if}}, {{fields.goal or *all*}}, {{fields.goal}}'
    const [course] = await load(saying(text))
    expect(course?.kind === 'course' && course.lessons[1]?.html).toContain(
      '{{#if fields.goal}}{{fields.goal}}{{else}}nothing{{/if}}, {{fields.goal or <em>all</em>}}',
    )
  })

  it('are plain text in code and after a backslash', async () => {
    const text = '`{{fields.gaol or x}}` \\{{fields.gaol}}\n\n    {{#if fields.gaol}}'
    const [course] = await load(saying(text))
    expect(course?.kind === 'course' && course.lessons[1]?.html).not.toContain('{{')
  })

  it('are left out of a preheader that is made from the text', async () => {
    const text =
      '{{#if fields.goal}}So, {{fields.goal}}{{else}}All{{/if}}: {{fields.goal or *it*}}.'
    const lesson = page({ subject: 'Two' }, text)
    const [course] = await load(withFields(GOAL, { ...COURSE, 'c/02-two.md': lesson }))
    expect(course?.kind === 'course' && course.lessons[1]?.preheader).toBe('All: it.')
  })
})

const LINES = Array.from({ length: 13 }, (_, n) => `  f${n}:\n    label: A\n    most: 9\n`).join('')
const LONG = ['a', 'b', 'c', 'd']
  .map((name) => `  ${name}:\n    label: A\n    most: 200\n`)
  .join('')

describe('a field is refused for', () => {
  reportsEach([
    [
      'no label',
      withFields('  goal:\n    most: 9\n'),
      'c/course.yaml:8',
      /goal\.label: is missing/,
    ],
    ['nothing below it', withFields('  goal:\n'), 'c/course.yaml:8', /goal: must have a label/],
    [
      'a name that no slot can hold',
      withFields('  My-goal:\n    label: A\n'),
      'c/course.yaml:8',
      /My-goal: is not a usable name/,
    ],
    [
      'a name that is ours',
      withFields('  firstName:\n    label: A\n'),
      'c/course.yaml:8',
      /firstName: is a reserved name/,
    ],
    [
      'a name of every object',
      withFields('  constructor:\n    label: A\n'),
      'c/course.yaml:8',
      /constructor: is a reserved name/,
    ],
    [
      'an unknown type',
      withFields(`${GOAL}    type: number\n`),
      'c/course.yaml:10',
      /must be text, choice or yes\/no/,
    ],
    [
      'a choice of nothing',
      withFields(`${GOAL}    type: choice\n`),
      'c/course.yaml:8',
      /goal\.choices: is missing/,
    ],
    [
      'choices of a text',
      withFields(`${GOAL}    choices: [a, b]\n`),
      'c/course.yaml:10',
      /only fits type: choice/,
    ],
    [
      'a choice twice',
      withFields(`${GOAL}    type: choice\n    choices: [a, a]\n`),
      'c/course.yaml:11',
      /names a choice twice/,
    ],
    [
      'a yes that nobody may leave out',
      withFields(`${GOAL}    type: yes/no\n    required: true\n`),
      'c/course.yaml:11',
      /does not fit yes\/no/,
    ],
    [
      'a text without end',
      withFields(`${GOAL}    most: 201\n`),
      'c/course.yaml:10',
      /most: must be at most 200/,
    ],
    ['being one of too many', withFields(LINES), 'c/course.yaml:7', /are more than 12/],
    ['asking for a book', withFields(LONG), 'c/course.yaml:7', /600 is the limit/],
    [
      'being in a daily',
      { ...DAILY, 'd/course.yaml': `${settings({ kind: 'daily' })}fields:\n${GOAL}` },
      'd/course.yaml:7',
      /fields: is not a known key/,
    ],
  ])
})

describe('a slot is refused for', () => {
  reportsEach([
    [
      'a field that is not asked',
      saying('{{fields.gaol}}'),
      'c/02-two.md:8',
      /the fields of course.yaml are goal; add gaol there/,
    ],
    [
      'a yes that is to be read',
      saying('{{fields.goal}}', `${GOAL}    type: yes/no\n`),
      'c/02-two.md:8',
      /which is yes or no; write \{\{#if fields\.goal\}\}/,
    ],
    [
      'words that are a slot',
      saying('{{fields.goal or {{firstName}}}}'),
      'c/02-two.md:8',
      /a text may only contain/,
    ],
    [
      'words with braces',
      saying('{{fields.goal or `}}` x}}'),
      'c/02-two.md:8',
      /a text may only contain/,
    ],
    [
      'words that end with a backslash',
      saying('{{fields.goal or x\\}}'),
      'c/02-two.md:8',
      /a text may only contain/,
    ],
    [
      'being all of a greeting',
      withFields(GOAL, withLesson({ greeting: "'{{#if fields.goal}}Hello.{{/if}}'" })),
      'c/02-two.md:7',
      /greeting: is empty for readers who gave no answer/,
    ],
    [
      'being all of the greeting of a course',
      withFields(`${GOAL}greeting: '{{#if fields.goal}}Hello.{{/if}}'\n`),
      'c/course.yaml:10',
      /greeting: is empty for readers who gave no answer/,
    ],
  ])
})
