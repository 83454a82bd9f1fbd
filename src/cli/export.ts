import { example, type Register, withSubscriber } from './command.ts'

/** Prints everything stored about a person, as JSON (standards.md H5). */
export const exportData: Register = (program, { readConfig, print }) =>
  program
    .command('export')
    .description('print everything stored about someone, as JSON')
    .argument('<address>', 'email address')
    .addHelpText('after', example('dawnpost export you@example.com > you.json'))
    .action(async (address) =>
      withSubscriber(await readConfig(), address, async (app, id) =>
        print(JSON.stringify(await app.reader.exportData(id), null, 2)),
      ),
    )
