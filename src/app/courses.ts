/** Joins the courses that are live to the folder they come from. */
import { type Deps as FollowDeps, followCourses } from '../actions/courses/follow-courses.ts'
import { openLiveCourses } from '../actions/courses/live-courses.ts'
import { type Proposal, propose, proposeAfter } from '../actions/courses/propose.ts'
import { publish } from '../actions/courses/publish.ts'
import {
  type CourseFolder,
  digestOf,
  filesOf,
  type Reading,
  readCourses,
  readFiles,
} from '../content/courses.ts'
import { folderStamp } from '../content/files.ts'
import { coursesAt } from '../content/git.ts'
import { dateIn } from '../domain/time.ts'
import { openRehearsal } from '../mail/check/rehearse.ts'
import type { MailTemplates } from '../mail/render/templates.ts'
import * as stores from '../store/index.ts'

export type { Proposal }

/**
 * The series of a folder as they may be published now; `ref`: as it was at a branch, a tag or a
 * commit.
 */
export async function foldersIn(
  { folder, ref }: { readonly folder: string; readonly ref?: string | undefined },
  now: Temporal.Instant,
): Promise<CourseFolder[]> {
  const reading = publishedAt(now)
  return ref === undefined
    ? (await readCourses(folder, reading)).folders
    : coursesAt(folder, ref, reading)
}

/** Dates of publishing are told in UTC: they come on all machines at once. */
const publishedAt = (now: Temporal.Instant): Reading => ({
  today: dateIn('UTC', now),
  of: 'published',
})

/**
 * Opens what is live; where nothing is, the folder becomes it. Throws a ContentError when it
 * cannot.
 */
export async function openCourses(
  folder: string,
  {
    templates,
    ...joined
  }: Pick<FollowDeps, 'db' | 'now' | 'log' | 'locales' | 'editions'> & {
    readonly templates: MailTemplates
  },
) {
  const live = openLiveCourses({ ...joined, stores, readFiles })
  const rehearse = openRehearsal(templates)
  const deps = { ...joined, stores, live, digestOf, filesOf, rehearse }
  const following = followCourses({
    ...deps,
    readCourses: () => readCourses(folder, publishedAt(joined.now())),
    folderStamp: () => folderStamp(folder),
  })
  await live.refresh()
  if (live.series.size === 0) await following.begin()
  return {
    live,
    ...following,
    /** The courses that are being written, and why nobody gets them. */
    drafts: () => stores.courses.drafts(joined.db),
    /** Compares with what is live; changes nothing. */
    propose: (folders: readonly CourseFolder[]) => propose({ folders }, deps),
    /** Compares with something else, as if that were live. */
    proposeAfter: (before: readonly CourseFolder[], folders: readonly CourseFolder[]) =>
      proposeAfter(before, folders, deps),
    /** Publishes what was found, whatever it does. */
    accept: (folders: readonly CourseFolder[]) => publish(folders, { accept: true }, deps),
  }
}
