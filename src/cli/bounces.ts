import { resolve } from 'node:path'
import type { Command } from 'commander'
import type { InspectedMail } from '../app/inbound.ts'
import type { Report } from '../domain/report.ts'
import { type Context, example, type Register } from './command.ts'

export const bounces: Register = (program, context) => {
  const group = program
    .command('bounces')
    .description('inspect mail that came back')
    .addHelpText('after', example('dawnpost bounces read returned.eml'))
  readCommand(group, context)
}

const readCommand = (group: Command, { cwd, print }: Context) =>
  group
    .command('read')
    .description('show how mails in files would be classified; counts nothing')
    .argument('<file...>', 'mails (.eml), mailboxes (mbox), or - for stdin')
    .option('--json', 'print as JSON')
    .addHelpText('after', example('dawnpost bounces read returned.eml more.mbox'))
    .action(async (files: string[], { json }: { json?: true }) => {
      const { readMails } = await import('../app/inbound.ts')
      const all: object[] = []
      for (const file of files)
        for await (const mail of readMails(file === '-' ? file : resolve(cwd, file)))
          if (json) all.push(asJson({ ...mail, file }))
          else for (const line of linesOf({ ...mail, file })) print(line)
      if (json) print(JSON.stringify(all))
    })

/** Leaves out the contents of attached files. */
function asJson({ file, index, reading, tls, dmarc }: InspectedMail): object {
  const { files, ...rest } = reading
  return {
    file,
    index,
    ...rest,
    files: files.map(({ kind, name }) => ({ kind, name })),
    tls,
    dmarc,
  }
}

function linesOf({ file, index, reading, tls, dmarc }: InspectedMail): string[] {
  const name = index === null ? file : `${file} (${index})`
  const cut = reading.isCut ? ' (truncated: only its beginning was read)' : ''
  return [
    `${name}: ${reading.subject || 'no subject'}${cut}`,
    ...reading.reports.flatMap(reportLines),
    ...tls.map(
      ({ reportedBy, from, policies }) =>
        `  TLS on ${day(from)}, by ${reportedBy}: ${policies
          .map((policy) => `${policy.domain} ${policy.succeeded} passed, ${policy.failed} failed`)
          .join('; ')}`,
    ),
    ...dmarc.map(
      ({ reportedBy, from, domain, sources }) =>
        `  DMARC on ${day(from)}, by ${reportedBy}: ${domain} ${sumOf(sources)} mails, ${sumOf(
          sources.filter((source) => !source.dkimAligned && !source.spfAligned),
        )} not aligned`,
    ),
  ]
}

function reportLines(report: Report): string[] {
  const { kind, reason, recipient, status, diagnostic, reportedBy, of } = report
  const mail = of.returnPath ?? of.providerId ?? of.messageId
  const judged = [...new Set([kind, report.class, reason])].filter(Boolean).join(', ')
  const facts = [
    status,
    recipient && `for ${recipient}`,
    reportedBy && `by ${reportedBy}`,
    mail && `about ${mail}`,
  ].filter(Boolean)
  return [
    `  ${judged}${facts.length > 0 ? `: ${facts.join(', ')}` : ''}`,
    ...(diagnostic ? [`    ${diagnostic}`] : []),
  ]
}

const day = (at: Temporal.Instant) => at.toString().slice(0, 10)
const sumOf = (sources: readonly { readonly mails: number }[]) =>
  sources.reduce((sum, { mails }) => sum + mails, 0)
