/**
 * Which files of a course's folder are its texts, which only look like it, and which are
 * ignored.
 */
import { posix } from 'node:path'

const LESSON = /^(\d+)-(.+)\.md$/

/** The number and the name of a lesson's file; null for any other. */
export function lessonNamed(name: string): { number: string; name: string } | null {
  const [, number, title] = LESSON.exec(name) ?? []
  return number !== undefined && title !== undefined ? { number, name: title } : null
}

/**
 * What editors and systems leave beside a text: locks, backups, halves of a copy, what a folder
 * looks like.
 */
const LITTER =
  /^\.|^#.*#$|~$|^~\$|\.(tmp|temp|bak|old|orig|rej|swp|swo|part|crdownload)$|^(thumbs\.db|desktop\.ini|icon\r)$/i
const README = /^readme(\.(md|markdown|txt))?$/i
/** Files that have one name, in small letters. */
const FIXED = /^(course\.yaml|welcome\.md|completion\.md)$/i
const TEXT = /\.(md|yaml)$/
/** Endings of what is Markdown or YAML elsewhere, and what an editor puts behind the right one. */
const LIKE_TEXT = /\.(md|markdown|mdown|mkdn?|mdx|ya?ml)(\.(md|txt|ya?ml))*$/i
/** Pictures and sounds may lie beside the texts, with a number too. */
const MEDIA =
  /\.(avif|bmp|eps|gif|heic|ico|jpe?g|m4a|mov|mp[34]|ogg|pdf|png|psd|svg|tiff?|wav|webm|webp|zip)$/i
const LIKE_LESSON = /^\d+[-_. ]/
const LIKE_LETTER = /^(course|welcome|completion)(\.[a-z]+)*$/i

/** Whether a file is passed over without a word. */
export const isLitter = (name: string) => LITTER.test(name) || README.test(name)

/**
 * Whether a file is read. Another one that ends in .md is told of by who knows the kind of the
 * course.
 */
export const isText = (name: string) =>
  TEXT.test(name) &&
  !/\.(md|ya?ml|txt)\.(md|yaml)$/i.test(name) &&
  !(FIXED.test(name) && name !== name.toLowerCase())

/**
 * The right name of a file that looks like part of a course and is not read; null when it looks
 * like none.
 */
export function rightName(name: string): string | null {
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

/** By their numbers, 2 before 10, and else by their letters. */
export function byName(a: string, b: string): number {
  const [first, second] = [a, b].map((name) => /^\d{1,15}(?!\d)/.exec(name)?.[0])
  const apart = first && second ? Number(first) - Number(second) : 0
  return apart || (a < b ? -1 : a > b ? 1 : 0)
}

/** The file that an address means, as Markdown encodes it in HTML: its path below the folder. */
export function nameIn(address: string): string {
  const plain = address.replaceAll('&amp;', '&')
  try {
    return posix.normalize(decodeURIComponent(plain)).normalize('NFC')
  } catch {
    return plain
  }
}
