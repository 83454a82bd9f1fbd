/** What an operator does from the command line. */
import { type App, type Options, openApp } from '../app/app.ts'
import { Problem } from '../domain/problem.ts'
import type { Config } from '../platform/config.ts'
import { addressFrom, firstNameFrom, type RhythmOptions, rhythmFrom, rhythmIn } from './options.ts'

type Print = (text: string) => void

const NETWORK = { network: 'none' }

/**
 * Opens the app for one piece of work, and closes it. Works with a queue that is down: what it
 * sends waits for the sweep.
 */
export async function withApp<T>(
  config: Config,
  work: (app: App) => Promise<T>,
  options: Options = {},
): Promise<T> {
  const app = await openApp(config, { queueWhenNeeded: true, ...options })
  try {
    return await work(app)
  } finally {
    await app.close()
  }
}

/**
 * For what can have nothing to do, or to tell, where there is no database yet: one that were made
 * then would be the wrong one, in a folder nobody meant.
 */
const EXISTING = { existing: true } as const

/** Opening the app migrates, and makes the queue's tables where that is in the same database. */
export const migrateDatabase = (config: Config, print: Print) =>
  withApp(config, async () => print('The database is up to date.'), {
    queueWhenNeeded: config.redisUrl !== null || undefined,
  })

export async function enrollSomebody(
  config: Config,
  text: string,
  options: RhythmOptions & { course: string; name: string; confirmed?: string },
  print: Print,
): Promise<void> {
  const address = addressFrom(text)
  const firstName = firstNameFrom(options.name)
  const wanted = rhythmFrom(options)
  await withApp(config, async (app) => {
    const series = app.series.get(options.course)
    if (!series) throw new Problem('invalid', `There is no course "${options.course}".`)
    const source = options.confirmed ?? 'the command line'
    const consent = { wording: 'enrolled by an operator', source, ...NETWORK }
    const vouched = options.confirmed !== undefined
    const rhythm = rhythmIn(series, wanted)
    const request = { address, firstName, rhythm, series: [series], consent }
    await app.operator.enroll(vouched ? { ...request, vouched } : request)
    if (!vouched)
      return print('A confirmation email is on its way, if there is anything to confirm.')
    const subscriber = await app.operator.subscriberByKey(address.key)
    if (subscriber) await app.reader.confirm(subscriber.id, consent, [series.slug])
    print(`${series.title} is confirmed for this address.`)
  })
}

export async function unsubscribeSomebody(
  config: Config,
  text: string,
  { course }: { course?: string },
  print: Print,
): Promise<void> {
  const address = addressFrom(text)
  await withApp(
    config,
    async (app) => {
      const subscriber = await app.operator.subscriberByKey(address.key)
      const enrollments = subscriber ? await app.operator.enrollmentsOf(subscriber.id) : []
      const one = enrollments.find(({ series }) => course === undefined || series === course)
      if (!one) throw new Problem('not_found', 'No one with this address is enrolled there.')
      const scope = course === undefined ? 'everything' : 'series'
      await app.reader.unsubscribe(one.id, scope, {
        wording: `leave: ${scope}`,
        source: 'the command line',
        ...NETWORK,
      })
      print(
        course === undefined
          ? 'Unsubscribed from everything. Nothing more will be sent to this address.'
          : `Unsubscribed from ${course}.`,
      )
    },
    EXISTING,
  )
}

/** Sends one mail of a course to its author. */
export async function sendTestMail(
  config: Config,
  mail: { course: string; which: string; to: string; name: string },
  print: Print,
): Promise<void> {
  const to = addressFrom(mail.to).spec
  const firstName = firstNameFrom(mail.name)
  await withApp(
    config,
    async (app) => {
      const subject = await app.author.sendTest({
        series: mail.course,
        which: mail.which,
        to,
        firstName,
      })
      print(`"${subject}" is ${app.author.sandbox ? 'in the outbox' : 'on its way'}.`)
    },
    EXISTING,
  )
}

/** Mails of somebody that are shown at a time. */
const SHOWN = 50

/** Prints how the last mails to somebody fared: by which server, and what it said. */
export const showMails = (config: Config, text: string, { json }: { json?: true }, print: Print) =>
  withSomebody(config, text, async (app, id) => {
    const mails = await app.operator.mailsTo(id, SHOWN)
    if (json) return print(JSON.stringify(mails))
    if (mails.length === 0) return print('There are no mails to this address.')
    for (const { id: delivery, series, kind, day, local_date, status, ...mail } of mails) {
      print(`${delivery}  ${local_date}  ${series} ${kind}${day ? ` ${day}` : ''}: ${status}`)
      if (mail.sent_at)
        print(
          `    ${mail.sent_at.toString({ smallestUnit: 'second' })} ${mail.server ?? ''}: ${mail.reply ?? ''}`,
        )
      if (mail.reason) print(`    ${mail.reason}`)
      for (const failed of mail.tries ?? []) print(`    ${failed}`)
      if (mail.message_id) print(`    ${mail.message_id}`)
    }
  })

/** Prints all that is known of somebody, as JSON (standards.md H5). */
export const exportSomebody = (config: Config, text: string, print: Print) =>
  withSomebody(config, text, async (app, id) =>
    print(JSON.stringify(await app.reader.exportData(id), null, 2)),
  )

/** Deletes somebody and all that is known of them (standards.md H6). */
export const eraseSomebody = (config: Config, text: string, print: Print) =>
  withSomebody(config, text, async (app, id) => {
    await app.reader.erase(id)
    print('Deleted. Only the owner of this address can enroll it again, on the page.')
  })

