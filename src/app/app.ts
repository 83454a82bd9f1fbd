/**
 * The composition root: only this folder connects adapters to actions, and only it creates a clock.
 */
import type { Config } from '../platform/config.ts'
import { withoutCredentials } from '../store/postgres/server.ts'
import { openArticles } from './articles.ts'
import { openAuthor } from './author.ts'
import { openComments } from './comments.ts'
import { openCourses } from './courses.ts'
import { openDeps } from './deps.ts'
import { type AppOptions, type Ground, openGround } from './ground.ts'
import { openHooks } from './hooks.ts'
import { openMailing } from './mail.ts'
import { openMember } from './member.ts'
import { openOperator } from './operator.ts'
import { openReader } from './reader.ts'
import { openReturning } from './receiving.ts'
import { openSender } from './sender.ts'
import { openVisitor } from './visitor.ts'

const CAUGHT = 'caught in the outbox; no email leaves this machine'

export type { AppOptions as Options }

export type App = Awaited<ReturnType<typeof openApp>>

/**
 * Opens everything in order. If a step fails, what was opened is closed again in reverse order; so
 * does `close`. Throws a Problem or a ContentError that a person can act on.
 */
export async function openApp(config: Config, options: AppOptions = {}) {
  await using opened = new AsyncDisposableStack()
  const ground = await openGround(config, options, opened)
  const { db, log, trace, now } = ground
  const mailing = await openMailing(ground, opened)
  const { templates, editions, links, siteUrl, letterhead } = mailing
  const courses = await openCourses(coursesOf(ground), {
    db,
    now,
    log,
    locales: ground.locales,
    templates,
    editions,
  })
  const {
    articles,
    live,
    author: writing,
  } = await openArticles(articlesOf(ground), {
    db,
    now,
    log,
    locales: ground.locales,
  })
  const deps = await openDeps({ ground, mailing, courses, articles: live }, opened)
  const comments = openComments(deps, ground, articles)
  const sender = openSender(deps, ground)
  const returning = openReturning(deps, ground, sender)
  const app = {
    config,
    log,
    trace,
    now,
    locales: ground.locales,
    languages: ground.languages,
    series: courses.live.series,
    articles,
    links,
    siteUrl,
    letterhead,
    databaseUrl: ground.database.url,
    descriptions: describe(ground),
    visitor: openVisitor(deps, ground),
    reader: openReader(deps, ground),
    member: openMember(deps),
    comments,
    hooks: openHooks(deps, ground, returning.bounces.take),
    author: { ...openAuthor(deps, ground, courses), articles: writing },
    operator: openOperator(deps),
    sender,
    ...returning,
    close: () => open.disposeAsync(),
  }
  const open = opened.move()
  return app
}

const coursesOf = ({ config: { site }, options: { coursesDir, rehearsed } }: Ground) => ({
  folder: coursesDir ?? site.folder.courses,
  settings: site.settings,
  rehearsed,
})

/** Courses other than the site's come without its articles. */
const articlesOf = ({
  config: { site },
  options: { coursesDir, articlesDir },
  languages,
}: Ground) => ({
  folder: articlesDir ?? (coursesDir === undefined ? site.folder.articles : null),
  language: languages[0] ?? site.settings.language,
})

/** Describes for people where everything is. */
const describe = ({ config, queue }: Ground) => ({
  database: config.databaseUrl
    ? withoutCredentials(config.databaseUrl)
    : `embedded PostgreSQL in ${config.dataDir}`,
  queue: queue.backend,
  mail: config.mail.servers?.map(({ name }) => name).join(', ') ?? CAUGHT,
})
