/** Pausing and resuming a series on the command line. */
import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import { pausedSeries } from '../../src/store/index.ts'
import { type TestApp, testApp } from '../support/app.ts'
import { command } from '../support/program.ts'

let test: TestApp
let url = ''
beforeAll(async () => {
  test = await testApp({
    through: async (given) => {
      url = given
      return given
    },
  })
})
afterAll(() => test?.[Symbol.asyncDispose]())

const dawnpost = (...args: string[]) =>
  command(args, {
    DATABASE_URL: url,
    REDIS_URL: inject('redisUrl'),
    SECRET_KEY: 'a key for tests and for nothing else',
    POSTAL_ADDRESS: '1 Test Lane, Testville',
  })
const said = async (...args: string[]) => (await dawnpost(...args)).stdout

it('pauses a series, shows it, and resumes it', async () => {
  expect(await said('pause', 'inner-wisdom')).toMatch(
    /^Paused: inner-wisdom\. Mail that people request/,
  )
  expect(await said('pause', 'inner-wisdom')).toBe('Already paused: inner-wisdom.\n')
  expect(await said('status')).toMatch(
    /^PAUSED {7}inner-wisdom, since \S+: An operator paused it\. Mail waits until you run dawnpost resume\.$/m,
  )
  expect(JSON.parse(await said('status', '--json')).paused).toMatchObject({
    'inner-wisdom': { reason: 'operator', evidence: null },
  })
  expect(await said('resume', 'inner-wisdom')).toBe('Resumed: inner-wisdom.\n')
  expect(await said('resume', 'inner-wisdom')).toBe('It was not paused.\n')
})

it('pauses all series, and says so when one of them is resumed', async () => {
  expect(await said('pause', '--all')).toMatch(/^Paused: all series\./)
  expect(await said('resume', 'inner-wisdom')).toBe(
    'It was not paused.\nAll series are still paused. Resume them with: dawnpost resume --all\n',
  )
  expect(await said('resume', '--all')).toBe('Resumed: all series.\n')
  expect(await said('status')).not.toContain('PAUSED')
})

it('a warning appears as a notice in the status', async () => {
  const now = test.app.now()
  const warning = { series: 'inner-wisdom', evidence: { count: 2, of: 1_500 } }
  await pausedSeries.warn(test.db, warning, { now: Temporal.Now.instant(), quietSince: now })
  expect(await said('status')).toMatch(
    /^NOTICE {7}inner-wisdom: 2 readers marked its mail as spam within 24 hours; 1500 mails were sent \(0\.13 %\)/m,
  )
})

it.each([[['pause']], [['resume', 'inner-wisdom', '--all']], [['pause', 'no-such']]])(
  '%j is rejected as wrong use',
  async (args) => {
    expect((await dawnpost(...args)).code).toBe(2)
  },
)
