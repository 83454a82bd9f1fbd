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
  const what = `${free} are free in ${folder}.`
  if (freeBytes >= LOW_DISK_BYTES) return ok('host.disk.ok', what)
  return errorIf(freeBytes < MIN_DISK_BYTES)('host.disk', what, {
    why: hasDatabase
      ? 'The database is there: when the disk is full it stops, and with it all mail.'
      : 'Workers note there which mails they are handing over.',
    fix: 'Make room, or let DATA_DIR be on a larger disk.',
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
    ok('host.version.ok', `Dawnpost ${version} on Node ${node}, time zones of ${tz ?? '?'}.`),
  ]
  if (Number.parseInt(node, 10) < leastNode)
    found.push(
      error('host.node', `Node ${node} is too old.`, {
        why: `Dawnpost needs Node ${leastNode}.`,
        fix: `Install Node ${leastNode}, or start Dawnpost by npm, which brings its own.`,
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
      warning('host.zones', `The time zones of Node are those of ${tz}, more than a year old.`, {
        why: 'Where a country has changed its clocks since, mornings are an hour off.',
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
  fault.includes(': missing') ? `Set ${setting}.` : `Give ${setting} another value.`

export function judgeSettings(facts: SettingsFacts): DoctorFinding[] {
  const found = facts.faults.map((fault) => {
    const setting = settingIn(fault)
    return error('configuration.fault', `${fault.replace(/\.$/, '')}.`, {
      ...(setting && { subject: setting, settings: [setting] }),
      why: 'Dawnpost does not start with these settings. The checks below use what can be used of them.',
      fix: setting ? fixOf(setting, fault) : 'Correct the file.',
    })
  })
  if (facts.faults.length === 0) found.push(ok('configuration.ok', 'The settings can be used.'))
  if (facts.isSandbox) found.push(sandbox(facts))
  else if (!facts.isProduction)
    found.push(
      info(
        'configuration.development',
        'NODE_ENV is not "production", and mail goes to real people.',
        {
          why: 'In production Dawnpost refuses to start with settings that are missing.',
          fix: 'Set NODE_ENV=production.',
          settings: ['NODE_ENV'],
        },
      ),
    )
  if (facts.secretKeyWeak)
    found.push(
      warning('configuration.secret-key', 'SECRET_KEY can be guessed.', {
        why: 'Whoever guesses it can make links that change and erase.',
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
          why: 'The law asks for it in every mail (CAN-SPAM, and its like elsewhere).',
          fix: 'Set it to where you can be reached by post.',
          settings: ['POSTAL_ADDRESS'],
        },
      ),
    )
  return [...found, ...judgeSender(facts)]
}

const sandbox = ({ from }: SettingsFacts) =>
  info('configuration.sandbox', 'This is the sandbox: mail is caught in the outbox, none leaves.', {
    why: 'That is right for trying things out. To send, Dawnpost needs a relay and a few facts about you.',
    fix: `Set SMTP_URL (your relay), ${from ? '' : 'MAIL_FROM (who mail is from), '}PUBLIC_URL (where your pages are) and POSTAL_ADDRESS (the law asks for it), then run this again.`,
    settings: ['SMTP_URL', 'PUBLIC_URL', 'POSTAL_ADDRESS', ...(from ? [] : ['MAIL_FROM'])],
  })

/** Warns of a mailbox whose name says that nobody reads it (standards.md B11). */
function judgeSender({ from, replyTo }: SettingsFacts): DoctorFinding[] {
  const deaf = [from, replyTo].filter(
    (address) => address && /^(no|do-?not)[._-]?reply\b/i.test(address),
  )
  return deaf.map((address) =>
    warning('configuration.no-reply', `${address} says that nobody reads what is sent there.`, {
      ...(address && { subject: address }),
      why: 'Readers answer lessons, and mailbox providers count answers as a good sign. Microsoft asks for an address that takes mail.',
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
      ? error('mail.behind', `The oldest mail that is due has waited for ${minutes} minutes.`, {
          why: 'Readers do not get their lesson at their own morning.',
          fix: 'See that `dawnpost worker` (or `dawnpost start`) runs, and look at `dawnpost status`.',
        })
      : ok('mail.ok', minutes > 0 ? `Mail is ${minutes} minutes behind.` : 'No mail is late.'),
  ]
  if (unknown > 0)
    found.push(
      warning('mail.unknown', `Of ${unknown} mails nobody knows whether they left.`, {
        why: 'A server or a worker ended while it had them.',
        fix: 'Look at them with `dawnpost unknown`, and decide.',
      }),
    )
  if (heldSince)
    found.push(
      error('mail.restored', `Nothing is sent since ${heldSince}: a backup was put back.`, {
        why: 'What was sent since that backup would be sent twice.',
        fix: 'Decide with `dawnpost resume-from-backup`.',
      }),
    )
  for (const series of facts.paused)
    found.push(
      error(
        'mail.paused',
        `Nothing is sent of ${series === '*' ? 'any series' : series}: it is paused.`,
        {
          subject: series,
          why: '`dawnpost status` says what was seen: complaints, bounces, a fault of the set-up, or an operator.',
          fix: `Mend it, then \`dawnpost resume ${series === '*' ? '--all' : series}\`.`,
        },
      ),
    )
  found.push(...facts.reported.filter(({ bad }) => bad > 0).map(judgeReported))
  for (const server of halted)
    found.push(
      error(
        'mail.halted',
        `Nothing is sent by ${server}: it refused nearly all of its last mails.`,
        {
          subject: server,
          why: 'Either it is not set up for your domain, or the addresses do not exist.',
          fix: 'Look at `dawnpost servers`, mend what this page shows, then `dawnpost servers --resume`.',
        },
      ),
    )
  return found
}

/** Mail in our name that fails may be somebody else's, so this is only a warning. */
function judgeReported({ kind, domain, good, bad, worst }: ReportTotals): DoctorFinding {
  const most = worst ? ` Most of them: ${worst}.` : ''
  if (kind === 'tls')
    return warning(
      'mail.tls-reports',
      `Receivers report that ${bad} of ${good + bad} connections to ${domain} were not made by TLS as published.${most}`,
      {
        subject: domain,
        why: 'With MTA-STS such mail waits, or does not come.',
        fix: 'See that the certificates of its mail servers are valid for the names in its MX and policy.',
      },
    )
  return warning(
    'mail.dmarc-reports',
    `Receivers report ${bad} of ${good + bad} mails from ${domain} that neither SPF nor DKIM speaks for.${most}`,
    {
      subject: domain,
      why: 'They come from a server of yours that nothing authorizes, or from somebody who uses your name.',
      fix: 'If the address is yours, add it to SPF or let it sign; if not, a DMARC policy of quarantine or reject stops it.',
    },
  )
}
