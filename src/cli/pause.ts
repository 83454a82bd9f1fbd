/** Pausing and resuming series by hand. */
import type { Command } from 'commander'
import { ALL_SERIES } from '../domain/guard-rails.ts'
import { Problem } from '../domain/problem.ts'
import { EXISTING, example, type Register, withApp } from './command.ts'

const nameOf = (series: string) => (series === ALL_SERIES ? 'all series' : series)

/** Returns the series, or null for all of them: exactly one of the two must be given. */
function which(series: string | undefined, { all }: { readonly all?: true }): string | null {
  if (all && series === undefined) return null
  if (!all && series !== undefined) return series
  throw new Problem('invalid', 'cli.options.either', {
    params: { one: '<series>', other: '--all' },
  })
}

const describe = (program: Command, name: string, description: string, what: string) =>
  program
    .command(name)
    .description(description)
    .argument('[series]', 'a course, a daily or a letter')
    .option('--all', what)

export const pauseCommand: Register = (program, { readConfig, print }) =>
  describe(
    program,
    'pause',
    'stop sending a series until it is resumed; lessons wait, none is lost',
    'all series',
  )
    .addHelpText('after', example('dawnpost pause inner-wisdom'))
    .action(async (series: string | undefined, options: { all?: true }) => {
      const chosen = which(series, options) ?? ALL_SERIES
      await withApp(
        await readConfig(),
        async ({ operator }) => {
          const isNews = await operator.pauses.pause(chosen)
          print(
            isNews
              ? `Paused: ${nameOf(chosen)}. Mail that people request is still sent.`
              : `Already paused: ${nameOf(chosen)}.`,
          )
        },
        EXISTING,
      )
    })

export const resumeCommand: Register = (program, { readConfig, print }) =>
  describe(
    program,
    'resume',
    'resume a paused series, whoever paused it; `dawnpost status` shows why it was paused',
    'all that is paused',
  )
    .addHelpText('after', example('dawnpost resume inner-wisdom'))
    .action(async (series: string | undefined, options: { all?: true }) => {
      const chosen = which(series, options)
      await withApp(
        await readConfig(),
        async ({ operator }) => {
          const resumed = await operator.pauses.resume(chosen)
          print(
            resumed.length > 0
              ? `Resumed: ${resumed.map(nameOf).join(', ')}.`
              : 'It was not paused.',
          )
          const { paused } = await operator.pauses.list()
          if (paused[ALL_SERIES])
            print('All series are still paused. Resume them with: dawnpost resume --all')
        },
        EXISTING,
      )
    })
