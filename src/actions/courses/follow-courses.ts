import type { CourseFolder } from '../../content/courses.ts'
import { ContentError, type Finding } from '../../domain/finding.ts'
import { Problem } from '../../domain/problem.ts'
import { type Deps as FolderDeps, followFolder } from '../shared/follow-folder.ts'
import { type BlockedCourse, type Deps as PublishDeps, publish } from './publish.ts'

export interface Deps extends PublishDeps, FolderDeps {
  readonly readCourses: () => Promise<{
    folders: readonly CourseFolder[]
    faults: readonly Finding[]
  }>
}

export interface CoursesFollower {
  /**
   * Publishes the folder as it is now. If nothing is live yet, it must be free of faults, except
   * for its drafts.
   *
   * @throws ContentError with all its faults, or a Problem, when nothing is live and something
   * cannot be.
   */
  begin(): Promise<readonly BlockedCourse[]>
  /** Publishes what was saved since, and what its date brings. */
  follow(): Promise<void>
}

/** Follows the courses folder of this machine. Any number of processes may do so. */
export function followCourses(deps: Deps): CoursesFollower {
  const { live } = deps
  const folder = followFolder(deps)
  return {
    begin: () => folder.begin(() => publishFirst(deps)),
    follow: async () => {
      await live.refresh()
      await folder.follow((isSaved) => publishSaved(isSaved, deps))
    },
  }
}

async function publishFirst(deps: Deps) {
  const { live, readCourses } = deps
  const { folders, faults } = await readCourses()
  await live.refresh()
  const ofDrafts = new Set(
    folders.flatMap((folder) => (folder.draft === null ? [] : folder.faults)),
  )
  const liveFaults = faults.filter((fault) => !ofDrafts.has(fault))
  if (live.series.size === 0 && liveFaults.length > 0) throw new ContentError(liveFaults)
  const blocked = await publish(folders, {}, deps)
  const [first] = blocked
  if (live.series.size === 0 && first)
    throw new Problem('invalid', 'operator.courses.blocked', {
      params: { course: first.slug, reason: first.reason },
    })
  return { blocked, comes: datesIn(folders) }
}

async function publishSaved(isSaved: boolean, deps: Deps) {
  const found = await deps.readCourses().catch((error) => {
    deps.log.error({ err: error }, 'the courses folder cannot be read; the live version stays')
    return null
  })
  if (!found) return { blocked: [], comes: null }
  // A date restores nothing that was live once; only somebody who saves it does.
  const blocked = await publish(found.folders, { older: isSaved, sharing: true }, deps)
  return { blocked, comes: datesIn(found.folders) }
}

const datesIn = (folders: readonly CourseFolder[]) => folders.flatMap(({ comes }) => comes ?? [])
