import { type Context, example, type Register } from './command.ts'
import type { Half } from './run.ts'

/** The three ways to run Dawnpost until it is stopped. */
export const start: Register = (program, context) => {
  program
    .command('start')
    .description('run everything in one process: web pages, planner and sender')
    .addHelpText('after', example('PORT=8080 dawnpost start'))
    .action(() => runHalves(['web', 'worker'], context))

  program
    .command('web')
    .description('run the web pages only')
    .addHelpText('after', example('DATABASE_URL=postgres://… REDIS_URL=redis://… dawnpost web'))
    .action(() => runHalves(['web'], context))

  program
    .command('worker')
    .description('run the planner and sender only; start as many as you need')
    .addHelpText(
      'after',
      example('DATABASE_URL=postgres://… REDIS_URL=redis://… SMTP_URL=smtp://… dawnpost worker'),
    )
    .action(() => runHalves(['worker'], context))
}

async function runHalves(halves: readonly Half[], { readConfig, print, stop }: Context) {
  // Read first, so that its faults are reported without loading everything else.
  const config = await readConfig()
  const { run } = await import('./run.ts')
  await run(config, halves, { print, stop: stop.orderly() })
}
