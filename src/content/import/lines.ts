/** Lines of plain text: made from other texts, cut, and named. */

/** Removes control characters, invisible padding and runs of spaces. */
export const oneLine = (text: string) =>
  text
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, ' ')
    .replace(/[\u034F\u00AD\u200B\u2060\uFEFF\uE000-\uF8FF]/gu, '')
    .replace(/\s+/g, ' ')
    .trim()

const SENTENCES = new Intl.Segmenter('en', { granularity: 'sentence' })

/** Returns the first sentence of the first paragraph that says something; a greeting does not. */
export function firstSentence(paragraphs: readonly string[]): string {
  const texts = paragraphs.map(oneLine).filter((text) => /\p{L}/u.test(text))
  const text =
    texts.find((candidate) => !/[,:]$/.test(candidate) && candidate.split(' ').length > 2) ??
    texts[0] ??
    ''
  const [first] = SENTENCES.segment(text.slice(0, 1000))
  return first?.segment.trim() ?? ''
}

/**
 * Reduces a text to letters, digits and hyphens for a file name: "Ein schöner Tag" to
 * "ein-schoner-tag".
 */
export const slugOf = (text: string) =>
  text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/['’]/g, '')
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 50)
    .replace(/^-+|-+$/g, '')

/** "02-look_around.html" to "Look around". */
export function readableName(file: string): string {
  const base = file.replace(/\.(html?|md|markdown)$/i, '')
  const words = base
    .replace(/^(\d{4}-\d{2}-\d{2}|\d+)/, '')
    .replace(/[-_.\s]+/g, ' ')
    .trim()
  return words ? words.charAt(0).toUpperCase() + words.slice(1) : `Mail ${base}`
}
