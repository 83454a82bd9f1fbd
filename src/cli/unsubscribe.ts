import { consentRecordOf } from '../domain/consent.ts'
import { Problem } from '../domain/problem.ts'
import { english } from '../locales/locale.ts'
import type { Config } from '../platform/config.ts'
import { EXISTING, example, NO_NETWORK, type Print, type Register, withApp } from './command.ts'
import { addressFrom } from './options.ts'

export const unsubscribe: Register = (program, { readConfig, print }) =>
  program
    .command('unsubscribe')
    .description('unsubscribe someone')
    .argument('<address>', 'email address')
    .option('--course <slug>', 'only this course or daily (default: everything)')
    .addHelpText('after', example('dawnpost unsubscribe you@example.com'))
    .action(async (address, { course }) =>
      unsubscribeSomebody(await readConfig(), address, course, print),
    )

async function unsubscribeSomebody(
  config: Config,
  text: string,
  course: string | undefined,
  print: Print,
) {
  const address = addressFrom(text)
  await withApp(
    config,
    async (app) => {
      const subscriber = await app.operator.subscriberByKey(address.key)
      const enrollments = subscriber ? await app.operator.enrollmentsOf(subscriber.id) : []
      const enrollment = enrollments.find(({ series }) => course === undefined || series === course)
      if (!enrollment) throw new Problem('not_found', 'operator.reader.not-enrolled')
      const scope = course === undefined ? 'everything' : 'series'
      await app.reader.unsubscribe(enrollment.id, scope, {
        ...consentRecordOf(english, english.t('consent.left', { scope })),
        source: 'the command line',
        ...NO_NETWORK,
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
