/** Joins the articles that are live to the folder they come from. */
import { followArticles } from '../actions/articles/follow-articles.ts'
import { openLiveArticles } from '../actions/articles/live-articles.ts'
import { type SearchOptions, search } from '../actions/articles/search.ts'
import { keepMedia } from '../actions/courses/keep-media.ts'
import { compileArticle } from '../content/article-text.ts'
import { readArticles } from '../content/articles.ts'
import { folderStamp } from '../content/files.ts'
import { mediaBytes } from '../content/media.ts'
import { dateIn } from '../domain/time.ts'
import type { Locales } from '../locales/locale.ts'
import { lessonWords } from '../mail/render/lesson-words.ts'
import type { Logger } from '../platform/log.ts'
import * as stores from '../store/index.ts'
import type { Db } from '../store/postgres/sql.ts'

interface Joined {
  readonly db: Db
  readonly now: () => Temporal.Instant
  readonly log: Logger
  readonly locales: Locales
}

interface Place {
  /** Null: there are none. */
  readonly folder: string | null
  /** Of articles that name none. */
  readonly language: string
}

/** What stands above the blocks of an article, in its language. */
export const blockWordsIn = (locales: Locales) => (language: string) =>
  lessonWords({}, locales.of(language))

/** Opens what is live. The folder becomes it when it is begun with. */
export async function openArticles({ folder, language }: Place, joined: Joined) {
  const { db, now, locales } = joined
  const live = openLiveArticles({ db, stores })
  const following = followArticles({
    ...joined,
    stores,
    live,
    compile: (file) => compileArticle(file, { language, blockWords: blockWordsIn(locales) }),
    keepMedia: (file, tx) => keepMedia(file, { db: tx, now, stores, mediaBytes }),
    readArticles: async () =>
      folder === null ? null : readArticles(folder, { today: dateIn('UTC', now()), language }),
    folderStamp: async () => (folder === null ? '' : folderStamp(folder)),
  })
  await live.refresh()
  return {
    live,
    /** What anyone may see. */
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
    /** What its author does. */
    author: {
      ...following,
      /** Articles that are being written, and why nobody sees them. */
      drafts: () => stores.articles.drafts(db),
      /** Articles whose changes are blocked, and why. */
      blocked: () => stores.articles.blocked(db),
    },
  }
}
