import { describe, expect, it } from 'vitest'
import { DAILY, faultsOf, reportsEach, settings, withPage } from './folder.ts'

const file = 'd/02-february.md'
const long = 'x'.repeat(71)
const parts = settings({ kind: 'daily', parts: '[]' })

describe('a daily is refused for', () => {
  reportsEach([
    [
      'having no texts',
      { ...DAILY, 'd/01-january.md': null },
      'd/course.yaml:1',
      /add a file with ## headings/,
    ],
    [
      'having parts',
      { ...DAILY, 'd/course.yaml': parts },
      'd/course.yaml:7',
      /parts: is not a known key/,
    ],
    [
      'having no welcome',
      { ...DAILY, 'd/welcome.md': null },
      'd/welcome.md:1',
      /write subject and preheader/,
    ],
    [
      'text before its first title',
      withPage('Hello.\n\n## T\nText.'),
      `${file}:1`,
      /start with ## and a title/,
    ],
    [
      'a title of level 1',
      withPage('## T\nText.\n\n# U\nText.'),
      `${file}:4`,
      /starts with ## and its title/,
    ],
    [
      'a title twice',
      withPage('## T\nText.\n\n## First\nText.'),
      `${file}:4`,
      /"First"; give each inspiration its/,
    ],
    [
      'a long title',
      withPage(`## T\nText.\n\n## ${long}\nText.`),
      `${file}:4`,
      /has a title over 70 characters/,
    ],
    [
      'a title without a text',
      withPage('## T\n\n## U\nText.'),
      `${file}:1`,
      /has a title but no text/,
    ],
  ])
})

describe('the author is told', () => {
  it('that an inspiration has no title to be mailed under', async () => {
    expect(await faultsOf(withPage('##\nText.'))).toEqual([
      expect.stringMatching(/^d\/02-february\.md:1 /),
    ])
  })
})
