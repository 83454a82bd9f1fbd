/** Connects the live courses to the folder they come from. */
import { type Deps as FollowDeps, followCourses } from '../actions/courses/follow-courses.ts'
import { openLiveCourses } from '../actions/courses/live-courses.ts'
import { type Proposal, propose, proposeAfter } from '../actions/courses/propose.ts'
import { publish } from '../actions/courses/publish.ts'
import {
  type CourseFolder,
  digestOf,
  filesOf,
  type ReadOptions,
  readCourses,
  readFiles,
} from '../content/courses.ts'
import { folderStamp } from '../content/files.ts'
import { coursesAt } from '../content/git.ts'
import { mediaBytes } from '../content/media.ts'
import { withSiteDefaults } from '../content/site.ts'
import { DEFAULT_SITE_SETTINGS, type SiteSettings } from '../domain/site.ts'
import { dateIn } from '../domain/time.ts'
import { openRehearsal } from '../mail/check/rehearse.ts'
import type { MailTemplates } from '../mail/render/templates.ts'
import * as stores from '../store/index.ts'

export type { Proposal }

/**
 * Returns the series of a folder as they may be published now; with `ref`, as of a branch, tag or
 * commit.
 */
export async function foldersIn(
  { folder, settings = DEFAULT_SITE_SETTINGS, ref }: Place,
  now: Temporal.Instant,
): Promise<CourseFolder[]> {
  const reading = publishedAt(now)
  const found =
    ref === undefined
      ? (await readCourses(folder, reading)).folders
      : await coursesAt(folder, ref, reading)
  return found.map((course) => withSiteDefaults(course, settings))
}

interface Place {
  readonly folder: string
  /** Settings of the courses' site; by default, those of a site without any. */
  readonly settings?: SiteSettings
  readonly ref?: string | undefined
}

/** Publishing dates are in UTC, so that they arrive on all machines simultaneously. */
const publishedAt = (now: Temporal.Instant): ReadOptions => ({
  today: dateIn('UTC', now),
  of: 'published',
})

/**
 * Opens the live courses; if there are none, the folder is published. Throws a ContentError if it
 * cannot be.
 */
export async function openCourses(
  {
    folder,
    settings = DEFAULT_SITE_SETTINGS,
    rehearsed,
  }: Place & { readonly rehearsed?: ReadonlySet<string> | undefined },
  {
    templates,
    ...joined
  }: Pick<FollowDeps, 'db' | 'now' | 'log' | 'locales' | 'editions'> & {
    readonly templates: MailTemplates
  },
) {
  const live = openLiveCourses({
    ...joined,
    stores,
    readFiles: (slug, files) => withSiteDefaults(readFiles(slug, files), settings),
  })
  const tried = openRehearsal(templates)
  const rehearse: typeof tried = (content) => {
    if (rehearsed?.has(content.series.slug) ?? true) tried(content)
  }
  const deps = { ...joined, stores, live, digestOf, filesOf, rehearse, mediaBytes }
  const following = followCourses({
    ...deps,
    readCourses: async () => {
      const { folders, faults } = await readCourses(folder, publishedAt(joined.now()))
      return { folders: folders.map((course) => withSiteDefaults(course, settings)), faults }
    },
    folderStamp: () => folderStamp(folder),
  })
  await live.refresh()
  if (live.series.size === 0) await following.begin()
  return {
    live,
    ...following,
    /** Draft courses, and why nobody gets them. */
    drafts: () => stores.courses.drafts(joined.db),
    /** Compares with the live courses; changes nothing. */
    propose: (folders: readonly CourseFolder[]) => propose({ folders }, deps),
    /** Compares with `before` as if that were live. */
    proposeAfter: (before: readonly CourseFolder[], folders: readonly CourseFolder[]) =>
      proposeAfter(before, folders, deps),
    /** Publishes the folders, whatever the consequences. */
    accept: (folders: readonly CourseFolder[]) => publish(folders, { accept: true }, deps),
  }
}
