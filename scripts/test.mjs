/**
 * `npm test`: runs types, style and tests concurrently, since the tests begin by waiting for their
 * servers. A fault in types or style stops the tests. Arguments are Vitest's.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const cwd = fileURLToPath(new URL('../', import.meta.url))
const start = (name, ...args) => spawn(name, args, { cwd, stdio: ['ignore', 'inherit', 'inherit'] })
const codeOf = async (program) => (await once(program, 'exit'))[0] ?? 1

// A terminal sends SIGINT to all processes: this one waits until the tests have stopped their
// servers.
process.on('SIGINT', () => {})
const config = ['--config', 'test/vitest.config.ts']
const tests = start('vitest', 'run', ...config, ...process.argv.slice(2))
process.on('SIGTERM', () => tests.kill('SIGINT'))
// More threads would only repeat work, and no core is free.
const checks = [
  start('tsc', '--noEmit', '--singleThreaded'),
  start('biome', 'check', '--error-on-warnings'),
].map(async (program) => {
  const code = await codeOf(program)
  if (code !== 0) tests.kill('SIGINT')
  return code
})
const codes = await Promise.all([...checks, codeOf(tests)])
process.exit(codes.find((code) => code !== 0) ?? 0)
