/** The courses folder on disk. Links are followed. */
import { createHash } from 'node:crypto'
import { type Stats, stat as statThen } from 'node:fs'
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Faults } from '../domain/finding.ts'
import { messageOf, Problem } from '../domain/problem.ts'
import { decodeText } from './decode-text.ts'
import { compareNames, isIgnoredFile, isText, suggestedName } from './file-names.ts'
import type { TextFile } from './front-matter.ts'

/**
 * Returns the names of the folders in the courses folder, sorted. Throws a Problem if it is missing
 * or unreadable.
 */
export async function readSlugs(folder: string, faults: Faults): Promise<string[]> {
  const names = await readdir(folder).catch((cause: NodeJS.ErrnoException) => {
    throw cause.code === 'ENOENT'
      ? new Problem('unavailable', 'operator.courses.no-folder-yet', { params: { folder }, cause })
      : new Problem('unavailable', 'operator.courses.unreadable', {
          params: { folder, cause: messageOf(cause) },
          cause,
        })
  })
  const visible = names.filter((name) => !name.startsWith('.')).sort()
  const folders = await Promise.all(visible.map((name) => isFolder(folder, name, faults)))
  return visible.filter((_, index) => folders[index])
}

const isFolder = (folder: string, name: string, faults: Faults): Promise<boolean> =>
  stat(join(folder, name)).then(
    (info) => info.isDirectory(),
    (error) => {
      faults.add(name, 1, `cannot be read: ${messageOf(error)}; fix the link or remove it`)
      return false
    },
  )

/**
 * Returns the Markdown and YAML files of a course, in order. Files left by editors and systems are
 * ignored; a file that looks like a text but has the wrong name is a fault, so that no lesson is
 * lost silently.
 */
export async function readTexts(folder: string, slug: string, faults: Faults): Promise<TextFile[]> {
  const names = (await readdir(join(folder, slug))).filter((name) => !isIgnoredFile(name))
  for (const name of names) {
    const right = suggestedName(name)
    if (right !== null)
      faults.add(
        `${slug}/${name}`,
        1,
        `is ignored: course files have names like ${right}; rename it, or move it out of the folder`,
      )
  }
  const texts = await Promise.all(
    names.filter(isText).map((name) => readText(folder, slug, name, faults)),
  )
  return withoutDuplicates(
    texts.filter((text) => text !== null),
    faults,
  )
}

/** Systems spell accents composed or decomposed (NFC, NFD): the name is the same. */
async function readText(
  folder: string,
  slug: string,
  name: string,
  faults: Faults,
): Promise<TextFile | null> {
  const file = `${slug}/${name.normalize('NFC')}`
  try {
    const text = decodeText(await readFile(join(folder, slug, name)))
    if (typeof text === 'string') return { file, text }
    faults.add(file, text.line, text.message, { column: text.column })
  } catch (error) {
    faults.add(file, 1, `cannot be read: ${messageOf(error)}`)
  }
  return null
}

/** Sorts the texts, and reports duplicate names. */
function withoutDuplicates(texts: readonly TextFile[], faults: Faults): TextFile[] {
  const sorted = textsInOrder(texts)
  return sorted.filter(({ file }, index) => {
    const isFirst = sorted[index - 1]?.file !== file
    if (!isFirst)
      faults.add(file, 1, 'exists twice, in two Unicode spellings that look the same; remove one')
    return isFirst
  })
}

/** Sorts texts by the number in their name, 2 before 10, then alphabetically. */
export const textsInOrder = (texts: readonly TextFile[]): TextFile[] =>
  texts.toSorted((a, b) => compareNames(baseOf(a.file), baseOf(b.file)))

const baseOf = (file: string) => file.slice(file.lastIndexOf('/') + 1)

/**
 * Null if the file is missing. Called every second for each file; Node's promise API costs twice as
 * much.
 */
const statsOf = (path: string) =>
  new Promise<Stats | null>((resolve) => {
    statThen(path, (error, stats) => resolve(error ? null : stats))
  })

/**
 * Returns a stamp that changes whenever a file in the folder does: a hash of all names, sizes and
 * times.
 */
export async function folderStamp(folder: string): Promise<string> {
  const names = (await readdir(folder, { recursive: true })).sort()
  const stamps = names.map(async (name) => {
    const info = await statsOf(join(folder, name))
    return `${name} ${info?.size} ${info?.mtimeMs}`
  })
  return createHash('sha256')
    .update((await Promise.all(stamps)).join('\n'))
    .digest('hex')
}
