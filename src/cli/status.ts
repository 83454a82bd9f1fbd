import type { App } from '../app/app.ts'
import { ALL_SERIES } from '../domain/guard-rails.ts'
import { EXISTING, example, type Print, type Register, withApp } from './command.ts'

export const status: Register = (program, { readConfig, print }) =>
  program
    .command('status')
    .description('show enrollments, due, queued and sent mails, and live courses')
    .option('--json', 'print as JSON')
    .addHelpText('after', example('dawnpost status --json'))
    .action(async ({ json }) =>
      withApp(
        await readConfig(),
        async ({ operator }) => {
          const report = await operator.status()
          if (json) print(JSON.stringify(report))
          else show(report, print)
        },
        EXISTING,
      ),
    )

const heldSince = (since: string) =>
  `the database was restored from a backup or is a copy, and mail has been held since ${since}: nothing is sent until \`dawnpost resume-from-backup\``

type Status = Awaited<ReturnType<App['operator']['status']>>

function show(status: Status, print: Print) {
  const about = (name: string) => (status.estimated.includes(name) ? 'about ' : '')
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
  const { waiting, since: oldest } = status.comments
  if (waiting > 0)
    print(
      `Comments     ${waiting} ${waiting === 1 ? 'waits' : 'wait'} for a moderator, since ${oldest}: see dawnpost comments list`,
    )
  for (const [slug, { version, since }] of Object.entries(status.courses)) {
    print(`Live         ${slug}, version ${version}, since ${since}`)
  }
  for (const [slug, { reason, since }] of Object.entries(status.blocked)) {
    print(`Blocked      ${slug}, since ${since}: ${reason}`)
  }
  for (const [slug, { reason }] of Object.entries(status.drafts))
    print(`Draft        ${slug}: ${reason}`)
  for (const [slug, { since, sentence }] of Object.entries(status.paused))
    print(`PAUSED       ${slug === ALL_SERIES ? 'all series' : slug}, since ${since}: ${sentence}`)
  for (const [slug, { sentence }] of Object.entries(status.warned))
    print(`NOTICE       ${slug === ALL_SERIES ? 'all series' : slug}: ${sentence}`)
  showLedger(status, print)
  for (const summary of status.receivers) showReceivers(summary, print)
  for (const name of status.servers.down) print(`Down         SMTP server ${name}`)
  for (const [name, { refused, since }] of Object.entries(status.servers.halted)) {
    print(
      `ALARM        SMTP server ${name} refused ${refused} of its last 50 mails; nothing has been sent by it since ${since}: see dawnpost servers`,
    )
  }
  for (const { enrollment, series, reason, since } of status.setAside) {
    print(
      `ALARM        enrollment ${enrollment} in ${series} cannot be planned, since ${since}: ${reason}`,
    )
  }
  if (status.heldSince) print(`ALARM        ${heldSince(status.heldSince)}`)
  for (const sentence of status.notices) print(`NOTICE       ${sentence}`)
  for (const [slug, { waiting, expired, reason }] of Object.entries(status.uncomposed)) {
    print(
      `ALARM        mails of ${slug} cannot be composed; ${waiting} waiting, ${expired} expired: ${reason}`,
    )
  }
}

/** Later drops are not urgent; --json lists all of them. */
const SOON_DAYS = 62

function showLedger({ now, ledger }: Status, print: Print) {
  const size = ({ rows, bytes }: { rows: number; bytes: number }) =>
    `about ${rows} rows, ${Math.ceil(bytes / 1e6)} MB`
  const soon = Temporal.Instant.from(now).add({ hours: 24 * SOON_DAYS })
  for (const month of ledger.months.filter(({ dropsOn }) => dropsOn <= String(soon).slice(0, 10))) {
    const terms = month.daysAfterEnrollments
      ? `, once its enrollments have been over for ${month.daysAfterEnrollments} days, but for up to a tenth that is still needed`
      : ''
    print(`Drops        ${month.name} from ${month.dropsOn} on${terms}: ${size(month)}`)
  }
  const { old } = ledger
  if (old)
    print(
      `Moves        the ledger of older versions to its months, by time; ${size(old)} left, from ${old.from} to ${old.to}`,
    )
}

/** Only the worst are shown; --json lists all. */
const MAX_SOURCES = 3

function showReceivers(
  { kind, domain, reports, orgs, good, bad, details }: Status['receivers'][number],
  print: Print,
) {
  const from = `${reports} reports by ${orgs} receivers in 7 days`
  const worst = details.filter(({ isGood }) => !isGood).slice(0, MAX_SOURCES)
  if (kind === 'dmarc') {
    print(`DMARC        ${domain}: ${good} mails in its name aligned, ${bad} not; ${from}`)
    for (const { source, count, how } of worst)
      print(`             ${source} sent ${count} that were not aligned (${how})`)
  } else {
    print(`TLS          ${domain}: ${good} sessions with TLS, ${bad} failed; ${from}`)
    for (const { source, count, how } of worst)
      print(`             ${count} failed: ${source}${how && ` at ${how}`}`)
  }
}
