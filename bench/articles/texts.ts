/** A folder of many articles, the same each time, made of sentences of the shipped courses. */
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { plainText } from '../../src/content/words.ts'
import { ROOT } from '../lesson.ts'

const TAGS = 'listening, feelings, harsh thoughts, rest, anger, letters, mornings, friends'.split(
  ', ',
)
const SECTIONS = 4
const PARAGRAPHS = 3
const SENTENCES = 6

/** Pseudo-random numbers from 0 to 1, the same in each run. */
function numbers(seed: number) {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

async function sentences(): Promise<string[]> {
  const folder = join(ROOT, 'courses/inner-wisdom')
  const names = (await readdir(folder)).filter((name) => /^\d.*\.md$/.test(name))
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')))
  return texts
    .flatMap((text) => plainText(text.replace(/^---[\s\S]*?\n---\n/, '')).split(/(?<=[.?!])\s+/))
    .map((sentence) =>
      sentence
        .replace(/\s+/g, ' ')
        .replace(/\{\{.*?\}\}/g, '')
        .trim(),
    )
    .filter((sentence) => sentence.length > 20)
}

/** Writes `count` articles of some 1,000 words into an existing folder. */
export async function writeArticles(folder: string, count: number): Promise<void> {
  const all = await sentences()
  const next = numbers(17)
  const pick = <T>(from: readonly T[]) => from[Math.floor(next() * from.length)] as T
  const times = <T>(many: number, make: () => T) => Array.from({ length: many }, make)
  const paragraph = () => times(SENTENCES, () => pick(all)).join(' ')
  for (let n = 0; n < count; n += 1) {
    const sections = times(SECTIONS, () =>
      [`## ${pick(all).slice(0, 40)}`, ...times(PARAGRAPHS, paragraph)].join('\n\n'),
    )
    const head = [
      `title: ${JSON.stringify(`${n}: ${pick(all).slice(0, 60)}`)}`,
      'author: The bench',
      `date: 20${String(10 + (n % 15)).padStart(2, '0')}-0${1 + (n % 9)}-1${n % 10}`,
      `summary: ${JSON.stringify(pick(all).slice(0, 150))}`,
      `tags: [${[pick(TAGS), pick(TAGS)].join(', ')}]`,
      'invite: inner-wisdom',
    ]
    const text = ['---', ...head, '---', paragraph(), ...sections, ''].join('\n')
    await writeFile(join(folder, `article-${n}.md`), text)
  }
}
