/** Copies one of Dawnpost's templates into the site, to be changed there. */
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { messageOf, Problem } from '../domain/problem.ts'
import { originMarkOf, ourTemplates, placesNamed } from '../platform/ejected.ts'
import type { SiteFolder } from '../platform/site-folder.ts'
import { example, type Print, type Register } from './command.ts'

export const ejectCommand: Register = (program, { site, print }) =>
  program
    .command('eject')
    .description('copy a template of mails or pages into the site, to change it there')
    .argument('[template]', 'such as lesson.mjml, or pages/front.hbs')
    .option('--list', 'list all templates')
    .addHelpText('after', example('dawnpost eject lesson.mjml'))
    .action(async (name, { list }) => {
      const folder = site()
      if (list) for (const place of (await ourTemplates()).keys()) print(place)
      else await eject(name ?? '', folder, print)
    })

async function eject(name: string, { templates }: SiteFolder, print: Print): Promise<void> {
  const sources = await ourTemplates()
  const [place, ...others] = placesNamed(name, sources.keys())
  if (place === undefined)
    throw new Problem('invalid', 'operator.eject.unknown', { params: { name } })
  if (others.length > 0)
    throw new Problem('invalid', 'operator.eject.several', {
      params: { name, places: [place, ...others].join(', ') },
    })
  const source = sources.get(place) ?? ''
  const file = join(templates, place)
  try {
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, `${originMarkOf(source)}\n${source}`, { flag: 'wx' })
  } catch (cause) {
    const isTaken = (cause as NodeJS.ErrnoException).code === 'EEXIST'
    throw isTaken
      ? new Problem('invalid', 'operator.eject.taken', { params: { file: `templates/${place}` } })
      : new Problem('unavailable', 'operator.eject.not-written', {
          params: { file, cause: messageOf(cause) },
          cause,
        })
  }
  print(
    `templates/${place} is yours to change. It is used from the next start on; delete it to use Dawnpost's again.`,
  )
}
