/** Folders of the program that are read at run time. For those of a site see site-folder.ts. */
import { fileURLToPath } from 'node:url'

const folder = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url))

/** The program itself, which is also a site: the bundled samples. */
export const PROGRAM = folder('.')
/** The templates of sites and series. */
export const SAMPLES = folder('templates')
export const MAIL_TEMPLATES = folder('templates/mail')
export const PAGE_TEMPLATES = folder('templates/pages')
/** Styles, scripts and pictures of pages. */
export const ASSETS = folder('templates/pages/assets')
