/** Folders of the program that it reads at run time. */
import { fileURLToPath } from 'node:url'

const folder = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url))

/** The courses that come with it: a site of one's own has others. */
export const COURSES = folder('courses')
export const MAIL_TEMPLATES = folder('templates/mail')
export const PAGE_TEMPLATES = folder('templates/pages')
/** What pages load: styles, scripts and pictures. */
export const ASSETS = folder('templates/pages/assets')
