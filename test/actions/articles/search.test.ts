/** Searching articles, whatever anybody types. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { HIT_MARKERS } from '../../../src/domain/article.ts'
import { article, articlesApp } from '../../support/articles.ts'

let test: Awaited<ReturnType<typeof articlesApp>>
const long = 'Nothing of it is here. '.repeat(40)

beforeAll(async () => {
  test = await articlesApp({
    'rain.md': article({ title: 'Rain' }, `${long}She was walking <b>home</b> & slowly.\n`),
    'walk.md': article({ title: 'Walking alone', tags: '[late hours]' }, 'A street at night.\n'),
    'gone.md': article({ draft: 'true' }, 'Walking.\n'),
    'weg.md': article({ language: 'de', title: 'Häuser' }, 'Die Häuser am Weg, 100% davon.\n'),
    'ame.md': article(
      { language: 'ja', title: '雨の日' },
      '窓の外で雨が降っている。手紙を書く。\n',
    ),
    'ho.md': article({ language: 'haw', title: 'Ua' }, 'He ua nui i keia la.\n'),
  })
})
afterAll(() => test[Symbol.asyncDispose]())

const found = async (words: string, language?: string) =>
  (await test.articles.search(words, language === undefined ? {} : { language })).map(
    ({ slug }) => slug,
  )

it('finds articles by the grammar of their language, titles before texts', async () => {
  expect(await found('walks')).toEqual(['walk', 'rain'])
  expect(await found('walking home')).toEqual(['rain'])
  expect(await found('"street at night"')).toEqual(['walk'])
  expect(await found('walking -street')).toEqual(['rain'])
  expect(await found('late')).toEqual(['walk'])
  expect(await found('haus')).toEqual(['weg'])
  expect(await found('haus', 'en')).toEqual([])
  expect(await found('walk', 'en-GB')).toEqual(['walk', 'rain'])
  expect(await found('nui')).toEqual(['ho'])
})

it('falls back to literal matches if grammar finds nothing or there are no spaces', async () => {
  expect(await found('手紙')).toEqual(['ame'])
  expect(await found('雨 手紙')).toEqual(['ame'])
  expect(await found('雪')).toEqual([])
  expect(await found('häus')).toEqual(['weg'])
  expect(await found('100%')).toEqual(['weg'])
  expect(await found('1_0%')).toEqual([])
})

it('gives an excerpt in plain text that marks the matches', async () => {
  const [{ excerpt = '' } = {}] = await test.articles.search('walked home')
  expect(excerpt).toContain(`${HIT_MARKERS.begin}walking${HIT_MARKERS.end}`)
  expect(excerpt.length).toBeLessThan(500)
  expect(excerpt).toContain(`home${HIT_MARKERS.end} & slowly`)
  const [japanese] = await test.articles.search('手紙')
  expect(japanese?.excerpt).toBe(
    `窓の外で雨が降っている。${HIT_MARKERS.begin}手紙${HIT_MARKERS.end}を書く。`,
  )
})

it.each([
  ['nothing', ''],
  ['signs', `'"\\()&|!:*<->%_`],
  ['a quote that is left open', '"walking'],
  ['a null', 'snow\0ing'],
  ['half a character', 'x\ud83c'],
  ['marks of ours', `${HIT_MARKERS.begin}x${HIT_MARKERS.end}`],
  ['too much', `${'x '.repeat(200)}walking`],
  ['a long word', 'x'.repeat(5_000)],
  ['a query that looks like SQL', `'); drop table articles; --`],
])('can handle %s', async (_, words) => {
  expect(await found(words)).toEqual(words === '"walking' ? ['walk', 'rain'] : [])
})
