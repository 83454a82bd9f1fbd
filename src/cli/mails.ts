import type { App } from '../app/app.ts'
import { example, type Register, withSubscriber } from './command.ts'

const MAX_SHOWN = 50

/** Prints what became of the last mails to a person: by which server, and what it said. */
export const mails: Register = (program, { readConfig, print }) =>
  program
    .command('mails')
    .description(
      'show what happened to the last mails to someone: when, by which SMTP server, and its reply',
    )
    .argument('<address>', 'email address')
    .option('--json', 'print as JSON')
    .addHelpText('after', example('dawnpost mails you@example.com'))
    .action(async (address, { json }) =>
      withSubscriber(await readConfig(), address, async (app, id) => {
        const all = await app.operator.mailsTo(id, MAX_SHOWN)
        if (json) return print(JSON.stringify(all))
        if (all.length === 0) return print('There are no mails to this address.')
        for (const mail of all) for (const line of linesOf(mail)) print(line)
      }),
    )

type Mail = Awaited<ReturnType<App['operator']['mailsTo']>>[number]

function* linesOf({ id, series, kind, day, local_date, status, ...mail }: Mail) {
  yield `${id}  ${local_date}  ${series} ${kind}${day ? ` ${day}` : ''}: ${status}`
  if (mail.sent_at) {
    const at = mail.sent_at.toString({ smallestUnit: 'second' })
    yield `    ${at} ${mail.server ?? ''}: ${mail.reply ?? ''}`
  }
  if (mail.reason) yield `    ${mail.reason}`
  for (const failed of mail.tries ?? []) yield `    ${failed}`
  if (mail.message_id) yield `    ${mail.message_id}`
}
