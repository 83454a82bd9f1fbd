import { access, constants, mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { messageOf, Problem } from './domain/problem.ts'

/** Makes the folder when it is missing. Throws a Problem when nothing can be written there. */
export async function writable(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true })
    await access(folder, constants.W_OK | constants.X_OK)
  } catch (cause) {
    throw new Problem('unavailable', `DATA_DIR ${folder} cannot be written: ${messageOf(cause)}.`, { cause })
  }
}

/** The secret in a file that only its owner may read; made on the first call. */
export async function keptSecret(file: string, make: () => string): Promise<string> {
  await writable(dirname(file))
  await writeFile(file, `${make()}\n`, { mode: 0o600, flag: 'wx' }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error
  })
  return (await readFile(file, 'utf8')).trim()
}
