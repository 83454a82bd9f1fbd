/** Finds values that a file exports although no other file names them. */

/** Constants, functions and classes; types may be exported without a use. */
const EXPORTED = /^export (?:async )?(?:const|let|class|function\*?) (\w+)/gm
const WORD = /\w+/g

/** `file name` for each unused export of `files`; a use in `others` counts, too. */
export function unasked(
  files: ReadonlyMap<string, string>,
  others: Iterable<string> = [],
): string[] {
  const named = new Map<string, Set<string>>()
  const note = (file: string, text: string) => {
    for (const word of new Set(text.match(WORD))) {
      const places = named.get(word) ?? new Set()
      named.set(word, places.add(file))
    }
  }
  for (const [file, text] of files) note(file, text)
  for (const text of others) note('another', text)
  return [...files].flatMap(([file, text]) =>
    [...text.matchAll(EXPORTED)].flatMap(([, name = '']) =>
      [...(named.get(name) ?? [])].some((place) => place !== file) ? [] : [`${file} ${name}`],
    ),
  )
}
