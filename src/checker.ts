/** Joins the check of a courses folder to what it uses: files and templates; no database, no settings, no network. */
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { check, type Report } from './actions/check.ts'
import { checkSource } from './content/check/rules.ts'
import { sourceOf } from './content/check/source.ts'
import { readCourses } from './content/courses.ts'
import { checkMails } from './mail/check/rules.ts'
import { loadTemplates } from './mail/templates.ts'

const ROOT = fileURLToPath(new URL('../', import.meta.url))

export type { Report }

export interface Folders {
  /** By default the `courses` folder beside `src`. */
  readonly courses?: string | undefined
  /** By default `templates/mail`. */
  readonly templates?: string | undefined
}

export async function checkFolder({
  courses = join(ROOT, 'courses'),
  templates: folder = join(ROOT, 'templates/mail'),
}: Folders = {}): Promise<Report> {
  const templates = await loadTemplates(folder)
  return check(courses, {
    ...{ readCourses, sourceOf, checkSource },
    checkMails: (written) => checkMails(written, templates),
  })
}
