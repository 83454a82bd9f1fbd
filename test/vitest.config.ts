import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    root: new URL('../', import.meta.url).pathname,
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/servers.ts'],
    // Real servers on two cores: a slow machine is no failure, a hang is.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
    pool: 'forks',
  },
})
