import { fileURLToPath } from 'node:url'

/** The root folder of the project. */
export const ROOT = new URL('../../', import.meta.url)
export const ROOT_PATH = fileURLToPath(ROOT)
