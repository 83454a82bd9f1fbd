/** Folders of the program that it reads at run time. Those of a site: site-folder.ts. */
import { fileURLToPath } from 'node:url'

const folder = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url))

/** The program itself, which is a site as well: the samples that come with it. */
export const PROGRAM = folder('.')
/** What sites and series begin with. */
export const SAMPLES = folder('templates')
export const MAIL_TEMPLATES = folder('templates/mail')
export const PAGE_TEMPLATES = folder('templates/pages')
/** What pages load: styles, scripts and pictures. */
export const ASSETS = folder('templates/pages/assets')
