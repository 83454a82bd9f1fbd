import { describe, expect, it } from 'vitest'
import { command, isPlain, run } from '../support/program.ts'

const COMMANDS = [
  'start',
  'web',
  'worker',
  'migrate',
  'enroll',
  'unsubscribe',
  'mails',
  'export',
  'erase',
  'simulate',
  'init',
  'new',
  'preview',
  'eject',
  'send-test',
  'check',
  'diff',
  'doctor',
  'status',
  'clicks',
  'bounces',
  'unknown',
  'servers',
  'pause',
  'resume',
  'dkim',
  'backup',
  'restore',
  'resume-from-backup',
  'config',
]

describe('help', () => {
  it('lists every command and shows an example', async () => {
    const { code, stdout, stderr } = await run(['--help'])
    expect([code, stderr]).toEqual([0, ''])
    for (const name of COMMANDS) expect(stdout).toMatch(new RegExp(`^  ${name}\\b`, 'm'))
    expect(stdout).toContain('Example:\n  $ dawnpost')
  })

  it.each(COMMANDS)('of %s shows its usage and an example', async (name) => {
    const { code, stdout, stderr } = await command([name, '--help'])
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toContain(`Usage: dawnpost ${name}`)
    expect(stdout).toMatch(new RegExp(`Example:\\n {2}\\$ .*\\bdawnpost ${name}\\b`))
  })
})

describe('wrong use', () => {
  it('exits with 2', async () => {
    expect(await run(['begin'])).toMatchObject({ code: 2, stdout: '', signal: null })
  })

  it.each([
    ['no command', []],
    ['an unknown command', ['begin']],
    ['an unknown option', ['start', '--port', '80']],
    ['an argument too many', ['start', 'now']],
    ['a missing argument', ['enroll']],
    ['a date that is none', ['simulate', '--start', '2027-02-30']],
    ['a number of days that is none', ['simulate', '--days', '0']],
    ['an address that is none', ['enroll', 'nobody']],
    ['a link for a name', ['enroll', 'ada@example.com', '--name', 'evil.example/x']],
    ['a time that is none', ['enroll', 'ada@example.com', '--time', '25:00']],
    ['weekdays that are none', ['enroll', 'ada@example.com', '--weekdays', '1,9']],
    ['a zone that is none', ['simulate', '--zone', 'Mars/Olympus']],
  ])('%s: exits with 2 and says what is wrong', async (_, args) => {
    const { code, stdout, stderr } = await command(args)
    expect(code).toBe(2)
    expect(stdout).toBe('')
    expect(stderr.trim()).not.toBe('')
    expect(isPlain(stderr)).toBe(true)
  })

  it('says what is wrong with an address', async () => {
    const { stderr } = await command(['enroll', 'ada..b@example.com'])
    expect(stderr).toBe(
      '"ada..b@example.com" is not a valid email address.\n  address: There are two dots in a row.\n',
    )
  })
})
