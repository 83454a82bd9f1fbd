import type { App } from '../app/app.ts'
import { EXISTING, example, type Print, type Register, withApp } from './command.ts'

export const clicks: Register = (program, { readConfig, print }) =>
  program
    .command('clicks')
    .description('show how often readers who agreed to be counted followed the links of a course')
    .argument('<course>', 'folder name of the course')
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
  if (!counts)
    print('The course does not count links. Set `clicks: count` in its course.yaml to count them.')
  print(`Readers counted: ${readers.counted} of ${readers.all}`)
  let before: string | null = null
  for (const { lesson, day, url, count } of links) {
    if (lesson !== before)
      print(day === null ? `${lesson} (no longer in the course)` : `${day}. ${lesson}`)
    before = lesson
    print(`${String(count).padStart(7)}  ${url}`)
  }
  if (links.length === 0) print('No link has been followed yet.')
  print(
    'These are minimums: only readers who agreed are counted, each link once per mail, for 30 days.',
  )
}
