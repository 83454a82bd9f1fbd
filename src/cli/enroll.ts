import { Problem } from '../domain/problem.ts'
import type { Config } from '../platform/config.ts'
import { example, NO_NETWORK, type Print, type Register, readConfig, withApp } from './command.ts'
import {
  addressFrom,
  answersFrom,
  firstNameFrom,
  type RhythmOptions,
  rhythmFrom,
  rhythmIn,
  rhythmOptions,
  several,
} from './options.ts'

export const enroll: Register = (program, { env, print }) =>
  rhythmOptions(
    program
      .command('enroll')
      .description('enroll someone and send them a confirmation email')
      .argument('<address>', 'email address')
      .option('--course <slug>', 'slug of the course or daily', 'inner-wisdom')
      .option('--name <first name>', 'first name', ''),
  )
    .option('--field <name=answer>', 'answer to one of the course’s own fields', several, [])
    .option('--confirmed <source>', 'confirm right away; records where the consent comes from')
    .addHelpText(
      'after',
      example('dawnpost enroll you@example.com --time 06:45 --zone Europe/Berlin'),
    )
    .action(async (address, options) =>
      enrollSomebody(await readConfig(env), address, options, print),
    )

interface EnrollOptions extends RhythmOptions {
  readonly course: string
  readonly name: string
  readonly field: readonly string[]
  readonly confirmed?: string
}

async function enrollSomebody(config: Config, text: string, options: EnrollOptions, print: Print) {
  const address = addressFrom(text)
  const firstName = firstNameFrom(options.name)
  const wanted = rhythmFrom(options)
  await withApp(config, async (app) => {
    const series = app.series.get(options.course)
    if (!series)
      throw new Problem('invalid', 'operator.courses.unknown', {
        params: { course: options.course },
      })
    const source = options.confirmed ?? 'the command line'
    const consent = { wording: 'enrolled by an operator', source, ...NO_NETWORK }
    const vouched = options.confirmed !== undefined
    const rhythm = rhythmIn(series, wanted)
    const fields = answersFrom(options.field, series)
    const request = { address, firstName, rhythm, fields, series: [series], consent }
    await app.operator.enroll(vouched ? { ...request, vouched } : request)
    if (!vouched)
      return print('A confirmation email is on its way, if there is anything to confirm.')
    const subscriber = await app.operator.subscriberByKey(address.key)
    if (subscriber) await app.reader.confirm(subscriber.id, consent, [series.slug])
    print(`${series.title} is confirmed for this address.`)
  })
}
