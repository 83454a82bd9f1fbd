/** Connects the live articles to the folder they come from. */
import { followArticles } from '../actions/articles/follow-articles.ts'
import { openLiveArticles } from '../actions/articles/live-articles.ts'
import { type SearchOptions, search } from '../actions/articles/search.ts'
import { storeMedia } from '../actions/courses/store-media.ts'
import { compileArticle } from '../content/article-text.ts'
import { readArticles } from '../content/articles.ts'
import { folderStamp } from '../content/files.ts'
import { mediaBytes } from '../content/media.ts'
import { dateIn } from '../domain/time.ts'
import type { Locales } from '../locales/locale.ts'
import { lessonLabels } from '../mail/render/lesson-labels.ts'
import type { Logger } from '../platform/log.ts'
import * as stores from '../store/index.ts'
import type { Db } from '../store/postgres/sql.ts'

interface ArticleDeps {
  readonly db: Db
  readonly now: () => Temporal.Instant
  readonly log: Logger
  readonly locales: Locales
}

interface Place {
  /** Null: there are no articles. */
  readonly folder: string | null
  /** Language of articles that name none. */
  readonly language: string
}

/** Returns the headings of an article's blocks, in its language. */
export const blockWordsIn = (locales: Locales) => (language: string) =>
  lessonLabels({}, locales.of(language))

/** Opens the live articles. The folder becomes live when the author's `begin` is called. */
export async function openArticles({ folder, language }: Place, joined: ArticleDeps) {
  const { db, now, locales } = joined
  const live = openLiveArticles({ db, stores })
  const following = followArticles({
    ...joined,
    stores,
    live,
    compile: (file) => compileArticle(file, { language, blockWords: blockWordsIn(locales) }),
    storeMedia: (file, tx) => storeMedia(file, { db: tx, now, stores, mediaBytes }),
    readArticles: async () =>
      folder === null ? null : readArticles(folder, { today: dateIn('UTC', now()), language }),
    folderStamp: async () => (folder === null ? '' : folderStamp(folder)),
  })
  await live.refresh()
  return {
    live,
    /** What anyone may read. */
    articles: {
      all: live.all,
      get: live.get,
      byId: live.byId,
      named: live.named,
      movedTo: live.movedTo,
      since: live.since,
      textOf: live.textOf,
      search: (words: string, options: SearchOptions = {}) =>
        search(words, options, { db, stores, live }),
    },
    /** What the author does. */
    author: {
      ...following,
      /** Drafts, and why nobody sees them. */
      drafts: () => stores.blockedArticles.drafts(db),
      /** Articles whose changes are blocked, and why. */
      blocked: () => stores.blockedArticles.list(db),
    },
  }
}
