/**
 * A text cut to what a place has room for: behind a word where there is one, and never within a
 * character.
 */
let characters: Intl.Segmenter | undefined

/** The characters of a text, as a reader sees them. */
export function charactersOf(text: string): Intl.Segments {
  // Made when it is first used: that takes 16 ms, and most commands cut nothing.
  characters ??= new Intl.Segmenter('und', { granularity: 'grapheme' })
  return characters.segment(text)
}

/**
 * The text when it has at most `most` characters (UTF-16 units, as limits are told), else its
 * beginning and an ellipsis.
 */
export function cutAtWord(text: string, most: number): string {
  if (text.length <= most) return text
  const head = beginning(text, most - 1)
  const end = head.lastIndexOf(' ')
  const isBetweenWords = text.charAt(head.length) === ' '
  const shortened = !isBetweenWords && end > most / 2 ? head.slice(0, end) : head
  return `${shortened.replace(/[\s,;:–-]+$/, '')}…`
}

/** The characters, as a reader sees them, that fit into `most`. */
function beginning(text: string, most: number): string {
  let end = 0
  // One that is longer than a place has room for is no character of any writing.
  for (const { segment } of charactersOf(text.slice(0, most * 2))) {
    if (end + segment.length > most) break
    end += segment.length
  }
  return text.slice(0, end)
}
