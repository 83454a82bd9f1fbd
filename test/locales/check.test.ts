/** Faults in a catalog are reported with their place, and the shipped ones have none. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import en from '../../locales/en.json' with { type: 'json' }
import { type Catalogs, shippedCatalogs } from '../../src/locales/catalogs.ts'
import { catalogFaults } from '../../src/locales/check.ts'

const ENGLISH = { en }
const check = (sentences: object, tag = 'fr', shipped: Catalogs = { ...ENGLISH, fr: {} }) =>
  catalogFaults({ tag, text: JSON.stringify(sentences, null, 2), shipped })
/** In a language that the program already has, where a catalog need not be complete. */
const found = (sentences: object, tag = 'en-GB') => check(sentences, tag, ENGLISH)

describe.each(Object.keys(shippedCatalogs()))('locales/%s.json', (tag) => {
  it('is complete and without faults', () => {
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
    // A placeholder in only one branch counts too.
    [
      '{n, plural, one {} other {}}',
      'date.today',
      [expect.stringMatching(/has \{n\}, but .* none$/)],
    ],
  ])('like "%s" for %s is checked', (sentence, key, messages) => {
    expect(found({ [key]: sentence }).map(({ message }) => message)).toEqual(messages)
  })

  it('is reported with its place in the file', () => {
    const [fault] = found({ 'date.today': 'heute', 'date.time': 'am {day}' })
    expect(fault).toMatchObject({ line: 3, column: 3, severity: 'error', rule: 'placeholder' })
  })

  const COUNT = 'form.wait'
  it.each([
    ['pl', '{minutes, plural, one {#} few {#} many {#} other {#}}', []],
    ['pl', '{minutes, plural, one {#} other {#}}', ['few', 'many']],
    // Forms covered by exact numbers are not needed, nor one only for a million minutes.
    ['ar', '{minutes, plural, =0 {} =1 {} =2 {} few {#} many {#} other {#}}', []],
    ['fr', '{minutes, plural, one {#} other {#}}', []],
    ['ja', '{minutes, plural, other {#}}', []],
  ])('in %s needs the plural forms of the language: %s', (tag, sentence, missing) => {
    const plurals = check({ [COUNT]: sentence }, tag, { ...ENGLISH, [tag]: en })
      .filter(({ rule }) => rule === 'plural')
      .map(({ message }) => /“(.*)”/.exec(message)?.[1])
    expect(plurals).toEqual(missing)
  })
})

describe('a file', () => {
  it('that is not JSON is reported with the place where it stops being so', () => {
    expect(
      catalogFaults({ tag: 'de', text: '{\n  "a": "b"\n  "c": 1\n}', shipped: ENGLISH }),
    ).toEqual([expect.objectContaining({ line: 3, column: 3, severity: 'error', rule: 'format' })])
  })

  it.each(['deutsch!', 'de_DE', 'sentences'])('cannot be named %s', (tag) => {
    expect(check({}, tag)[0]?.message).toMatch(/^is not named by a language tag/)
  })

  it('for a new language must be complete', () => {
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

  it('that rewords a consent must have its own consent version', () => {
    const consent = { 'consent.also': ' und {title}, {pace}' }
    expect(found(consent).map(({ message }) => message)).toEqual([
      'consent.also: rewords a consent; add a consent.version of its own, like "1"',
    ])
    expect(found({ ...consent, 'consent.version': '1' })).toEqual([])
  })
})
