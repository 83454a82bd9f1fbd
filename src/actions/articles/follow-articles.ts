import type { ArticleFile } from '../../content/articles.ts'
import { messageOf } from '../../domain/problem.ts'
import { dateIn } from '../../domain/time.ts'
import { type Deps as PublishDeps, publishArticles } from './publish-articles.ts'

export interface Deps extends PublishDeps {
  readonly live: { refresh(): Promise<void> }
  /** Null when there is no folder. */
  readonly readArticles: () => Promise<readonly ArticleFile[] | null>
  /** Changes whenever a file of the folder does. */
  readonly folderStamp: () => Promise<string>
}

/** A change that was not published, and why. */
export interface BlockedChange {
  readonly slug: string
  readonly reason: string
}

export interface FollowingArticles {
  /** Makes the folder live as it is now. Tells what is blocked; a folder that cannot be read is. */
  begin(): Promise<readonly BlockedChange[]>
  /**
   * Publishes what was saved since, and what comes by its date; a folder that is just being written
   * to is left until the next time.
   */
  follow(): Promise<void>
}

const NONE = 'no folder'

/**
 * Follows the articles folder of this machine. Any number of processes may. A folder that is not
 * there, or cannot be read, leaves what is live as it is.
 */
export function followArticles(deps: Deps): FollowingArticles {
  const { log, now, live, readArticles } = deps
  let seen: string | undefined
  let done: string | undefined
  /** The date on which something in the folder comes by itself, though nobody saves anything. */
  let comes: string | null = null

  const stampNow = () =>
    deps
      .folderStamp()
      .catch((error: NodeJS.ErrnoException) =>
        error.code === 'ENOENT' ? NONE : `cannot be read: ${messageOf(error)}`,
      )

  async function take(files: readonly ArticleFile[]): Promise<readonly BlockedChange[]> {
    const blocked = await publishArticles(files, deps)
    comes = files.flatMap((file) => file.comes ?? []).sort()[0] ?? null
    await live.refresh()
    return blocked.filter(({ draft }) => !draft)
  }

  const told = (error: unknown): readonly BlockedChange[] => {
    log.error({ err: error }, 'the articles folder cannot be published; what is live stays')
    return [{ slug: '', reason: `the folder cannot be published: ${messageOf(error)}` }]
  }

  async function begin() {
    const stamp = await stampNow()
    await live.refresh()
    try {
      const files = await readArticles()
      const blocked = files ? await take(files) : []
      done = stamp
      return blocked
    } catch (error) {
      // Nothing else waits for articles. It is tried again by the next turn.
      return told(error)
    } finally {
      seen = stamp
    }
  }

  async function follow() {
    await live.refresh()
    const stamp = await stampNow()
    const settled = stamp === seen
    seen = stamp
    const hasCome = comes !== null && comes <= dateIn('UTC', now()).toString()
    if (!settled || (stamp === done && !hasCome)) return
    const files = await readArticles().catch((error) => void told(error))
    // What the database keeps from being published is tried again.
    if (files) await take(files)
    done = stamp
  }

  return { begin, follow }
}
