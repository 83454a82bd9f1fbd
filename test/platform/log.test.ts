/** The log, run in a process of its own because it writes to standard error. */
import { spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'

const LOG = new URL('../../src/platform/log.ts', import.meta.url).href

interface Line {
  readonly msg?: string
  readonly repeated?: number
  readonly err?: {
    readonly type: string
    readonly message: string
    readonly stack: string
    readonly code?: string
  }
}

/** Runs `statements` with a `log`, and returns the lines written. */
function logged(statements: string, level = 'info') {
  const source = `import { openLog } from ${JSON.stringify(LOG)}; const log = openLog('${level}'); ${statements}`
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ['--input-type=module', '--eval', source],
    {
      encoding: 'utf8',
    },
  )
  const written = stderr.split('\n').filter((line) => line.startsWith('{'))
  return { stdout, stderr, lines: written.map((line) => JSON.parse(line) as Line) }
}

describe('the log', () => {
  it('writes a line of JSON to standard error and nothing to standard output', () => {
    const { stdout, lines } = logged(`log.info({ delivery: 'an-id' }, 'sent')`)
    expect(stdout).toBe('')
    expect(lines).toEqual([
      { level: 30, time: expect.stringMatching(/^\d{4}-.*Z$/), delivery: 'an-id', msg: 'sent' },
    ])
  })

  it('is silent below its level', () => {
    expect(logged(`log.info('x'); log.warn('y')`, 'warn').lines.map(({ msg }) => msg)).toEqual([
      'y',
    ])
    expect(logged(`log.fatal('x')`, 'silent').stderr).toBe('')
  })
})

describe('an error in the log', () => {
  const SAID = [
    '550 5.1.1 <ada@example.com>: Recipient address rejected',
    'no mailbox for Ada.Lovelace+dawn@sub.example.co.uk here',
    'rcpt to:<ada@example.com>,<ada@example.org>',
    'ada@xn--bcher-kva.example and ada@bücher.example',
    'connect ECONNREFUSED postgres://ada:hush@db.example:5432/dawnpost',
    'redis://:hush@127.0.0.1:6379 is away',
    'smtps://ada:hush@hush@relay.example:465 says no',
    'smtp://ada%40example.com:hush@relay.example',
  ]

  it('contains no address and no password, in message, stack or cause', () => {
    const statements = SAID.map(
      (text, index) => `{
      const text = ${JSON.stringify(text)}
      log.error({ err: new Error(text) }, 'failed')
      log.error({ err: new Error('it failed', { cause: new Error(text) }) }, 'failed')
      log.error({ err: Object.assign(new Error('it failed'), { response: text, recipient: text }) }, 'failed, ${'ABCDEFGH'[index]}')
    }`,
    )
    const { stderr, lines } = logged(statements.join('\n'))
    expect(lines).toHaveLength(3 * SAID.length)
    expect(stderr).not.toMatch(/ada|hush|lovelace/i)
  })

  it('contains none either when the line has no message of its own', () => {
    const { stderr } = logged(
      `const error = new Error('<ada@example.com> rejected'); log.error({ err: error }); log.error(error)`,
    )
    expect(stderr).toContain('rejected')
    expect(stderr).not.toContain('ada@')
  })

  it('still says what happened and where', () => {
    const { lines } = logged(
      `log.warn({ err: Object.assign(new TypeError('550 no such user'), { code: 'EENVELOPE' }) }, 'not sent')`,
    )
    expect(lines[0]?.err).toMatchObject({
      type: 'TypeError',
      message: '550 no such user',
      code: 'EENVELOPE',
    })
    expect(lines[0]?.err?.stack).toMatch(/^TypeError: 550 no such user\n {4}at /)
  })

  it('can be a thrown value that is no Error', () => {
    const { lines } = logged(`log.error({ err: 'out of luck' }, 'failed')`)
    expect(JSON.stringify(lines)).toContain('out of luck')
  })

  it('can be null or undefined', () => {
    const { lines } = logged(
      `log.error({ err: undefined }, 'failed'); log.error({ err: null }, 'failed too')`,
    )
    expect(lines.map(({ msg }) => msg)).toEqual(['failed', 'failed too'])
  })
})

describe('an error that repeats', () => {
  const counts = (lines: readonly Line[]) => lines.map(({ msg, repeated }) => [msg, repeated])

  it('is logged once, and then in one more line with the number of repetitions', () => {
    const { lines } = logged(`
      for (let n = 0; n < 500; n++) log.warn({ err: new Error('READONLY: try ' + n), delivery: n }, 'not queued')`)
    expect(counts(lines)).toEqual([
      ['not queued', undefined],
      ['not queued', 499],
    ])
    expect(lines[1]?.err?.message).toBe('READONLY: try 499')
  })

  it('is logged at intervals while it goes on, and every repetition is counted', () => {
    const { lines } = logged(`
      let written = 0
      for (const end = performance.now() + 2500; performance.now() < end; await new Promise((go) => setTimeout(go, 5))) {
        log.error(new Error('away'))
        written++
      }
      log.info({ written }, 'done')`)
    const said = lines.filter(({ msg }) => msg === 'an error')
    const { written } = lines.find(({ msg }) => msg === 'done') as { written?: number }
    expect(said.reduce((sum, { repeated = 1 }) => sum + repeated, 0)).toBe(written)
    expect(said.length).toBeGreaterThan(2)
    expect(said.length).toBeLessThan(written ?? 0)
  })

  it('suppresses no other error, and no line without one', () => {
    const { lines } = logged(`
      log.warn({ err: new Error('one') }, 'failed'); log.warn({ err: new Error('two') }, 'failed')
      log.error({ err: new Error('two') }, 'failed'); log.warn('failed'); log.warn('failed')`)
    expect(lines).toHaveLength(5)
  })
})
