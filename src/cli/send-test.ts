import { EXISTING, example, type Register, withApp } from './command.ts'
import { addressFrom, firstNameFrom } from './options.ts'

/** Sends one mail of a course as a test. */
export const sendTest: Register = (program, { readConfig, print }) =>
  program
    .command('send-test')
    .description('send one mail of a course to yourself, through the real mail server')
    .argument('<course>', 'slug of the course, daily or letter')
    .argument(
      '<day>',
      'number of the lesson, date of the inspiration, or "letter", "welcome" or "completion"',
    )
    .requiredOption('--to <address>', 'recipient address')
    .option('--name <first name>', 'first name to use in the mail', '')
    .addHelpText('after', example('dawnpost send-test inner-wisdom 7 --to you@example.com'))
    .action(async (series, which, options) => {
      const config = await readConfig()
      const mail = {
        series,
        which,
        to: addressFrom(options.to).spec,
        firstName: firstNameFrom(options.name),
      }
      await withApp(
        config,
        async ({ author }) => {
          const subject = await author.sendTest(mail)
          print(`"${subject}" is ${author.sandbox ? 'in the outbox' : 'on its way'}.`)
        },
        EXISTING,
      )
    })
