import { fileURLToPath } from 'node:url'

/** The folder of the project. */
export const ROOT = new URL('../../', import.meta.url)
export const ROOT_PATH = fileURLToPath(ROOT)
