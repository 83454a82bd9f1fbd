import { messageOf } from '../../domain/problem.ts'
import { dateIn } from '../../domain/time.ts'

export interface Deps {
  readonly now: () => Temporal.Instant
  /** Changes whenever a file of the folder does. */
  readonly folderStamp: () => Promise<string>
}

/** The result of publishing a folder. */
export interface Published<Blocked> {
  readonly blocked: readonly Blocked[]
  /** Dates on which something goes live without a file being saved; null if it was not read. */
  readonly comes: readonly string[] | null
}

export interface FolderFollower {
  /** Publishes the folder as it is now. Rethrows what `publish` throws; a later call retries. */
  begin<Blocked>(publish: () => Promise<Published<Blocked>>): Promise<readonly Blocked[]>
  /**
   * Publishes what was saved since, and what its date brings. A folder that is just being written
   * to waits for the next call. `isSaved`: files have changed, and not only a date has come.
   */
  follow(publish: (isSaved: boolean) => Promise<Published<unknown>>): Promise<void>
}

/** Tracks which state of a folder has been published, and when there is something to publish. */
export function followFolder({ now, folderStamp }: Deps): FolderFollower {
  let seen: string | undefined
  let done: string | undefined
  let next: string | null = null

  async function record<Blocked>(stamp: string, publishing: Promise<Published<Blocked>>) {
    const { blocked, comes } = await publishing
    if (comes) next = comes.toSorted()[0] ?? null
    // A failure, such as an unreachable database, does not get here, so the folder is tried again.
    done = stamp
    return blocked
  }

  return {
    begin: async (publish) => {
      const stamp = await folderStamp()
      try {
        return await record(stamp, publish())
      } finally {
        seen = stamp
      }
    },
    follow: async (publish) => {
      const stamp = await folderStamp().catch((error) => `cannot be read: ${messageOf(error)}`)
      const settled = stamp === seen
      seen = stamp
      const isSaved = stamp !== done
      const hasCome = next !== null && next <= dateIn('UTC', now()).toString()
      if (settled && (isSaved || hasCome)) await record(stamp, publish(isSaved))
    },
  }
}
