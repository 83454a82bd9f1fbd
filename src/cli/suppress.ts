import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Command } from 'commander'
import type { App } from '../app/app.ts'
import { readAddress } from '../domain/address.ts'
import { Problem } from '../domain/problem.ts'
import { SUPPRESSION_REASONS, type SuppressionReason } from '../domain/suppression.ts'
import { EXISTING, example, type Print, type Register, withApp } from './command.ts'
import { addressFrom } from './options.ts'

/** Reasons an operator may give; the others are detected, or are requested by the reader. */
const BY_OPERATOR = ['manual', 'unsubscribe', 'bounce', 'complaint'] as const

export const suppressCommand: Register = (program, { readConfig, print, cwd }) => {
  const group = program
    .command('suppress')
    .description('show and change the suppression list: addresses that get no mail')
    .addHelpText('after', example('dawnpost suppress list --reason bounce'))
  const given: Given = {
    inApp: async (work) => withApp(await readConfig(), work, EXISTING),
    print,
    cwd,
  }
  addAndRemove(group, given)
  listAll(group, given)
  importAndExport(group, given)
}

interface Given {
  readonly inApp: (work: (app: App) => Promise<void>) => Promise<void>
  readonly print: Print
  readonly cwd: string
}

function addAndRemove(group: Command, { inApp, print }: Given): void {
  group
    .command('add')
    .description('stop sending mail to these addresses')
    .argument('<address...>', 'email addresses')
    .option('--reason <reason>', `one of ${BY_OPERATOR.join(', ')}`, 'manual')
    .option('--note <text>', 'kept on record')
    .addHelpText('after', example('dawnpost suppress add you@example.com --note "asked by phone"'))
    .action((addresses: string[], { reason, note }: { reason: string; note?: string }) =>
      inApp(async ({ bounces }) => {
        const targets = addresses.map(addressFrom)
        const why = { reason: reasonFrom(reason, BY_OPERATOR), source: 'operator', note } as const
        const added = await bounces.suppress({ targets, ...why })
        print(`${added} added, ${targets.length - added} already there.`)
      }),
    )
  group
    .command('remove')
    .description('allow mail to an address again, once its owner enrolls again')
    .argument('<address>', 'email address')
    .option('--reason <reason>', 'only for this reason (default: all but complaint and erased)')
    .option('--note <text>', 'kept on record')
    .addHelpText('after', example('dawnpost suppress remove you@example.com --reason bounce'))
    .action((address: string, { reason, note }: { reason?: string; note?: string }) =>
      inApp(async ({ bounces }) => {
        const reasons =
          reason === undefined ? DEFAULT_REASONS : [reasonFrom(reason, SUPPRESSION_REASONS)]
        const lifted = await bounces.unsuppress(addressFrom(address), { reasons, note })
        if (lifted.length === 0) throw new Problem('not_found', 'cli.suppress.not-there')
        print(
          `Removed from the list: ${lifted.join(', ')}. Its owner gets mail after enrolling again.`,
        )
      }),
    )
}

function listAll(group: Command, { inApp, print }: Given): void {
  group
    .command('list')
    .description('list the suppressed addresses')
    .option('--reason <reason>', `one of ${SUPPRESSION_REASONS.join(', ')}`)
    .option('--address <address>', 'only this address, with the reports about its mails')
    .option('--json', 'print as JSON, one line each')
    .addHelpText('after', example('dawnpost suppress list --address you@example.com'))
    .action((options: ListOptions) => inApp((app) => list(app, options, print)))
}

function importAndExport(group: Command, { inApp, print, cwd }: Given): void {
  group
    .command('import')
    .description('add the addresses in a file: one per line, or a table with a column of addresses')
    .argument('<file>', 'text or CSV')
    .option('--reason <reason>', 'reason for rows that name none', 'manual')
    .option('--note <text>', 'kept on record')
    .option('--dry-run', 'only show what would be done')
    .addHelpText('after', example('dawnpost suppress import left.csv --reason unsubscribe'))
    .action((file: string, options: ImportOptions) =>
      inApp((app) => importFile(app, resolve(cwd, file), options, print)),
    )
  group
    .command('export')
    .description('print the whole list as CSV: addresses where they are known, and their hashes')
    .addHelpText('after', example('dawnpost suppress export > suppressions.csv'))
    .action(() =>
      inApp(async ({ bounces }) => {
        const { toCsvLine } = await import('./suppression-file.ts')
        print(toCsvLine(['address', 'hash', 'reason', 'since', 'source', 'note']))
        for await (const row of bounces.suppressed({}))
          print(
            toCsvLine([
              row.address ?? '',
              row.address_hash.toString('hex'),
              row.reason,
              String(row.created_at),
              row.source ?? '',
              row.note ?? '',
            ]),
          )
      }),
    )
}

