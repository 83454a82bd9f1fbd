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
import { openHooks } from './hooks.ts'
import { type AppOptions, type Infrastructure, openInfrastructure } from './infrastructure.ts'
import { openMailSetup } from './mail.ts'
import { openMember } from './member.ts'
import { openOperator } from './operator.ts'
import { openReader } from './reader.ts'
import { openReturnedMail } from './receiving.ts'
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
  const infrastructure = await openInfrastructure(config, options, opened)
  const { db, log, trace, now, locales, languages } = infrastructure
  const mailSetup = await openMailSetup(infrastructure, opened)
  const { templates, editions, links, siteUrl, letterhead } = mailSetup
  const courses = await openCourses(coursesOf(infrastructure), {
    db,
    now,
    log,
    locales,
    templates,
    editions,
  })
  const {
    articles,
    live,
    author: writing,
  } = await openArticles(articlesOf(infrastructure), { db, now, log, locales })
  const deps = await openDeps({ infrastructure, mailSetup, courses, articles: live }, opened)
  const comments = openComments(deps, infrastructure, articles)
  const sender = openSender(deps, infrastructure)
  const returnedMail = openReturnedMail(deps, infrastructure, sender)
  const app = {
    config,
    log,
    trace,
    now,
    locales,
    languages,
    series: courses.live.series,
    articles,
    links,
    siteUrl,
    letterhead,
    databaseUrl: infrastructure.database.url,
    descriptions: describe(infrastructure),
    visitor: openVisitor(deps, infrastructure),
    reader: openReader(deps, infrastructure),
    member: openMember(deps),
    comments,
    hooks: openHooks(deps, infrastructure, returnedMail.bounces.take),
    author: { ...openAuthor(deps, infrastructure, courses), articles: writing },
    operator: openOperator(deps),
    sender,
    ...returnedMail,
    close: () => open.disposeAsync(),
  }
  const open = opened.move()
  return app
}

const coursesOf = ({ config: { site }, options: { coursesDir, rehearsed } }: Infrastructure) => ({
  folder: coursesDir ?? site.folder.courses,
  settings: site.settings,
  rehearsed,
})

/** Courses other than the site's come without its articles. */
const articlesOf = ({
  config: { site },
  options: { coursesDir, articlesDir },
  languages,
}: Infrastructure) => ({
  folder: articlesDir ?? (coursesDir === undefined ? site.folder.articles : null),
  language: languages[0] ?? site.settings.language,
})

/** Describes for people where everything is. */
const describe = ({ config, queue }: Infrastructure) => ({
  database: config.databaseUrl
    ? withoutCredentials(config.databaseUrl)
    : `embedded PostgreSQL in ${config.dataDir}`,
  queue: queue.backend,
  mail: config.mail.servers?.map(({ name }) => name).join(', ') ?? CAUGHT,
})
