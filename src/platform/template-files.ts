import { readdir, readFile } from 'node:fs/promises'
import { basename, extname, join } from 'node:path'

/**
 * The templates of folders with an extension such as `.hbs`: their names without it, and texts. Of
 * one name, the last folder's counts. All but the first folder may be missing.
 */
export async function templatesIn(
  folders: readonly string[],
  extension: string,
): Promise<[string, string][]> {
  const all = new Map<string, string>()
  for (const [index, folder] of folders.entries())
    for (const name of await namesIn(folder, { extension, mayMiss: index > 0 }))
      all.set(basename(name, extension), join(folder, name))
  return Promise.all(
    [...all].map(
      async ([name, file]): Promise<[string, string]> => [name, await readFile(file, 'utf8')],
    ),
  )
}

interface Wanted {
  readonly extension: string
  readonly mayMiss: boolean
}

const namesIn = async (folder: string, { extension, mayMiss }: Wanted) => {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (mayMiss && error.code === 'ENOENT') return []
    throw error
  })
  return names.filter((name) => extname(name) === extension && !name.startsWith('.'))
}
