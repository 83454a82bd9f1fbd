/** The command line, run on the real process. */
import { runCommand } from './program.ts'
import { openStop } from './stop.ts'

const { DAWNPOST_PARENT: parent } = process.env
delete process.env.DAWNPOST_PARENT

// `dawnpost … | head` closes the pipe early, which is not a failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit(0)
})

process.exitCode = await runCommand(process.argv.slice(2), {
  env: process.env,
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
  isTTY: process.stderr.isTTY,
  stop: openStop(parent === undefined ? null : Number(parent)),
})
