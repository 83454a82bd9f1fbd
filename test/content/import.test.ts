/**
 * What a sequence from elsewhere becomes, and the notes on it; test/cli/new-course-from.test.ts
 * has the command.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { importCourse } from '../../src/app/importer.ts'
import { readFiles } from '../../src/content/courses.ts'

let root: string
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'dawnpost-import-'))
})
afterEach(() => rm(root, { recursive: true }))

async function bring(files: Readonly<Record<string, string | Uint8Array>>, from = root) {
  for (const [name, text] of Object.entries(files)) await writeFile(join(root, name), text)
  const { texts, notes } = await importCourse(from, { title: 'A title', schema: 'course.json' })
  return { names: texts.map(([name]) => name), notes, text: Object.fromEntries(texts) }
}
const bringTable = (text: string | Uint8Array) => bring({ 't.csv': text }, join(root, 't.csv'))

it('an imported course is a draft, whatever else is written into it', async () => {
  const { text } = await bring({ '1-one.md': 'A text of its own.' })
  expect(readFiles('c', text).draft).toMatch(/^draft: true is set in c\/course\.yaml:\d+$/)
})

describe('a folder', () => {
  it('is ordered by number, with a preface first, the rest last and its letters apart', async () => {
    const { names, notes, text } = await bring({
      ...Object.fromEntries(
        [1, 2, 3, 4, 5, 6].map((day) => [`${day}-d${day}.md`, `Text of day ${day}.`]),
      ),
      'Preface.md': 'Before all.',
      'bonus.md': 'After all.',
      '.#1-d1.md': 'x',
      '1-d1.md~': 'x',
      'welcome.md': '---\nsubject: Come in\n---\nIt begins soon.\n\n## What you need\n\nA pencil.',
      'Completion.html': '<h1>The end</h1><p>That was it.</p>',
    })
    expect(names).toEqual([
      'course.yaml',
      'welcome.md',
      '01-preface.md',
      ...[1, 2, 3, 4, 5, 6].map((day) => `0${day + 1}-d${day}.md`),
      '08-bonus.md',
      'completion.md',
    ])
    expect(text['welcome.md']).toContain('subject: Come in\n')
    expect(text['welcome.md']).toContain('It begins soon.\n\n## What you need\n\nA pencil.\n')
    expect(text['completion.md']).toContain('subject: The end\n')
    expect(notes).toEqual(
      expect.arrayContaining([
        'Preface.md has no number; it is now day 1',
        'bonus.md has no number; it is now day 8',
      ]),
    )
  })

  it('with a day 0 begins with it, and says so', async () => {
    const { names, notes } = await bring({
      '00-hello.md': 'Zero.',
      '01-one.md': 'One.',
      '10-ten.md': 'Ten.',
    })
    expect(names.slice(2, 5)).toEqual(['01-hello.md', '02-one.md', '03-ten.md'])
    expect(notes).toContain('00-hello.md has the number 0; it is now day 1')
  })

  it('without numbers is ordered by its front matter', async () => {
    const { names } = await bring({
      'a.md': '+++\ntitle = "Third"\nweight = 30\n+++\nText.',
      'b.md': '---\ntitle: First\nweight: 10\n---\nText.',
      'c.md': '{\n  "title": "Second",\n  "weight": 20\n}\nText.',
    })
    expect(names.slice(2, 5)).toEqual(['01-first.md', '02-second.md', '03-third.md'])
  })
})

describe('front matter never becomes text', () => {
  it.each([
    [
      'TOML',
      '+++\ntitle = "So \\"it\\" is" # yes\ndescription = \'A line\'\ntags = [\n "x",\n]\n[extra]\nx = 1\n+++\n',
    ],
    [
      'TOML between dashes',
      '---toml\ntitle = \'So "it" is\'\ndescription = "A line"\ntags = []\n---\n',
    ],
    ['JSON', '{ "title": "So \\"it\\" is",\n  "description": "A line", "tags": [{\n}\n]\n}\n\n'],
    [
      'JSON between semicolons',
      ';;;\n{"title": "So \\"it\\" is", "description": "A line", "tags": 1}\n;;;\n',
    ],
    ['YAML', '---\ntitle: So "it" is\ndescription: A line\ntags: [x]\n---\n'],
    [
      'YAML without its quotes',
      '---\ntitle: So "it" is\ndescription: A line\ntags: a: b: c\n  - x\n---\n',
    ],
  ])('%s', async (_, front) => {
    const { text, notes } = await bring({ '1.md': `${front}The text itself.\n` })
    const [name = ''] = Object.keys(text).filter((one) => one.startsWith('01-'))
    expect(text[name]).toMatch(/\n---\nThe text itself\.\n/)
    expect(text[name]).toMatch(/subject: .*So .*it.* is/)
    expect(text[name]).toContain('preheader: A line\n')
    expect(notes.join()).toMatch(/left out of its front matter: .*tags/)
  })

  it('but that a mail was a draft is noted', async () => {
    const { notes } = await bring({ '1.md': '+++\ndraft = true\n+++\nText.' })
    expect(notes).toContain('1.md: was marked as a draft; it is imported as a day')
  })

  it('but a text may begin with a rule, or with a brace', async () => {
    const { text } = await bring({ '1.md': '---\nA text\n---\nand more.', '2.md': '{so} it is.' })
    expect(Object.values(text).join()).toMatch(/A text[\s\S]*and more\.[\s\S]*\{so\} it is\./)
  })
})

describe('a table', () => {
  const body = (text: Readonly<Record<string, string>>) => Object.values(text)[2]

  it.each([
    ['with the line that Excel reads', 'sep=;\r\nday;subject;body\r\n1;One, two;A, text\r\n'],
    ['with that line in quotes', '"sep=|"\nday|subject|body\n1|One, two|A, text\n'],
    ['with tabs', 'day\tsubject\tbody\n1\tOne, two\tA, text\n'],
    ['with a mark at its beginning', '\uFEFFday;subject;body\n1;One, two;A, text\n'],
  ])('%s is read', async (_, table) => {
    expect(body((await bringTable(table)).text)).toMatch(/subject: One, two\n[\s\S]*\nA, text\n/)
  })

  it('has its rows named by their lines in the file', async () => {
    const { notes } = await bringTable('sep=;\nday;subject;body\n1;One;A text\nx;Two;B\n')
    expect(notes.join()).toContain('line 4 was skipped: "x" is not a day')
  })

  it('with a column twice takes the first, and says so', async () => {
    const { text, notes } = await bringTable('day,subject,body,Body\n1,One,First,Second\n')
    expect([body(text)?.includes('First'), body(text)?.includes('Second')]).toEqual([true, false])
    expect(notes.join()).toContain('there are several columns named body; only the first was used')
  })

  it.each([
    ['windows-1252', Buffer.from('day;subject;body\n1;Grüße;Schön\n', 'latin1')],
    ['utf-16le', Buffer.from('\uFEFFday;subject;body\n1;Grüße;Schön\n', 'utf16le')],
  ])('in %s is read, and that is noted', async (encoding, bytes) => {
    const { text, notes } = await bringTable(bytes)
    expect(body(text)).toMatch(/subject: Grüße\n[\s\S]*\nSchön\n/)
    expect(notes.join()).toContain(`t.csv is not UTF-8 and was read as ${encoding}`)
  })
})
