import { consentRecordOf } from '../domain/consent.ts'
import { Problem } from '../domain/problem.ts'
import { english } from '../locales/locale.ts'
import type { Config } from '../platform/config.ts'
import { example, NO_NETWORK, type Print, type Register, withApp } from './command.ts'
import {
  addressFrom,
  answersFrom,
  collectValues,
  firstNameFrom,
  type RhythmOptions,
  rhythmFrom,
  rhythmIn,
  rhythmOptions,
  seriesNamed,
} from './options.ts'

export const enroll: Register = (program, { readConfig, print }) =>
  rhythmOptions(
    program
      .command('enroll')
      .description('enroll someone and send them a confirmation email')
      .argument('<address>', 'email address')
      .option('--course <slug>', 'slug of the course or daily (default: the first course)')
      .option('--name <first name>', 'first name', ''),
  )
    .option('--field <name=answer>', 'answer to one of the course’s own fields', collectValues, [])
    .option('--confirmed <source>', 'confirm right away; records where the consent comes from')
    .addHelpText(
      'after',
      example('dawnpost enroll you@example.com --time 06:45 --zone Europe/Berlin'),
    )
    .action(async (address, options) => enrollSomebody(await readConfig(), address, options, print))

interface EnrollOptions extends RhythmOptions {
  readonly course?: string
  readonly name: string
  readonly field: readonly string[]
  readonly confirmed?: string
}

async function enrollSomebody(config: Config, text: string, options: EnrollOptions, print: Print) {
  const address = addressFrom(text)
  const firstName = firstNameFrom(options.name)
  const wanted = rhythmFrom(options, config.site.settings)
  await withApp(config, async (app) => {
    const series = seriesNamed(app, options.course)
    if (!series)
      throw new Problem('invalid', 'operator.courses.unknown', {
        params: { course: options.course ?? '' },
      })
    const source = options.confirmed ?? 'the command line'
    const consent = {
      ...consentRecordOf(english, 'enrolled by an operator'),
      source,
      ...NO_NETWORK,
    }
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
