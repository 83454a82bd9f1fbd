/**
 * `npm test`: types, style and tests beside one another, since the tests begin by waiting for their
 * servers. What is found in types or style ends the tests. Arguments are Vitest's.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const cwd = fileURLToPath(new URL('../', import.meta.url))
const start = (name, ...args) => spawn(name, args, { cwd, stdio: ['ignore', 'inherit', 'inherit'] })
const codeOf = async (program) => (await once(program, 'exit'))[0] ?? 1

// A terminal sends it to all of us: the tests still stop their servers.
process.on('SIGINT', () => {})
const config = ['--config', 'test/vitest.config.ts']
const tests = start('vitest', 'run', ...config, ...process.argv.slice(2))
process.on('SIGTERM', () => tests.kill('SIGINT'))
// More threads only do the same work twice, and there is none to spare.
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
