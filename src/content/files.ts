/** The courses folder as it lies on the disk. A link counts as what it leads to. */
import { createHash } from 'node:crypto'
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Faults } from '../domain/faults.ts'
import { messageOf, Problem } from '../domain/problem.ts'
import type { Text } from './front-matter.ts'

/** The names of the folders in the courses folder, sorted. Throws a Problem when there is no such folder. */
export async function readSlugs(folder: string, faults: Faults): Promise<string[]> {
  const names = await readdir(folder).catch((cause: NodeJS.ErrnoException) => {
    const message =
      cause.code === 'ENOENT'
        ? `There is no courses folder at ${folder}. Make it, with a folder in it for each course.`
        : `The courses folder ${folder} cannot be read: ${messageOf(cause)}.`
    throw new Problem('unavailable', message, { cause })
  })
  const visible = names.filter((name) => !name.startsWith('.')).sort()
  const folders = await Promise.all(visible.map((name) => isFolder(folder, name, faults)))
  return visible.filter((_, index) => folders[index])
}

const isFolder = (folder: string, name: string, faults: Faults): Promise<boolean> =>
  stat(join(folder, name)).then(
    (found) => found.isDirectory(),
    (error) => {
      faults.add(name, 1, `cannot be read: ${messageOf(error)}; mend the link or remove it`)
      return false
    },
  )

/** The Markdown and YAML files of a course, in order of their names. */
export async function readTexts(folder: string, slug: string, faults: Faults): Promise<Text[]> {
  const names = (await readdir(join(folder, slug))).filter(
    (name) => /\.(md|yaml)$/.test(name) && name !== 'README.md',
  )
  const texts = names.sort().map(async (name) => {
    const file = `${slug}/${name}`
    try {
      const text = await readFile(join(folder, file), 'utf8')
      return { file, text: text.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n') }
    } catch (error) {
      faults.add(file, 1, `cannot be read: ${messageOf(error)}`)
      return null
    }
  })
  return (await Promise.all(texts)).filter((text) => text !== null)
}

/** Changes whenever a file in the folder does: names, sizes and times of all. */
export async function folderStamp(folder: string): Promise<string> {
  const names = (await readdir(folder, { recursive: true })).sort()
  const stamps = names.map(async (name) => {
    const found = await stat(join(folder, name)).catch(() => null)
    return `${name} ${found?.size} ${found?.mtimeMs}`
  })
  return createHash('sha256')
    .update((await Promise.all(stamps)).join('\n'))
    .digest('hex')
}
