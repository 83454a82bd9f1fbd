import { defineConfig } from 'vitest/config'
import base from '../vitest.config.ts'

/** The journeys in engines other than Chromium: `npm run test:browsers`. */
export default defineConfig({
  test: { ...base.test, include: ['test/browsers/*.test.ts'], exclude: [], maxWorkers: 2 },
})
