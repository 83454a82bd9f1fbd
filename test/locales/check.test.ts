/** What is wrong with a catalog is told, with its place; and nothing is with those we ship. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import en from '../../locales/en.json' with { type: 'json' }
import { type Catalogs, shippedCatalogs } from '../../src/locales/catalogs.ts'
import { catalogFaults } from '../../src/locales/check.ts'

const ENGLISH = { en }
const check = (sentences: object, tag = 'fr', shipped: Catalogs = { ...ENGLISH, fr: {} }) =>
  catalogFaults({ tag, text: JSON.stringify(sentences, null, 2), shipped })
/** In a language that the program speaks: nothing has to be whole. */
const found = (sentences: object, tag = 'en-GB') => check(sentences, tag, ENGLISH)

describe.each(Object.keys(shippedCatalogs()))('locales/%s.json', (tag) => {
  it('is whole and right', () => {
    const file = new URL(`../../locales/${tag}.json`, import.meta.url)
    expect(
      catalogFaults({ tag, text: readFileSync(file, 'utf8'), shipped: shippedCatalogs() }),
    ).toEqual([])
  })
})

describe('a sentence', () => {
  it.each([
    ['{day} um {time}', 'date.time', []],
    ['am {day}', 'date.time', ['date.time: lacks {time}']],
    [
      'am {tag} um {time}',
      'date.time',
      [
        'date.time: has {tag}, but the English sentence has {day}, {time}',
        'date.time: lacks {day}',
      ],
    ],
    ['Falsch? {email}', 'form.email.check', ['form.email.check: lacks <b>, <link>']],
    [
      'um {time} am {day',
      'date.time',
      [expect.stringMatching(/^date\.time: cannot be read as ICU MessageFormat: /)],
    ],
    ['', 'date.time', ['date.time: must be a sentence in quotes']],
    [7, 'date.time', ['date.time: must be a sentence in quotes']],
    ['Hallo', 'date.times', ['date.times: is not a key of this version; remove it']],
    // What stands in one branch only is there all the same.
    [
      '{n, plural, one {} other {}}',
      'date.today',
      [expect.stringMatching(/has \{n\}, but .* none$/)],
    ],
  ])('%s as %s', (sentence, key, messages) => {
    expect(found({ [key]: sentence }).map(({ message }) => message)).toEqual(messages)
  })

  it('has its place in the file', () => {
    const [fault] = found({ 'date.today': 'heute', 'date.time': 'am {day}' })
    expect(fault).toMatchObject({ line: 3, column: 3, severity: 'error', rule: 'placeholder' })
  })

  const COUNT = 'form.wait'
  it.each([
    ['pl', '{minutes, plural, one {#} few {#} many {#} other {#}}', []],
    ['pl', '{minutes, plural, one {#} other {#}}', ['few', 'many']],
    // What is told by number needs no form of its own; and a million minutes nobody waits.
    ['ar', '{minutes, plural, =0 {} =1 {} =2 {} few {#} many {#} other {#}}', []],
    ['fr', '{minutes, plural, one {#} other {#}}', []],
    ['ja', '{minutes, plural, other {#}}', []],
  ])('in %s has the plurals of the language: %s', (tag, sentence, missing) => {
    const plurals = check({ [COUNT]: sentence }, tag, { ...ENGLISH, [tag]: en })
      .filter(({ rule }) => rule === 'plural')
      .map(({ message }) => /“(.*)”/.exec(message)?.[1])
    expect(plurals).toEqual(missing)
  })
})

describe('a file', () => {
  it('that is no JSON is told with the place where it ends to be', () => {
    expect(
      catalogFaults({ tag: 'de', text: '{\n  "a": "b"\n  "c": 1\n}', shipped: ENGLISH }),
    ).toEqual([expect.objectContaining({ line: 3, column: 3, severity: 'error', rule: 'format' })])
  })

  it.each(['deutsch!', 'de_DE', 'sentences'])('is not named %s', (tag) => {
    expect(check({}, tag)[0]?.message).toMatch(/^is not named by a language tag/)
  })

  it('of a language that the program does not speak has to be whole', () => {
    const { 'date.today': _, ...rest } = en
    expect(check({ 'date.today': 'tänään' }, 'fi', ENGLISH)[0]).toMatchObject({
      line: 1,
      severity: 'warning',
      rule: 'missing-key',
      message: expect.stringMatching(/^lacks \d{3} sentences, .* and \d+ more$/),
    })
    expect(check(rest, 'ja', ENGLISH)[0]?.message).toBe(
      'lacks 1 sentence, shown in English: date.today',
    )
  })

  it('that words a consent anew numbers it', () => {
    const consent = { 'consent.also': ' und {title}, {pace}' }
    expect(found(consent).map(({ message }) => message)).toEqual([
      'consent.also: rewords a consent; add a consent.version of its own, like "1"',
    ])
    expect(found({ ...consent, 'consent.version': '1' })).toEqual([])
  })
})
