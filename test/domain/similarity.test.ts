import { describe, expect, it } from 'vitest'
import { openSimilarity, termsOf, wordsIn } from '../../src/domain/similarity.ts'

const text = (slug: string, words: string, { tags = [], related = [] }: Also = {}) => ({
  slug,
  tags,
  related,
  terms: termsOf({ title: slug, text: words }, 'en'),
})
interface Also {
  readonly tags?: readonly string[]
  readonly related?: readonly string[]
}

describe('what is nearest to a text', () => {
  it('shares the words that few others have, and not those that all have', async () => {
    const nearestTo = await openSimilarity([
      text('one', 'You and the two of us in anger.'),
      text('two', 'You and the two of us in rain.'),
      text('three', 'Anger burns quietly, somewhere else.'),
      text('four', 'You and the two of us in coats.'),
      text('five', 'You and the two of us in snow.'),
    ])
    expect(nearestTo(0)[0]).toBe('three')
    expect(nearestTo(0)).toHaveLength(3)
    expect(nearestTo(2)[0]).toBe('one')
  })

  it('shares its tags, whatever their case; what its author names comes first, and counts', async () => {
    const nearestTo = await openSimilarity([
      text('a', 'one', { tags: ['Rest', 'sleep'], related: ['d', 'a', 'none'] }),
      text('b', 'two', { tags: ['noise'] }),
      text('c', 'three', { tags: ['rest'] }),
      text('d', 'four'),
    ])
    expect(nearestTo(0)).toEqual(['d', 'c', 'b'])
  })

  it('is everything else among a few texts, and nothing for a single one', async () => {
    const few = await openSimilarity([text('a', 'one'), text('b', 'two')])
    expect(few(0)).toEqual(['b'])
    expect((await openSimilarity([text('a', 'one')]))(0)).toEqual([])
    expect((await openSimilarity([text('a', ''), text('b', '')]))(1)).toEqual(['a'])
  })

  it('is found in a language without spaces', async () => {
    expect(wordsIn('東京の雨', 'ja')).toEqual(['東京', 'の', '雨'])
    const inJapanese = (slug: string, words: string) => ({
      ...text(slug, ''),
      terms: termsOf({ title: '', text: words }, 'ja'),
    })
    const nearestTo = await openSimilarity([
      inJapanese('a', '雨が降る。雨の音。'),
      inJapanese('b', '猫が寝ている。'),
      inJapanese('c', '雨の音を聞く。'),
    ])
    expect(nearestTo(0)[0]).toBe('c')
  })
})
