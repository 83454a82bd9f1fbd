import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineConfig } from 'vitest/config'
import { LongFirst } from './support/long-first.ts'
import { temporaryFolder } from './support/memory.ts'

// Here, so that the servers and every test file find them.
process.env.NODE_COMPILE_CACHE ??= join(tmpdir(), 'node-compile-cache')
process.env.TMPDIR = temporaryFolder()

export default defineConfig({
  test: {
    root: new URL('../', import.meta.url).pathname,
    include: ['test/**/*.test.ts'],
    // They have servers and a run of their own: npm run test:browsers.
    exclude: ['test/browsers/**'],
    globalSetup: ['test/support/servers.ts'],
    setupFiles: ['test/support/temporal-equality.ts'],
    // Real servers on two cores: a slow machine is no failure, a hang is.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    sequence: { sequencer: LongFirst },
    // One more than the cores of the smallest machine: much of a test is waiting for a server or a
    // browser.
    maxWorkers: 3,
    pool: 'forks',
    // What a test makes is thrown away with it: with more room for the young, less is carried over.
    execArgv: ['--max-semi-space-size=64'],
    // Node reads the files by itself, as it reads those of the program: nothing has to transform
    // them.
    experimental: { viteModuleRunner: false, nodeLoader: false },
    // Files share a process, and load the program once: no test changes anything that belongs to
    // the whole of it.
    isolate: false,
  },
})
