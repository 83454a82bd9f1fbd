/** Runs the halves of the program until a signal comes. */
import { setTimeout as pause } from 'node:timers/promises'
import { repeat, startWorker } from '../../worker/main.ts'
import { courses, heartbeat } from '../../worker/timetable.ts'
import { type App, openApp } from '../app.ts'
import type { Config } from '../config.ts'
import { messageOf, Problem } from '../domain/problem.ts'
import { SECOND } from '../domain/time.ts'
import { CONNECTIONS, openServer } from '../http/listen.ts'
import { createServer } from '../http/server.ts'
import { isLoopback } from '../smtp-server.ts'

export type Half = 'web' | 'worker'

/** A part that takes longer than this to stop is left behind: what it held is in the ledger. */
const PATIENCE = 3 * SECOND

/**
 * Opens the app, starts `halves`, prints the banner, and resolves when everything has stopped in order.
 * Throws, with nothing left running, when a part cannot start.
 */
export async function run(
  config: Config,
  halves: readonly Half[],
  print: (text: string) => void,
): Promise<void> {
  const stop = stopSignal()
  const app = await openApp(config)
  const running: { close(): Promise<void> }[] = [app]
  try {
    const held = await app.courses.begin()
    app.heartbeat.expect(halves.includes('worker') ? 'own' : 'any')
    if (halves.includes('web')) running.unshift(await listen(app))
    if (halves.includes('worker')) running.unshift(await startWorker(app), prepared(app))
    else running.unshift(repeat(courses(app), app), repeat(heartbeat(app), app))
    print(banner(app, halves, { held, drafts: await app.courses.drafts() }))
    for (const warning of warnings(config)) app.log.warn(warning)
    app.log.info({ halves, node: process.version, tzdata: process.versions.tz }, 'started')
    const signal = await stop
    app.log.info({ signal }, 'stopping')
  } finally {
    for (const part of running) await within(PATIENCE, part.close(), app)
    // A server that ignores goodbyes keeps a socket, and with it the process, open.
    setTimeout(() => process.exit(), SECOND).unref()
  }
}

/** Compiles the texts of the next mails, beside everything else. */
function prepared(app: App): { close(): Promise<void> } {
  const stop = new AbortController()
  const done = app.prepare(stop.signal)
  return {
    close: () => {
      stop.abort()
      return done
    },
  }
}

async function within(ms: number, closing: Promise<void>, { log }: App): Promise<void> {
  const late = Symbol('late')
  const closed = closing.catch((error) => log.error({ err: error }, 'a part did not stop cleanly'))
  const outcome = await Promise.race([closed, pause(ms, late, { ref: false })])
  if (outcome === late) log.warn('a part took too long to stop; what it held is in the ledger')
}

/** The first SIGINT or SIGTERM; a second one ends the program at once. */
function stopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let seen = false
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.on(signal, () => {
        if (seen) process.exit(130)
        seen = true
        resolve(signal)
      })
    }
  })
}

async function listen(app: App): Promise<{ close(): Promise<void> }> {
  const { host, port, trustProxy } = app.config.http
  const server = openServer(await createServer(app), {
    each: trustProxy > 0 ? CONNECTIONS.all : CONNECTIONS.each,
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, host, resolve)
  }).catch((cause: NodeJS.ErrnoException) => {
    const what =
      cause.code === 'EADDRINUSE'
        ? `Port ${port} is in use. Stop the program that uses it, or choose another: PORT=3001 npm start`
        : `Port ${port} cannot be opened: ${messageOf(cause)}.`
    throw new Problem('unavailable', what, { cause })
  })
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeIdleConnections()
        // Pages are short; what is still open now is a browser that listens to the outbox.
        setTimeout(() => server.closeAllConnections(), SECOND).unref()
      }),
  }
}

function banner(
  { siteUrl, descriptions, sandbox, config, series }: App,
  halves: readonly Half[],
  { held, drafts }: Record<'held' | 'drafts', readonly { slug: string; reason: string }[]>,
): string {
  const web = halves.includes('web')
  const rows = [
    ...(web ? [['Site', siteUrl]] : []),
    ...(web && sandbox ? [['Outbox', `${siteUrl}/outbox`]] : []),
    ['Courses', [...series.keys()].join(', ') || 'none yet'],
    ...drafts.map(({ slug, reason }) => ['', `${slug} is a draft: ${reason}`]),
    ...held.map(({ slug, reason }) => ['', `${slug} has changes that are held back: ${reason}`]),
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
    ...[...warnings(config), next, 'Stop with Ctrl-C.', ''].map((line) => line && `  ${line}`),
  ].join('\n')
}

/** What whoever starts the program should know, and can put right. */
function warnings({ http, mail, secretKeyWeak }: Config): string[] {
  const shown = mail.servers === null && !isLoopback(http.host) && http.host !== '::1'
  return [
    ...(shown
      ? [
          `HOST is ${http.host}: anyone who can reach this machine can read all mail in the outbox and use every link ` +
            'in it. Unset HOST or set SMTP_URL, unless this is intended.',
        ]
      : []),
    ...(secretKeyWeak
      ? [
          'SECRET_KEY is easy to guess, and with it every link. Create a strong one with `openssl rand -base64 32`, and ' +
            'put it before the old one: SECRET_KEY=new,old.',
        ]
      : []),
    ...(mail.postalAddressMissing ? ['POSTAL_ADDRESS is not set; the law requires it in every mail.'] : []),
  ]
}
