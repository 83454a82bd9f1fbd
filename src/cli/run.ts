/** Runs one or both halves, web and worker, until a signal arrives. */
import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { repeat, startWorker } from '../../worker/main.ts'
import { articles, courses, heartbeat } from '../../worker/timetable.ts'
import { type App, openApp } from '../app/app.ts'
import { expectTemplates } from '../app/own-templates.ts'
import { openTracing } from '../app/tracing.ts'
import { SECOND } from '../domain/time.ts'
import type { Config } from '../platform/config.ts'
import { openLog } from '../platform/log.ts'
import { BUILT_IN_SITE } from '../platform/site-folder.ts'
import { isLoopback } from '../platform/smtp-server.ts'

export type Half = 'web' | 'worker'

/**
 * A part that takes longer than this to stop is abandoned: the ledger has what it held. The sum
 * must fit into the timeout of stop.ts.
 */
const STOP_TIMEOUTS_MS = { halves: 2 * SECOND, app: 1.5 * SECOND }

interface RunTerms {
  readonly print: (text: string) => void
  /** Aborted when it has to stop, with the signal as the reason. */
  readonly stop: AbortSignal
}

/**
 * Opens the app, starts `halves`, prints the banner, and resolves when everything has stopped in
 * order. Throws, with nothing left running, if a part cannot start.
 */
export async function run(
  config: Config,
  halves: readonly Half[],
  { print, stop }: RunTerms,
): Promise<void> {
  // Loaded only if needed: pages and Node's fetch take some 25 MB, which a worker saves.
  const web = halves.includes('web') ? await import('./pages.ts') : null
  await web?.expectPort(config)
  const outdated = await expectTemplates(config.site.folder)
  const log = openLog(config.log.level)
  const tracing = await openTracing(config.traces, log)
  const app = await openApp(config, { log, tracing })
  const running: { close(): Promise<void> }[] = []
  try {
    const blocked = [...(await app.author.courses.begin()), ...(await beginArticles(app))]
    app.sender.heartbeat.expect(halves.includes('worker') ? 'own' : 'any')
    if (web) running.push(await web.listen(app))
    if (halves.includes('worker')) running.push(await startWorker(app), compileInBackground(app))
    else running.push(...[courses, articles, heartbeat].map((entry) => repeat(entry(app), app)))
    const drafts = [
      ...(await app.author.courses.drafts()),
      ...(await app.author.articles.drafts()).map(inFolder),
    ]
    const notices = [...outdated, ...warnings(config)]
    print(banner(app, halves, { blocked, drafts, notices }))
    for (const warning of notices) app.log.warn(warning)
    app.log.info({ halves, node: process.version, tzdata: process.versions.tz }, 'started')
    if (!stop.aborted) await once(stop, 'abort')
    app.log.info({ signal: stop.reason }, 'stopping')
  } finally {
    await Promise.all(
      running.map((part) => closeWithin(STOP_TIMEOUTS_MS.halves, part.close(), app)),
    )
    await Promise.all([closeWithin(STOP_TIMEOUTS_MS.app, app.close(), app), tracing.close()])
    // A server that ignores goodbyes keeps a socket open, and with it the process.
    setTimeout(() => process.exit(), SECOND / 2).unref()
  }
}

const beginArticles = async ({ author }: App) => (await author.articles.begin()).map(inFolder)

/** An article may have the same name as a course. */
const inFolder = ({ slug, reason }: { slug: string; reason: string }) => ({
  slug: slug ? `articles/${slug}` : 'articles',
  reason,
})

/**
 * Compiling takes seconds of CPU time, so it waits until the first requests after a start are
 * served.
 */
const COMPILE_DELAY_MS = 5 * SECOND

/** Compiles the texts of the next mails in the background. */
function compileInBackground(app: App): { close(): Promise<void> } {
  const stop = new AbortController()
  const { signal } = stop
  void pause(COMPILE_DELAY_MS, undefined, { signal, ref: false }).then(
    () => app.sender.compileAhead(signal),
    () => {},
  )
  // Compiling a text takes seconds and is not worth waiting for.
  return { close: async () => stop.abort() }
}

async function closeWithin(ms: number, closing: Promise<void>, { log }: App): Promise<void> {
  const late = Symbol('late')
  const closed = closing.catch((error) => log.error({ err: error }, 'a part did not stop cleanly'))
  const outcome = await Promise.race([closed, pause(ms, late, { ref: false })])
  if (outcome === late) log.warn('a part took too long to stop; what it held is in the ledger')
}

interface BannerNotes
  extends Record<'blocked' | 'drafts', readonly { slug: string; reason: string }[]> {
  readonly notices: readonly string[]
}

function banner(
  { siteUrl, descriptions, config, series, articles, author: { sandbox } }: App,
  halves: readonly Half[],
  { blocked, drafts, notices }: BannerNotes,
): string {
  const web = halves.includes('web')
  const { folder } = config.site
  const rows = [
    ...(web ? [['Site', siteUrl]] : []),
    ...(web && sandbox ? [['Outbox', `${siteUrl}/outbox`]] : []),
    ...(folder.root === BUILT_IN_SITE.root ? [] : [['Folder', folder.root]]),
    ['Courses', [...series.keys()].join(', ') || 'none yet'],
    ...(articles.all().length > 0 ? [['Articles', String(articles.all().length)]] : []),
    ...drafts.map(({ slug, reason }) => ['', `${slug} is a draft: ${reason}`]),
    ...blocked.map(({ slug, reason }) => ['', `${slug} has changes that are blocked: ${reason}`]),
    ['Database', descriptions.database],
    ['Queue', descriptions.queue],
    ['Mail', descriptions.mail],
  ]
  const next = !web
    ? 'This process plans and sends. Run `dawnpost web` for the web pages.'
    : sandbox
      ? 'Next: open the site, enroll, and confirm from the outbox. "Next delivery" there brings the lessons.'
      : `Next: enroll yourself at ${siteUrl} before you invite others.`
  return [
    '',
    `  Dawnpost ${halves.length === 2 ? '' : `${halves[0]} `}is up.`,
    '',
    ...rows.map(([name = '', value = '']) => `  ${name.padEnd(9)} ${value}`),
    '',
    ...[...notices, next, 'Stop with Ctrl-C.', ''].map((line) => line && `  ${line}`),
  ].join('\n')
}

/** Returns warnings about settings that the operator can fix. */
function warnings({ http, mail, secretKeyWeak }: Config): string[] {
  const isOutboxPublic = mail.servers === null && !isLoopback(http.host) && http.host !== '::1'
  return [
    ...(isOutboxPublic
      ? [
          `HOST is ${http.host}: anyone who can reach this machine can read all mail in the outbox and use every link ` +
            'in it. Unset HOST or set SMTP_URL, unless this is intended.',
        ]
      : []),
    ...(secretKeyWeak
      ? [
          'SECRET_KEY is easy to guess, and so is every link. Create a strong one with `openssl rand -base64 32`, and ' +
            'put it before the old one: SECRET_KEY=new,old.',
        ]
      : []),
    ...(mail.postalAddressMissing
      ? ['POSTAL_ADDRESS is not set; the law requires it in every mail.']
      : []),
  ]
}
