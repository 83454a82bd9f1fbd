import { readdir, readFile } from 'node:fs/promises'
import { basename, extname, join } from 'node:path'

/** The templates of a folder with an extension such as `.hbs`: their names without it, and texts. */
export async function templatesIn(folder: string, extension: string): Promise<[string, string][]> {
  const names = (await readdir(folder)).filter((name) => extname(name) === extension)
  return Promise.all(
    names.map(async (name): Promise<[string, string]> => {
      const source = await readFile(join(folder, name), 'utf8')
      return [basename(name, extension), source]
    }),
  )
}
