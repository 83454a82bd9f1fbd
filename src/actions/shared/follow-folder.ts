import { messageOf } from '../../domain/problem.ts'
import { dateIn } from '../../domain/time.ts'

export interface Deps {
  readonly now: () => Temporal.Instant
  /** Changes whenever a file of the folder does. */
  readonly folderStamp: () => Promise<string>
}

/** What was made of a folder. */
export interface Published<Blocked> {
  readonly blocked: readonly Blocked[]
  /**
   * The dates on which something in the folder comes by itself, though nobody saves anything; null
   * when it was not read.
   */
  readonly comes: readonly string[] | null
}

export interface FollowedFolder {
  /** Publishes the folder as it is now. What `publish` throws is thrown on, and tried again. */
  begin<Blocked>(publish: () => Promise<Published<Blocked>>): Promise<readonly Blocked[]>
  /**
   * Publishes what was saved since, and what comes by its date; a folder that is just being written
   * to is left until the next time. `isSaved`: not only a date has come.
   */
  follow(publish: (isSaved: boolean) => Promise<Published<unknown>>): Promise<void>
}

/** Knows which state of a folder has been published, and when there is something to publish. */
export function followFolder({ now, folderStamp }: Deps): FollowedFolder {
  let seen: string | undefined
  let done: string | undefined
  let next: string | null = null

  async function record<Blocked>(stamp: string, publishing: Promise<Published<Blocked>>) {
    const { blocked, comes } = await publishing
    if (comes) next = comes.toSorted()[0] ?? null
    // What throws, as when the database is away, is not done, and tried again.
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
