import type { ArticleFile } from '../../content/articles.ts'
import { messageOf } from '../../domain/problem.ts'
import { type Deps as FolderDeps, followFolder } from '../shared/follow-folder.ts'
import { type Deps as PublishDeps, publishArticles } from './publish-articles.ts'

export interface Deps extends PublishDeps, FolderDeps {
  readonly live: { refresh(): Promise<void> }
  /** Returns null if there is no folder. */
  readonly readArticles: () => Promise<readonly ArticleFile[] | null>
}

/** A change that was not published, and why; an empty slug stands for the whole folder. */
export interface BlockedChange {
  readonly slug: string
  readonly reason: string
}

export interface ArticlesFollower {
  /** Publishes the folder as it is now. Returns what is blocked, such as an unreadable folder. */
  begin(): Promise<readonly BlockedChange[]>
  /** Publishes what was saved since, and what its date brings. */
  follow(): Promise<void>
}

const NONE = 'no folder'

/**
 * Follows the articles folder of this machine. Any number of processes may do so. A folder that is
 * missing or unreadable leaves everything live as it is.
 */
export function followArticles(deps: Deps): ArticlesFollower {
  const { log, live, readArticles } = deps
  const folderStamp = () =>
    deps
      .folderStamp()
      .catch((error: NodeJS.ErrnoException) =>
        error.code === 'ENOENT' ? NONE : `cannot be read: ${messageOf(error)}`,
      )
  const folder = followFolder({ ...deps, folderStamp })

  const unreadable = (error: unknown): readonly BlockedChange[] => {
    log.error({ err: error }, 'the articles folder cannot be published; the live version stays')
    return [{ slug: '', reason: `the folder cannot be published: ${messageOf(error)}` }]
  }

  return {
    begin: async () => {
      await live.refresh()
      // Nothing else depends on articles, so a failure does not stop the start; the next turn tries
      // again.
      return folder.begin(async () => publishFound(await readArticles(), deps)).catch(unreadable)
    },
    follow: async () => {
      await live.refresh()
      await folder.follow(async () => {
        const files = await readArticles().catch((error) => void unreadable(error))
        return publishFound(files ?? null, deps)
      })
    },
  }
}

async function publishFound(files: readonly ArticleFile[] | null, deps: Deps) {
  if (!files) return { blocked: [], comes: null }
  const unpublished = await publishArticles(files, deps)
  await deps.live.refresh()
  const blocked = unpublished.filter(({ draft }) => !draft)
  return { blocked, comes: files.flatMap(({ comes }) => comes ?? []) }
}
