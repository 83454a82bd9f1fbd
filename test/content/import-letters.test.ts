/** What a sequence does not say outright: which mails are letters, and its language. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { importCourse } from '../../src/app/importer.ts'

let root: string
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'dawnpost-letters-'))
})
afterEach(() => rm(root, { recursive: true }))

type Files = Readonly<Record<string, string>>

async function bring(files: Files) {
  for (const [name, text] of Object.entries(files)) await writeFile(join(root, name), text)
  const { texts } = await importCourse(root, { title: 'A title', schema: 'course.json' })
  return { text: Object.fromEntries(texts) }
}

describe('the letters of a sequence', () => {
  const mail = (subject: string) =>
    `---\nsubject: "${subject}"\n---\nA text of its own, that is long enough.`

  it.each<[string, Files, welcome: string | null, completion: string | null]>([
    [
      'by other names',
      { '00-willkommen.md': mail('Los'), '1.md': mail('A'), 'Abschluss.md': mail('Aus') },
      'Los',
      'Aus',
    ],
    [
      'by number and words',
      {
        '1-welcome.md': mail('Welcome to us'),
        '2.md': mail('A'),
        '3-the-end.md': mail('You did it!'),
      },
      'Welcome to us',
      'You did it!',
    ],
    [
      'by what comes next',
      { '1-hello.md': mail('Welcome to us'), '2-a.md': mail('Day 1: A') },
      'Welcome to us',
      null,
    ],
    [
      'not for a day',
      { 'day-1.md': mail('Welcome to day 1'), 'day-2.md': mail('Congratulations') },
      null,
      null,
    ],
    [
      'not for another subject',
      { '1-welcome.md': mail('A window'), '2.md': mail('A') },
      null,
      null,
    ],
  ])('are recognized %s', async (_, files, welcome, completion) => {
    const { text } = await bring(files)
    const subject = (name: string) => /^subject: "?(.*?)"?$/m.exec(text[name] ?? '')?.[1]
    expect(subject('welcome.md')).toBe(welcome ?? 'Welcome to A title')
    expect(subject('completion.md')).toBe(completion ?? 'That was the last lesson')
  })
})

it.each([
  ['de', 'Das ist der Anfang, und du brauchst dazu nicht mehr als eine Tasse und ein Fenster.'],
  ['fr', 'Vous avez besoin de peu pour ce matin, et les mots ne sont pas dans la tasse.'],
  ['pl', 'To nie jest kurs, który się kończy, i na to masz czas, ale z kubkiem w ręku.'],
  ['ja', '今日は窓のそばにすわって、しばらく外を見てみましょう。'],
  ['ar', 'اجلس اليوم قرب النافذة وانظر إلى الخارج قليلا.'],
])('an unstated language of a course is guessed from its words: %s', async (tag, words) => {
  const { text } = await bring({ '1.md': words })
  expect(text['course.yaml']).toContain(`\nlanguage: ${tag}\n`)
})

it('lines above the text give its subject and its preview', async () => {
  const { text } = await bring({
    'a.md': '**Subject:** A cup: of tea\nPreview text: What is in it\n\nLook into it.\n',
  })
  expect(text['01-a-cup-of-tea.md']).toBe(
    '---\nsubject: "A cup: of tea"\npreheader: What is in it\n---\nLook into it.\n',
  )
})
