import { example, type Register, withSubscriber } from './command.ts'

/** Deletes a person and everything stored about them (standards.md H6). */
export const erase: Register = (program, { readConfig, print }) =>
  program
    .command('erase')
    .description('delete everything stored about someone, permanently')
    .argument('<address>', 'email address')
    .addHelpText('after', example('dawnpost erase you@example.com'))
    .action(async (address) =>
      withSubscriber(await readConfig(), address, async (app, id) => {
        await app.reader.erase(id)
        print('Deleted. Only the owner of this address can enroll it again, on the page.')
      }),
    )
