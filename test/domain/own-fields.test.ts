import { describe, expect, it } from 'vitest'
import { answersTo, type OwnField, readAnswers } from '../../src/domain/own-fields.ts'

const FIELDS: readonly OwnField[] = [
  { name: 'goal', label: 'Your goal?', required: true, type: 'text', most: 20 },
  { name: 'level', label: 'Level?', required: false, type: 'choice', choices: ['new', 'old'] },
  { name: 'notes', label: 'Notes?', required: false, type: 'yes/no' },
]
const read = (body: Record<string, unknown>, before?: Record<string, string>) =>
  readAnswers(FIELDS, { body, ...(before && { before }) })
const goal = (text: string) => read({ 'fields.goal': text })
const faultOf = (text: string) => {
  const answers = goal(text)
  return 'fields' in answers ? answers.fields['fields.goal']?.key : null
}

describe('answers', () => {
  it('are read by the names of their fields, without the empty ones', () => {
    const body = {
      'fields.goal': ' to draw ',
      'fields.level': '',
      'fields.notes': 'yes',
      name: 'x',
    }
    expect(read(body)).toEqual({ values: { goal: 'to draw', notes: 'yes' } })
  })

  it('that are wrong are reported field by field', () => {
    expect(read({ 'fields.level': 'none', 'fields.notes': ['yes'] })).toEqual({
      fields: {
        'fields.goal': { key: 'form.own.missing' },
        'fields.level': { key: 'form.own.not-a-choice' },
      },
    })
  })

  it.each([
    ['form.own.several-lines', 'draw\r\nBcc: eve@x'],
    ['form.own.several-lines', 'to\u0000draw'],
    ['form.own.has-link', 'see evil.example now'],
    ['form.own.has-link', 'https://evil'],
    ['form.own.too-long', 'to draw, and to paint'],
    ['form.own.too-long', 'a\u0301'.repeat(50_000)],
  ])('to a text field are refused with %s: %j', (key, text) => {
    expect(faultOf(text)).toBe(key)
  })

  it.each([
    ['that turn their line the other way lose what turns it', '\u202Eward\u2066', 'ward'],
    ['that are half a character are mended', 'a\uD83D', 'a\uFFFD'],
    ['of markup and slots are a text like any other', '<b>{{x}}</b>', '<b>{{x}}</b>'],
  ])('%s', (_, text, value) => {
    expect(goal(text)).toEqual({ values: { goal: value } })
  })

  it('from before may stay: none to a new required field, or a choice no longer offered', () => {
    expect(read({ 'fields.level': 'older' }, { level: 'older' })).toEqual({
      values: { level: 'older' },
    })
    expect(read({ 'fields.goal': '' }, { goal: 'to draw' })).toEqual({
      fields: { 'fields.goal': { key: 'form.own.missing' } },
    })
  })

  it('to other questions are left out', () => {
    expect(answersTo(FIELDS, { goal: 'a', gone: 'b' })).toEqual({ goal: 'a' })
  })
})
