/**
 * Tells apart the files in a course's folder: texts, files that only look like texts, and ignored
 * ones.
 */
import { posix } from 'node:path'

const LESSON = /^(\d+)-(.+)\.md$/

/** Returns the number and the name in a lesson's file name; null for any other file. */
export function parseLessonName(name: string): { number: string; name: string } | null {
  const [, number, title] = LESSON.exec(name) ?? []
  return number !== undefined && title !== undefined ? { number, name: title } : null
}

/** Files that editors and systems leave behind: locks, backups, partial copies, folder settings. */
const LITTER =
  /^\.|^#.*#$|~$|^~\$|\.(tmp|temp|bak|old|orig|rej|swp|swo|part|crdownload)$|^(thumbs\.db|desktop\.ini|icon\r)$/i
const README = /^readme(\.(md|markdown|txt))?$/i
/** Files with a fixed name, in lower case. */
const FIXED = /^(course\.yaml|welcome\.md|completion\.md)$/i
const TEXT = /\.(md|yaml)$/
/** Other extensions for Markdown or YAML, and what editors append to the right one. */
const LIKE_TEXT = /\.(md|markdown|mdown|mkdn?|mdx|ya?ml)(\.(md|txt|ya?ml))*$/i
/** Pictures and sounds may be next to the texts, even with a number. */
const MEDIA =
  /\.(avif|bmp|eps|gif|heic|ico|jpe?g|m4a|mov|mp[34]|ogg|pdf|png|psd|svg|tiff?|wav|webm|webp|zip)$/i
const LIKE_LESSON = /^\d+[-_. ]/
const LIKE_LETTER = /^(course|welcome|completion)(\.[a-z]+)*$/i

/** Returns whether a file is silently ignored. */
export const isIgnoredFile = (name: string) => LITTER.test(name) || README.test(name)

/**
 * Returns whether a file is read. Other .md files are reported where the kind of the course is
 * known.
 */
export const isText = (name: string) =>
  TEXT.test(name) &&
  !/\.(md|ya?ml|txt)\.(md|yaml)$/i.test(name) &&
  !(FIXED.test(name) && name !== name.toLowerCase())

/**
 * Returns the right name for a file that looks like part of a course but is not read; null if it
 * does not look like one.
 */
export function suggestedName(name: string): string | null {
  if (isText(name)) return null
  const bare = name.trim()
  const like = LIKE_TEXT.test(bare) || LIKE_LETTER.test(bare) || LIKE_LESSON.test(bare)
  if (!like || MEDIA.test(bare)) return null
  if (/\.ya?ml(\.\w+)*$/i.test(bare)) return 'course.yaml'
  const stem = bare.replace(
    /(\.(md|markdown|mdown|mkdn?|mdx|ya?ml|txt|rtf|docx?|odt|html?))+$/i,
    '',
  )
  if (/^(course|welcome|completion)$/i.test(stem))
    return stem.toLowerCase() === 'course' ? 'course.yaml' : `${stem.toLowerCase()}.md`
  return `${stem}.md`
}

/** Compares names by number, 2 before 10, then alphabetically. */
export function compareNames(a: string, b: string): number {
  const [first, second] = [a, b].map((name) => /^\d{1,15}(?!\d)/.exec(name)?.[0])
  const apart = first && second ? Number(first) - Number(second) : 0
  return apart || (a < b ? -1 : a > b ? 1 : 0)
}

/** Returns the file that an address in rendered HTML refers to: its path below the folder. */
export function fileNameIn(address: string): string {
  const plain = address.replaceAll('&amp;', '&')
  try {
    return posix.normalize(decodeURIComponent(plain)).normalize('NFC')
  } catch {
    return plain
  }
}
