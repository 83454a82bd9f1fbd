/** How alike texts are: by the words they share that few others have (tf-idf, cosine), and by tags. */

/** How often each word stands in a text. */
export type Terms = Readonly<Record<string, number>>

/** Writings that put no spaces between words. */
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u

export const isUnspaced = (text: string) => UNSPACED.test(text)

/** The words of a text, in small letters. */
export function wordsIn(text: string, language: string): string[] {
  const said = text.normalize('NFKC').toLowerCase()
  if (!isUnspaced(said)) return said.replace(/[’']/g, '').match(/[\p{L}\p{M}\p{N}]+/gu) ?? []
  const words = new Intl.Segmenter(language, { granularity: 'word' }).segment(said)
  return [...words].flatMap(({ segment, isWordLike }) => (isWordLike ? [segment] : []))
}

/** Of longer texts what is left out changes nothing. */
const MOST_TERMS = 800

/** The words that a text is told by; those of its title count three times. */
export function termsOf({ title, text }: { title: string; text: string }, language: string): Terms {
  const counts = new Map<string, number>()
  const add = (words: readonly string[], times: number) => {
    for (const word of words)
      if (word.length < 40) counts.set(word, (counts.get(word) ?? 0) + times)
  }
  add(wordsIn(title, language), 3)
  add(wordsIn(text, language), 1)
  const most = [...counts].sort(([, a], [, b]) => b - a).slice(0, MOST_TERMS)
  return Object.fromEntries(most)
}

export interface Compared {
  readonly slug: string
  readonly tags: readonly string[]
  /** Those that its author names, which come first. */
  readonly related: readonly string[]
  readonly terms: Terms
}

/** How many are named of each at least, if there are as many. */
export const LEAST_NEAREST = 3
/** What all tags in common count, beside the words. */
const TAGS = 0.3
/** A word that stands in more of them tells nothing; of a few texts every word may. */
const COMMON = { share: 0.3, from: 20 }

/**
 * Compares texts of one language. What it gives finds the slugs that are nearest to the text at an
 * index: those its author names, then by likeness, the earlier of two that are equally alike.
 */
export function compare(all: readonly Compared[]): (index: number) => string[] {
  const postings = weigh(all)
  const position = new Map(all.map(({ slug }, index) => [slug, index]))
  const vectors: [word: string, weight: number][][] = all.map(() => [])
  for (const [word, entries] of postings)
    for (const [index, weight] of entries) vectors[index]?.push([word, weight])
  const lowered = all.map(({ tags }) => new Set(tags.map((tag) => tag.toLowerCase())))

  return (index) => {
    const scores = new Float64Array(all.length)
    for (const [word, weight] of vectors[index] ?? [])
      for (const [other, its] of postings.get(word) ?? [])
        scores[other] = (scores[other] ?? 0) + weight * its
    const own = lowered[index] ?? new Set()
    for (const [other, tags] of lowered.entries())
      scores[other] = (scores[other] ?? 0) + TAGS * sharedOf(own, tags)
    const { slug: ownSlug, related = [] } = all[index] ?? {}
    const named = related.filter((slug) => position.has(slug) && slug !== ownSlug)
    const taken = new Set([index, ...named.flatMap((slug) => position.get(slug) ?? [])])
    const wanted = Math.max(0, LEAST_NEAREST - named.length)
    return [...named, ...best(scores, taken, wanted).map((other) => all[other]?.slug ?? '')]
  }
}

const sharedOf = (a: ReadonlySet<string>, b: ReadonlySet<string>) => {
  if (a.size === 0 || b.size === 0) return 0
  const both = [...a].filter((tag) => b.has(tag)).length
  return both / (a.size + b.size - both)
}

type Postings = Map<string, [index: number, weight: number][]>

/** Each word with the texts that hold it; the weights of a text are of length 1. */
function weigh(all: readonly Compared[]): Postings {
  const postings: Postings = new Map()
  for (const [index, { terms }] of all.entries())
    for (const [word, count] of Object.entries(terms)) {
      const entries = postings.get(word)
      if (entries) entries.push([index, 1 + Math.log(count)])
      else postings.set(word, [[index, 1 + Math.log(count)]])
    }
  const most = all.length < COMMON.from ? all.length : COMMON.share * all.length
  const lengths = new Float64Array(all.length)
  for (const [word, entries] of postings) {
    // A word of one text alone is shared with none.
    if (entries.length > most || entries.length < 2) {
      postings.delete(word)
      continue
    }
    const rarity = Math.log((1 + all.length) / entries.length)
    for (const entry of entries) {
      entry[1] *= rarity
      lengths[entry[0]] = (lengths[entry[0]] ?? 0) + entry[1] ** 2
    }
  }
  for (const entries of postings.values())
    for (const entry of entries) entry[1] /= Math.sqrt(lengths[entry[0]] ?? 1) || 1
  return postings
}

function best(scores: Float64Array, except: ReadonlySet<number>, count: number): number[] {
  const found: number[] = []
  for (let index = 0; index < scores.length && count > 0; index += 1) {
    if (except.has(index)) continue
    const score = scores[index] ?? 0
    const before = found.findIndex((other) => score > (scores[other] ?? 0))
    if (before >= 0) found.splice(before, 0, index)
    else if (found.length < count) found.push(index)
    found.length = Math.min(found.length, count)
  }
  return found
}
