import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { basename, extname, join } from 'node:path'

/**
 * Returns the templates in `folders` with an extension such as `.hbs`, as pairs of name (without
 * the extension) and text. The last folder wins for each name. All but the first folder may be
 * missing.
 */
export async function templatesIn(
  folders: readonly string[],
  extension: string,
): Promise<[string, string][]> {
  const files = new Map<string, string>()
  for (const [index, folder] of folders.entries())
    for (const name of await namesIn(folder, { extension, mayMiss: index > 0 }))
      files.set(basename(name, extension), join(folder, name))
  return Promise.all(
    [...files].map(
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

/** Sites that a process shows at a time: one, or a few in tests. */
const MAX_COMPILED = 4

/**
 * Compiles equal sources once: each app in a process has its site's templates, which are mostly the
 * same.
 */
export function openCompileCache<Sources extends object, Compiled>() {
  const kept = new Map<string, Compiled>()
  return (sources: Sources, compile: (sources: Sources) => Compiled): Compiled => {
    const key = createHash('sha256').update(JSON.stringify(sources)).digest('base64')
    const compiled = kept.get(key) ?? compile(sources)
    kept.delete(key)
    kept.set(key, compiled)
    for (const oldest of [...kept.keys()].slice(0, -MAX_COMPILED)) kept.delete(oldest)
    return compiled
  }
}
