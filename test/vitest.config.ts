import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineConfig } from 'vitest/config'
import { LongFirst } from './support/long-first.ts'
import { temporaryFolder } from './support/memory.ts'

// Set here, so that the servers and every test file use them.
process.env.NODE_COMPILE_CACHE ??= join(tmpdir(), 'node-compile-cache')
process.env.TMPDIR = temporaryFolder()

export default defineConfig({
  test: {
    root: new URL('../', import.meta.url).pathname,
    include: ['test/**/*.test.ts'],
    // They need other browsers and have a run of their own: npm run test:browsers.
    exclude: ['test/browsers/**'],
    globalSetup: ['test/support/servers.ts'],
    setupFiles: ['test/support/temporal-equality.ts'],
    // Real servers on two cores: a slow machine must not fail a test, but a hang must.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    sequence: { sequencer: LongFirst },
    // One more than the smallest machine has cores, since tests often wait for a server or browser.
    maxWorkers: 3,
    pool: 'forks',
    // The objects of a test are short-lived: a larger young generation promotes fewer of them.
    execArgv: ['--max-semi-space-size=64'],
    // Node runs the files directly, like those of the program: nothing has to transform them.
    experimental: { viteModuleRunner: false, nodeLoader: false },
    // Files share a process and load the program once: no test changes the state of the process.
    isolate: false,
  },
})
