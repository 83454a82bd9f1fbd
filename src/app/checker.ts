/**
 * Joins the check of a courses folder to what it uses: files and templates; no database, no
 * settings, no network.
 */
import { check, type Report } from '../actions/courses/check.ts'
import { checkRelations } from '../content/check/relation-rules.ts'
import { checkSource } from '../content/check/rules.ts'
import { sourceOf } from '../content/check/source.ts'
import { readCourses } from '../content/courses.ts'
import { openMemory } from '../mail/check/memory.ts'
import { type Checking, checkMails } from '../mail/check/rules.ts'
import { loadTemplates } from '../mail/render/templates.ts'
import { COURSES, MAIL_TEMPLATES } from '../platform/paths.ts'
import { catalogFindings } from './speech.ts'

export type { Report }

export interface Folders {
  /** By default the `courses` folder beside `src`. */
  readonly courses?: string | undefined
  /** By default `templates/mail`. */
  readonly templates?: string | undefined
  /**
   * The file that keeps what was found in mails that have not changed. By default nothing is kept.
   */
  readonly memory?: string | undefined
  /** The site's own sentences; by default none are looked at. */
  readonly locales?: string | undefined
  readonly onProgress?: Checking['onProgress']
}

export async function checkFolder({
  courses = COURSES,
  templates: templatesDir = MAIL_TEMPLATES,
  memory: file,
  locales,
  onProgress,
}: Folders = {}): Promise<Report> {
  const templates = await loadTemplates(templatesDir)
  const memory = file === undefined ? undefined : await openMemory({ file, templatesDir })
  return check(courses, {
    readCourses,
    sourceOf,
    checkSource,
    checkRelations,
    checkCatalogs: () => (locales === undefined ? [] : catalogFindings(locales)),
    checkMails: (written) => checkMails(written, templates, { memory, onProgress }),
  })
}