function withSomebody(
  config: Config,
  text: string,
  use: (app: App, subscriberId: string) => Promise<void>,
) {
  const address = addressFrom(text)
  return withApp(
    config,
    async (app) => {
      const subscriber = await app.operator.subscriberByKey(address.key)
      if (!subscriber) throw new Problem('not_found', 'There is no subscriber with this address.')
      await use(app, subscriber.id)
    },
    EXISTING,
  )
}

const HELD =
  'the database was restored from a backup, or is a copy: nothing is sent until `dawnpost resume-from-backup`'

export const showStatus = (config: Config, { json }: { json?: true }, print: Print) =>
  withApp(
    config,
    async (app) => {
      const status = await app.operator.status()
      if (json) return print(JSON.stringify(status))
      // The database's statistics are not of this morning: what waits is at least what was counted.
      const about = (name: string) =>
        !status.estimated.includes(name) ? '' : /planned|retry/.test(name) ? 'at least ' : 'about '
      const counts = (what: 'enrollments' | 'deliveries') =>
        Object.entries(status[what])
          .map(([name, count]) => `${about(`${what}.${name}`)}${count} ${name}`)
          .join(', ') || 'none'
      print(`Clock        ${status.now}`)
      print(`Enrollments  ${counts('enrollments')}`)
      print(`Deliveries   ${counts('deliveries')}`)
      print(`Ready        ${status.ready}${status.estimated.includes('ready') ? ' or more' : ''}`)
      print(`Queued jobs  ${status.queued ?? 'unknown; the queue cannot be reached'}`)
      print(`Next due     ${status.nextDueAt ?? 'nothing'}`)
      for (const [slug, { version, since }] of Object.entries(status.courses)) {
        print(`Live         ${slug}, version ${version}, since ${since}`)
      }
      for (const [slug, { reason, since }] of Object.entries(status.heldBack)) {
        print(`Held back    ${slug}, since ${since}: ${reason}`)
      }
      for (const [slug, { reason }] of Object.entries(status.drafts))
        print(`Draft        ${slug}: ${reason}`)
      for (const name of status.servers.down) print(`Down         SMTP server ${name}`)
      for (const [name, { refused, since }] of Object.entries(status.servers.halted)) {
        print(
          `ALARM        SMTP server ${name} refused ${refused} of its last 50 mails; nothing is sent by it since ${since}: see dawnpost servers`,
        )
      }
      for (const { enrollment, series, reason, since } of status.setAside) {
        print(
          `ALARM        enrollment ${enrollment} in ${series} cannot be planned, since ${since}: ${reason}`,
        )
      }
      if (status.heldSince) print(`ALARM        ${HELD}, since ${status.heldSince}`)
      for (const sentence of status.notices) print(`NOTICE       ${sentence}`)
      for (const [slug, { waiting, expired, reason }] of Object.entries(status.uncomposed)) {
        print(
          `ALARM        mails of ${slug} cannot be composed; ${waiting} waiting, ${expired} expired: ${reason}`,
        )
      }
    },
    EXISTING,
  )

const ALL_UP = 'All SMTP servers are in use.'
const NOTHING_KNOWN = 'No worker that is alive has an SMTP server; those of others are not known.'

export async function decideServers(
  config: Config,
  { resume, believe, json }: { resume?: true; believe?: true; json?: true },
  print: Print,
): Promise<void> {
  if (resume && believe) throw new Problem('invalid', 'Use either --resume or --believe, not both.')
  await withApp(
    config,
    async ({ operator: { servers } }) => {
      if (resume || believe) {
        const names = await servers.resume(believe ? 'believe' : 'ask again')
        return print(
          names.length > 0
            ? `Mail is sent by ${names.join(', ')} again.`
            : 'No SMTP server was halted.',
        )
      }
      const { halted, down, up } = await servers.list()
      if (json) return print(JSON.stringify({ halted, down, up }))
      for (const name of down) print(`${name}  down`)
      for (const [name, { refused, since }] of Object.entries(halted)) {
        print(`${name}  halted since ${since}: it refused ${refused} of its last 50 mails`)
      }
      if (down.length + Object.keys(halted).length === 0)
        return print(up.length > 0 ? ALL_UP : NOTHING_KNOWN)
      if (Object.keys(halted).length > 0)
        print(
          'Ask it again with --resume, or with --believe if those addresses really do not exist.',
        )
    },
    EXISTING,
  )
}

/** At most this many are listed. */
const LISTED = 1_000

export async function decideUnknown(
  config: Config,
  ids: readonly string[],
  { resend, sent, json }: { resend?: true; sent?: true; json?: true },
  print: Print,
): Promise<void> {
  if (resend && sent) throw new Problem('invalid', 'Use either --resend or --sent, not both.')
  const stranger = ids.find((id) => !/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id))
  if (stranger) throw new Problem('invalid', `"${stranger}" is not a delivery ID.`)
  await withApp(
    config,
    async ({ operator: { unknowns } }) => {
      const which = ids.length > 0 ? ids : null
      if (resend) return print(`${await unknowns.resend(which)} will be sent again.`)
      if (sent) return print(`${await unknowns.settle(which)} marked as sent.`)
      const all = await unknowns.list(LISTED)
      if (json) return print(JSON.stringify(all))
      if (all.length === 0) return print('There are no mails with an unknown outcome.')
      for (const { id, series, kind, day, local_date, reason, server, tries } of all) {
        const via = server ? `, by ${server}` : ''
        print(`${id}  ${local_date}  ${series} ${kind}${day ? ` ${day}` : ''}${via}: ${reason}`)
        for (const failed of tries ?? []) print(`    ${failed}`)
      }
      print('Send them again with --resend, or mark them as sent with --sent.')
    },
    EXISTING,
  )
}
