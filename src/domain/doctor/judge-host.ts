/** Judges the machine and the program: disk, Node, the settings, and how mail is going out. */
import { type OverdueMail, secondsBehind } from '../readiness.ts'
import { type DoctorFinding, error, errorIf, info, ok, warning } from './finding.ts'

const LOW_DISK_BYTES = 1024 ** 3
const MIN_DISK_BYTES = 200 * 1024 ** 2

export interface Disk {
  readonly folder: string
  readonly freeBytes: number
  /** Whether the database is on it, too. */
  readonly hasDatabase: boolean
}

export function judgeDisk({ folder, freeBytes, hasDatabase }: Disk): DoctorFinding {
  const free =
    freeBytes >= LOW_DISK_BYTES
      ? `${(freeBytes / 1024 ** 3).toFixed(1)} GB`
      : `${Math.floor(freeBytes / 1024 ** 2)} MB`
  const what = `${folder} has ${free} of free disk space.`
  if (freeBytes >= LOW_DISK_BYTES) return ok('host.disk.ok', what)
  return errorIf(freeBytes < MIN_DISK_BYTES)('host.disk', what, {
    why: hasDatabase
      ? 'The database is on this disk: when the disk is full, the database stops, and all mail with it.'
      : 'Workers record there which mails they are handing over.',
    fix: 'Free some space, or move DATA_DIR to a larger disk.',
    settings: ['DATA_DIR'],
  })
}

export interface Runtime {
  readonly version: string
  readonly node: string
  /** Such as 2026c; null if Node does not say. */
  readonly tz: string | null
  readonly leastNode: number
}

/** Releases of the time zone data come three or four times a year, named by letters. */
const MONTHS_PER_TZDATA_RELEASE = 3
const MAX_TZDATA_AGE_MONTHS = 12

export function judgeRuntime(runtime: Runtime, now: Temporal.Instant): DoctorFinding[] {
  const { version, node, tz, leastNode } = runtime
  const found: DoctorFinding[] = [
    ok('host.version.ok', `Dawnpost ${version} on Node ${node}, time zone data ${tz ?? '?'}.`),
  ]
  if (Number.parseInt(node, 10) < leastNode)
    found.push(
      error('host.node', `Node ${node} is too old.`, {
        why: `Dawnpost needs Node ${leastNode} or newer.`,
        fix: `Install Node ${leastNode}, or start Dawnpost with npm, which brings its own.`,
      }),
    )
  const [, year, letter] = /^(\d{4})([a-z])$/.exec(tz ?? '') ?? []
  if (!year || !letter) return found
  const month = Math.min(12, 1 + MONTHS_PER_TZDATA_RELEASE * (letter.charCodeAt(0) - 97))
  const released = Temporal.PlainDate.from({ year: Number(year), month, day: 1 })
  const months = released.until(now.toZonedDateTimeISO('UTC').toPlainDate(), {
    largestUnit: 'months',
  }).months
  if (months > MAX_TZDATA_AGE_MONTHS)
    found.push(
      warning('host.zones', `The time zone data of Node (${tz}) is more than a year old.`, {
        why: 'Where a country has changed its clock rules since, mornings are an hour off.',
        fix: 'Update Dawnpost, or Node.',
      }),
    )
  return found
}

/** What the settings say; `faults` are worded as by `dawnpost config`. */
export interface SettingsFacts {
  readonly faults: readonly string[]
  readonly isSandbox: boolean
  readonly isProduction: boolean
  readonly secretKeyWeak: boolean
  readonly postalAddressMissing: boolean
  readonly from: string | null
  readonly replyTo: string | null
}

/** Returns the environment variable that a fault begins with, if it does. */
const settingIn = (fault: string) => /^([A-Z][A-Z0-9_]+): /.exec(fault)?.[1]

const fixOf = (setting: string, fault: string) =>
  fault.includes(': missing') ? `Set ${setting}.` : `Correct ${setting}.`

export function judgeSettings(facts: SettingsFacts): DoctorFinding[] {
  const found = facts.faults.map((fault) => {
    const setting = settingIn(fault)
    return error('configuration.fault', `${fault.replace(/\.$/, '')}.`, {
      ...(setting && { subject: setting, settings: [setting] }),
      why: 'Dawnpost does not start with these settings. The checks below use the settings that are valid.',
      fix: setting ? fixOf(setting, fault) : 'Correct the file.',
    })
  })
  if (facts.faults.length === 0) found.push(ok('configuration.ok', 'The settings are valid.'))
  if (facts.isSandbox) found.push(sandbox(facts))
  else if (!facts.isProduction)
    found.push(
      info(
        'configuration.development',
        'NODE_ENV is not "production", and mail goes to real people.',
        {
          why: 'In production Dawnpost refuses to start when a required setting is missing.',
          fix: 'Set NODE_ENV=production.',
          settings: ['NODE_ENV'],
        },
      ),
    )
  if (facts.secretKeyWeak)
    found.push(
      warning('configuration.secret-key', 'SECRET_KEY can be guessed.', {
        why: 'Whoever guesses it can forge links that change or erase data of readers.',
        fix: 'Put a new one first: SECRET_KEY="$(openssl rand -base64 32),<the old one>".',
        settings: ['SECRET_KEY'],
      }),
    )
  if (facts.postalAddressMissing)
    found.push(
      error(
        'configuration.postal-address',
        'POSTAL_ADDRESS is not set, and mail goes to real people.',
        {
          why: 'The law requires it in every mail (CAN-SPAM, and similar laws elsewhere).',
          fix: 'Set it to an address where you can be reached by post.',
          settings: ['POSTAL_ADDRESS'],
        },
      ),
    )
  return [...found, ...judgeSender(facts)]
}

