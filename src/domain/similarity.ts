/**
 * How similar texts are: by the words they share that few others have (tf-idf, cosine), and by
 * tags.
 */

/** Scripts without spaces between words. */
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u

export const isUnspaced = (text: string) => UNSPACED.test(text)

/** Returns the words of a text, in lower case. */
export function wordsIn(text: string, language: string): string[] {
  const said = text.normalize('NFKC').toLowerCase()
  if (!isUnspaced(said)) return said.replace(/[’']/g, '').match(/[\p{L}\p{M}\p{N}]+/gu) ?? []
  const words = new Intl.Segmenter(language, { granularity: 'word' }).segment(said)
  return [...words].flatMap(({ segment, isWordLike }) => (isWordLike ? [segment] : []))
}

/** Words too long to be one, and the characters that separate terms and counts. */
const NO_TERM = /[\s*]|.{40}/u

/**
 * Returns the words that characterize a text, each once with its count, as `rain*3 coat`. Those of
 * its title count three times.
 */
export function termsOf(
  { title, text }: { readonly title: string; readonly text: string },
  language: string,
): string {
  const counts = new Map<string, number>()
  const heading = wordsIn(title, language)
  for (const word of [...heading, ...heading, ...heading, ...wordsIn(text, language)])
    counts.set(word, (counts.get(word) ?? 0) + 1)
  return [...counts]
    .filter(([word]) => !NO_TERM.test(word))
    .map(([word, count]) => (count > 1 ? `${word}*${count}` : word))
    .join(' ')
}

export interface ComparableText {
  readonly slug: string
  readonly tags: readonly string[]
  /** Slugs its author names, which come first. */
  readonly related: readonly string[]
  /** As returned by termsOf. */
  readonly terms: string
}

/** Fewest slugs returned per text, if there are as many. */
const MIN_RELATED = 3
/** Weight of having all tags in common, relative to the words. */
const TAG_WEIGHT = 0.3
/**
 * A word in a larger share of the texts distinguishes nothing; among fewer than 20 texts any may.
 */
const COMMON = { share: 0.3, from: 20 }
/** Most words a text is compared by: those with the highest weights. */
const MAX_WORDS = 120

/**
 * Compares texts of one language. A thousand of them take a while, in which `pause` yields to other
 * work. The returned function finds the slugs nearest to the text at an index: those its author
 * names, then by similarity, the earlier of two that are equally similar first.
 */
export async function openSimilarity(
  compared: readonly ComparableText[],
  pause: () => Promise<void> = async () => {},
): Promise<(index: number) => string[]> {
  const byWord = invertedIndex(await weigh(compared, pause))
  const byTag = invertedIndex(
    compared.map(({ tags }) => new Map(tags.map((tag) => [tag.toLowerCase(), 1] as const))),
  )
  const position = new Map(compared.map(({ slug }, index) => [slug, index]))
  const scores = new Float64Array(compared.length)
  const tags = new Float64Array(compared.length)

  return (index) => {
    byWord(index, scores)
    byTag(index, tags)
    const tagCount = compared[index]?.tags.length ?? 0
    for (const [other, shared] of tags.entries())
      if (shared > 0)
        scores[other] =
          (scores[other] ?? 0) +
          (TAG_WEIGHT * shared) / (tagCount + (compared[other]?.tags.length ?? 0) - shared)
    const named = (compared[index]?.related ?? []).filter(
      (slug) => (position.get(slug) ?? index) !== index,
    )
    const taken = new Set([index, ...named.flatMap((slug) => position.get(slug) ?? [])])
    const wanted = Math.max(0, MIN_RELATED - named.length)
    return [
      ...named,
      ...topScores(scores, taken, wanted).map((other) => compared[other]?.slug ?? ''),
    ]
  }
}

type Vector = ReadonlyMap<string, number>

/** Returns the words of each text with their weights, as vectors of length 1. */
async function weigh(
  compared: readonly ComparableText[],
  pause: () => Promise<void>,
): Promise<Vector[]> {
  const texts = new Map<string, number>()
  for (const [index, { terms }] of compared.entries()) {
    for (const [word] of countedIn(terms)) texts.set(word, (texts.get(word) ?? 0) + 1)
    if (index % BATCH_SIZE === 0) await pause()
  }
  const most = compared.length < COMMON.from ? compared.length : COMMON.share * compared.length
  const rarityOf = (word: string) => {
    const holding = texts.get(word) ?? 0
    // A word of one text alone is shared with none.
    return holding < 2 || holding > most ? 0 : Math.log((1 + compared.length) / holding)
  }
  const vectors: Vector[] = []
  for (const { terms } of compared) {
    vectors.push(vectorOf(terms, rarityOf))
    if (vectors.length % BATCH_SIZE === 0) await pause()
  }
  return vectors
}

/** Texts processed between two pauses. */
const BATCH_SIZE = 20

function vectorOf(terms: string, rarityOf: (word: string) => number): Vector {
  const weights = countedIn(terms)
    .map(([word, count]): [string, number] => [word, (1 + Math.log(count)) * rarityOf(word)])
    .filter(([, weight]) => weight > 0)
    .sort(([, a], [, b]) => b - a)
    .slice(0, MAX_WORDS)
  const length = Math.hypot(...weights.map(([, weight]) => weight)) || 1
  return new Map(weights.map(([word, weight]) => [word, weight / length]))
}

const countedIn = (terms: string) =>
  terms.split(' ').map((term): [word: string, count: number] => {
    const at = term.indexOf('*')
    return at < 0 ? [term, 1] : [term.slice(0, at), Number(term.slice(at + 1))]
  })

/**
 * Returns a function for the dot products of one vector with all others; only vectors that share
 * something are visited.
 */
function invertedIndex(vectors: readonly Vector[]): (index: number, into: Float64Array) => void {
  const postings = new Map<string, { at: number[]; weights: number[] }>()
  for (const [index, vector] of vectors.entries())
    for (const [word, weight] of vector) {
      const posting = postings.get(word) ?? { at: [], weights: [] }
      postings.set(word, posting)
      posting.at.push(index)
      posting.weights.push(weight)
    }
  return (index, into) => {
    into.fill(0)
    for (const [word, weight] of vectors[index] ?? []) {
      const { at, weights } = postings.get(word) ?? { at: [], weights: [] }
      for (let n = 0; n < at.length; n += 1) {
        const other = at[n] as number
        into[other] = (into[other] as number) + weight * (weights[n] as number)
      }
    }
  }
}

function topScores(scores: Float64Array, except: ReadonlySet<number>, count: number): number[] {
  const found: number[] = []
  let least = -1
  for (let index = 0; index < scores.length && count > 0; index += 1) {
    const score = scores[index] as number
    if ((found.length === count && score <= least) || except.has(index)) continue
    const before = found.findIndex((other) => score > (scores[other] as number))
    found.splice(before < 0 ? found.length : before, 0, index)
    found.length = Math.min(found.length, count)
    least = scores[found[found.length - 1] as number] as number
  }
  return found
}
