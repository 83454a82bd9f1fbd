import type { CourseFolder } from '../../content/courses.ts'
import { ContentError, type Finding } from '../../domain/finding.ts'
import { messageOf, Problem } from '../../domain/problem.ts'
import { dateIn } from '../../domain/time.ts'
import { type BlockedCourse, type Deps as PublishDeps, publish } from './publish.ts'

export interface Deps extends PublishDeps {
  readonly readCourses: () => Promise<{
    folders: readonly CourseFolder[]
    faults: readonly Finding[]
  }>
  /** Changes whenever a file of the folder does. */
  readonly folderStamp: () => Promise<string>
}

export interface Following {
  /**
   * Makes the folder live as it is now. Where nothing is live yet, it has to be whole, but for its
   * drafts.
   *
   * @throws ContentError with all its faults, or a Problem, when nothing is live and something
   * cannot be.
   */
  begin(): Promise<readonly BlockedCourse[]>
  /**
   * Publishes what was saved since, and what comes by its date; a folder that is just being written
   * to is left until the next time.
   */
  follow(): Promise<void>
}

/** Follows the courses folder of this machine. Any number of processes may. */
export function followCourses(deps: Deps): Following {
  const { log, live, now, readCourses, folderStamp } = deps
  let seen: string | undefined
  let done: string | undefined
  /** The date on which something in the folder comes by itself, though nobody saves anything. */
  let comes: string | null = null

  const waitFor = (folders: readonly CourseFolder[]) => {
    const dates = folders.flatMap((folder) => folder.comes ?? [])
    comes = dates.sort()[0] ?? null
  }

  async function begin() {
    const stamp = await folderStamp()
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
      throw new Problem('invalid', 'operator.courses.held', {
        params: { course: first.slug, reason: first.reason },
      })
    waitFor(folders)
    done = stamp
    seen = stamp
    return blocked
  }

  async function follow() {
    await live.refresh()
    const stamp = await folderStamp().catch((error) => `cannot be read: ${messageOf(error)}`)
    const settled = stamp === seen
    seen = stamp
    const isSaved = stamp !== done
    const hasCome = comes !== null && comes <= dateIn('UTC', now()).toString()
    if (!settled || (!isSaved && !hasCome)) return
    const found = await readCourses().catch((error) => {
      log.error({ err: error }, 'the courses folder cannot be read; the live version stays')
      return null
    })
    // What the database keeps from being published is tried again.
    // A date puts nothing back that was live once: only somebody who saves it does.
    if (found) {
      await publish(found.folders, { older: isSaved, sharing: true }, deps)
      waitFor(found.folders)
    }
    done = stamp
  }

  return { begin, follow }
}