/** Complaints and erasures are lifted only if named explicitly. */
const DEFAULT_REASONS = SUPPRESSION_REASONS.filter(
  (reason) => reason !== 'complaint' && reason !== 'erased',
)

function reasonFrom<T extends SuppressionReason>(text: string, among: readonly T[]): T {
  const reason = among.find((known) => known === text)
  if (reason) return reason
  throw new Problem('invalid', 'cli.suppress.reason', {
    params: { text, among: among.join(', ') },
  })
}

interface ListOptions {
  readonly reason?: string
  readonly address?: string
  readonly json?: true
}

async function list(
  { bounces }: App,
  { reason, address, json }: ListOptions,
  print: Print,
): Promise<void> {
  if (address !== undefined) return showAddress({ bounces }, { address, json }, print)
  const which = reason === undefined ? {} : { reason: reasonFrom(reason, SUPPRESSION_REASONS) }
  let count = 0
  for await (const row of bounces.suppressed(which)) {
    count++
    const name = row.address ?? `#${row.address_hash.toString('hex').slice(0, 16)}`
    if (json)
      print(
        JSON.stringify({
          address: row.address,
          hash: row.address_hash.toString('hex'),
          reason: row.reason,
          since: row.created_at,
          source: row.source,
          note: row.note,
        }),
      )
    else print(`${day(row.created_at)}  ${row.reason.padEnd(11)}  ${name}${origin(row)}`)
  }
  if (!json && count === 0) print('No address is suppressed.')
}

const origin = ({ source, note }: { source: string | null; note: string | null }) =>
  `${source ? `  by ${source}` : ''}${note ? `: ${note}` : ''}`

async function showAddress(
  { bounces }: Pick<App, 'bounces'>,
  { address, json }: { readonly address: string; readonly json: true | undefined },
  print: Print,
): Promise<void> {
  const { suppressions, reports } = await bounces.addressFacts(addressFrom(address))
  if (json)
    return print(
      JSON.stringify({
        suppressions: suppressions.map(({ reason, created_at: since, source, note }) => ({
          reason,
          since,
          source,
          note,
        })),
        reports: reports.map(({ address_hash, digest, place, ...report }) => report),
      }),
    )
  if (suppressions.length === 0) print('The address is not suppressed.')
  for (const row of suppressions)
    print(`Suppressed   ${row.reason}, since ${day(row.created_at)}${origin(row)}`)
  for (const { received_at, kind, class: of, reason, status, diagnostic, source } of reports)
    print(
      `${day(received_at)}   ${of ? `${of} ` : ''}${kind}, ${reason}${status ? ` (${status})` : ''}, by ${source}: ${diagnostic}`,
    )
}

interface ImportOptions {
  readonly reason: string
  readonly note?: string
  readonly dryRun?: true
}

async function importFile(
  { bounces }: App,
  file: string,
  { reason, note, dryRun }: ImportOptions,
  print: Print,
): Promise<void> {
  const given = reasonFrom(reason, SUPPRESSION_REASONS)
  const text = await readFile(file, 'utf8').catch((cause) => {
    throw new Problem('not_found', 'cli.suppress.no-file', { params: { file }, cause })
  })
  const { readSuppressionFile } = await import('./suppression-file.ts')
  const { rows, faults } = readSuppressionFile(text, readAddress)
  for (const { line, text: what } of faults)
    print(`line ${line}: ${what} is not an address; skipped`)
  if (dryRun)
    return print(`${rows.length} would be on the list, ${faults.length} would be skipped.`)
  let added = 0
  for (const suppressionReason of SUPPRESSION_REASONS) {
    const targets = rows
      .filter((row) => (row.reason ?? given) === suppressionReason)
      .map((row) => row.target)
    added += await bounces.suppress({
      targets,
      reason: suppressionReason,
      source: 'import',
      note,
    })
  }
  print(`${added} added, ${rows.length - added} already there, ${faults.length} skipped.`)
}

const day = (at: Temporal.Instant) => String(at).slice(0, 10)
