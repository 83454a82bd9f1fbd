import { example, type Register, withApp } from './command.ts'

/**
 * Opening the app runs the migrations, and creates the queue's tables if they are in the same
 * database.
 */
export const migrate: Register = (program, { readConfig, print }) =>
  program
    .command('migrate')
    .description('bring the database up to date')
    .addHelpText('after', example('DATABASE_URL=postgres://… dawnpost migrate'))
    .action(async () => {
      const config = await readConfig()
      const queueWhenNeeded = config.redisUrl !== null || undefined
      await withApp(config, async () => print('The database is up to date.'), { queueWhenNeeded })
    })
