import type { App } from '../app/app.ts'
import { EXISTING, example, type Print, type Register, withApp } from './command.ts'

export const clicks: Register = (program, { readConfig, print }) =>
  program
    .command('clicks')
    .description('show how often the links of a course were followed, by readers who agreed')
    .argument('<course>', 'its folder name')
    .option('--json', 'print as JSON')
    .addHelpText('after', example('dawnpost clicks inner-wisdom'))
    .action(async (course: string, { json }: { json?: true }) =>
      withApp(
        await readConfig(),
        async ({ operator }) => {
          const report = await operator.clicks(course)
          if (json) print(JSON.stringify(report))
          else show(report, print)
        },
        EXISTING,
      ),
    )

type Clicks = Awaited<ReturnType<App['operator']['clicks']>>

function show({ counts, readers, links }: Clicks, print: Print) {
  if (!counts) print('The course counts no links: `clicks: count` in its course.yaml would.')
  print(`Readers counted: ${readers.counted} of ${readers.all}`)
  let before: string | null = null
  for (const { lesson, day, url, count } of links) {
    if (lesson !== before) print(day === null ? `${lesson} (no longer in it)` : `${day}. ${lesson}`)
    before = lesson
    print(`${String(count).padStart(7)}  ${url}`)
  }
  if (links.length === 0) print('No link was followed yet.')
  print(
    'At least so often: only readers who agreed are counted, each link of a mail once, for 30 days.',
  )
}
