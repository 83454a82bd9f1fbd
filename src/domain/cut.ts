/** Cuts a text to the room it has: after a word where possible, and never within a character. */
let segmenter: Intl.Segmenter | undefined

/** Returns the characters of a text, as a reader sees them. */
export function graphemesOf(text: string): Intl.Segments {
  // Created on first use: that takes 16 ms, and most commands cut nothing.
  segmenter ??= new Intl.Segmenter('und', { granularity: 'grapheme' })
  return segmenter.segment(text)
}

/**
 * Returns the text if it has at most `most` characters (UTF-16 units, as limits are stated), else
 * its beginning and an ellipsis.
 */
export function cutAtWord(text: string, most: number): string {
  if (text.length <= most) return text
  const head = beginning(text, most - 1)
  const end = head.lastIndexOf(' ')
  const isBetweenWords = text.charAt(head.length) === ' '
  const shortened = !isBetweenWords && end > most / 2 ? head.slice(0, end) : head
  return `${shortened.replace(/[\s,;:–-]+$/, '')}…`
}

/** Returns as many whole characters, as a reader sees them, as fit into `most`. */
function beginning(text: string, most: number): string {
  let end = 0
  // Twice `most` is enough: no script has a character longer than the room.
  for (const { segment } of graphemesOf(text.slice(0, most * 2))) {
    if (end + segment.length > most) break
    end += segment.length
  }
  return text.slice(0, end)
}
