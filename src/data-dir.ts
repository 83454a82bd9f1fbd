import { randomBytes } from 'node:crypto'
import { access, constants, link, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
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

const LEAST_SECRET = 16

/** The secret in a file that only its owner may read; made on the first call, whole or not at all. */
export async function keptSecret(file: string, make: () => string): Promise<string> {
  await writable(dirname(file))
  const draft = `${file}.${randomBytes(4).toString('hex')}`
  await writeFile(draft, `${make()}\n`, { mode: 0o600 })
  await link(draft, file).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error
  })
  await rm(draft)
  const secret = (await readFile(file, 'utf8')).trim()
  if (secret.length < LEAST_SECRET)
    throw new Problem('unavailable', `${file} holds no secret; remove it and start again.`)
  return secret
}