const sandbox = ({ from }: SettingsFacts) =>
  info(
    'configuration.sandbox',
    'This is the sandbox: mail is caught in the outbox, and none is sent.',
    {
      why: 'That is right for trying things out. To send, Dawnpost needs a relay and a few facts about you.',
      fix: `Set SMTP_URL (your relay), ${from ? '' : 'MAIL_FROM (who mail is from), '}PUBLIC_URL (where your pages are) and POSTAL_ADDRESS (required by law), then run this again.`,
      settings: ['SMTP_URL', 'PUBLIC_URL', 'POSTAL_ADDRESS', ...(from ? [] : ['MAIL_FROM'])],
    },
  )

/** Warns of a mailbox whose name says that nobody reads it (standards.md B11). */
function judgeSender({ from, replyTo }: SettingsFacts): DoctorFinding[] {
  const deaf = [from, replyTo].filter(
    (address) => address && /^(no|do-?not)[._-]?reply\b/i.test(address),
  )
  return deaf.map((address) =>
    warning('configuration.no-reply', `${address} tells readers that nobody reads their replies.`, {
      ...(address && { subject: address }),
      why: 'Readers reply to lessons, and mailbox providers count replies as a good sign. Microsoft requires an address that accepts mail.',
      fix: 'Use an address that somebody reads, or set REPLY_TO to one.',
      settings: ['MAIL_FROM'],
    }),
  )
}

/** How mail is going out. */
export interface MailFacts {
  readonly behind: OverdueMail
  readonly now: Temporal.Instant
  readonly mayBeBehindMinutes: number
  readonly unknown: number
  readonly halted: readonly string[]
  readonly heldSince: string | null
  /** Paused series, `*` for all. */
  readonly paused: readonly string[]
  /** What receivers have reported in the last week. */
  readonly reported: readonly ReportTotals[]
}

/** For one kind and domain: how many mails or sessions were as they should be, and how many not. */
export interface ReportTotals {
  readonly kind: 'tls' | 'dmarc'
  readonly domain: string
  readonly good: number
  readonly bad: number
  /** The most frequent problem, in words; null if there is none. */
  readonly worst: string | null
}

export function judgeMail(facts: MailFacts): DoctorFinding[] {
  const { behind, now, mayBeBehindMinutes, unknown, halted, heldSince } = facts
  const minutes = Math.floor(secondsBehind([behind.unplanned, behind.planned], now) / 60)
  const found: DoctorFinding[] = [
    minutes > mayBeBehindMinutes
      ? error(
          'mail.behind',
          `The oldest mail that is due has been waiting for ${minutes} minutes.`,
          {
            why: 'Readers do not get their lesson at their own morning.',
            fix: 'Check that `dawnpost worker` (or `dawnpost start`) is running, and look at `dawnpost status`.',
          },
        )
      : ok('mail.ok', minutes > 0 ? `Mail is ${minutes} minutes behind.` : 'No mail is late.'),
  ]
  if (unknown > 0)
    found.push(
      warning('mail.unknown', `Mails of unknown outcome, sent or not: ${unknown}.`, {
        why: 'A server or a worker stopped while it was handling them.',
        fix: 'Look at them with `dawnpost unknown`, and decide what becomes of them.',
      }),
    )
  if (heldSince)
    found.push(
      error('mail.restored', `No mail has been sent since ${heldSince}: a backup was restored.`, {
        why: 'Mail sent after that backup would be sent twice.',
        fix: 'Decide with `dawnpost resume-from-backup`.',
      }),
    )
  for (const series of facts.paused)
    found.push(
      error(
        'mail.paused',
        series === '*'
          ? 'All series are paused: none of their mail is sent.'
          : `${series} is paused: none of its mail is sent.`,
        {
          subject: series,
          why: '`dawnpost status` gives the reason: complaints, bounces, a setup error, or an operator.',
          fix: `Fix the cause, then run \`dawnpost resume ${series === '*' ? '--all' : series}\`.`,
        },
      ),
    )
  found.push(...facts.reported.filter(({ bad }) => bad > 0).map(judgeReported))
  for (const server of halted)
    found.push(
      error('mail.halted', `${server} is halted: it refused nearly all of its last mails.`, {
        subject: server,
        why: 'Either it is not set up for your domain, or the addresses do not exist.',
        fix: 'Look at `dawnpost servers`, fix what this report shows, then run `dawnpost servers --resume`.',
      }),
    )
  return found
}

/** Mail in our name that fails may be somebody else's, so this is only a warning. */
function judgeReported({ kind, domain, good, bad, worst }: ReportTotals): DoctorFinding {
  const most = worst ? ` Most frequent: ${worst}.` : ''
  if (kind === 'tls')
    return warning(
      'mail.tls-reports',
      `Receivers report that ${bad} of ${good + bad} connections to ${domain} did not use TLS as published.${most}`,
      {
        subject: domain,
        why: 'With MTA-STS such mail is delayed, or never arrives.',
        fix: 'Check that the certificates of its mail servers are valid for the names in its MX records and its policy.',
      },
    )
  return warning(
    'mail.dmarc-reports',
    `Receivers report that ${bad} of ${good + bad} mails from ${domain} failed DMARC.${most}`,
    {
      subject: domain,
      why: 'They come from a server of yours that is not authorized, or from somebody who uses your domain.',
      fix: 'If the address is yours, add it to SPF or sign its mail with DKIM; if not, a DMARC policy of quarantine or reject stops it.',
    },
  )
}
