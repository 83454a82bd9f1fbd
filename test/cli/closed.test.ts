/**
 * The first command of the README, where most people run it: in a folder that other accounts cannot
 * read.
 */
import { access, chmod, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { type Account, type Checkout, canReach, giveTo, openCheckout } from '../support/checkout.ts'
import { freePort } from '../support/free-port.ts'
import { command, openFolder, run, started } from '../support/program.ts'
import { until } from '../support/wait.ts'

const isRoot = process.getuid?.() === 0
const NOBODY: Account = { uid: 65_534, gid: 65_534 }

interface How {
  readonly settings?: Readonly<Record<string, string>>
  readonly account?: Partial<Account> | undefined
  /** What happens while it runs. */
  readonly meanwhile?: (port: string) => Promise<void>
}

const outbox = async (port: string) => (await fetch(`http://127.0.0.1:${port}/outbox`)).text()

/** Starts the program, checks the front page, and stops it without an error in its log. */
async function showsItsFrontPage(
  { cli, path }: Checkout,
  { settings, account, meanwhile }: How = {},
) {
  const port = String(await freePort())
  const all = { PORT: port, HOME: path, ...settings }
  await using program = await started(['start'], all, { cli, cwd: path, ...account })
  expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toContain('Looking Closely')
  await meanwhile?.(port)
  program.kill('SIGTERM')
  const { code, stderr } = await program.ended
  expect([code, stderr.match(/^.*"level":(50|60).*$/m)]).toEqual([0, null])
}

const modeOf = async (path: string) => ((await stat(path)).mode & 0o777).toString(8)

/** Each test starts the program, and the first one copies the PostgreSQL binaries. */
const LONG = 240_000

describe('a checkout that is closed to others', () => {
  it(
    'starts, starts again after being moved with its data, and with a DATA_DIR elsewhere',
    async () => {
      await using checkout = await openCheckout('closed')
      // Stopping while a mail is being sent can take longer than the time allowed.
      const mailed = (port: string) =>
        until('the mail in the outbox', async () =>
          (await outbox(port)).includes('ada@example.com'),
        )
      await showsItsFrontPage(checkout, {
        meanwhile: async (port) => {
          const DATA_DIR = join(checkout.path, 'data')
          const asked = ['enroll', 'ada@example.com', '--course', 'looking-closely']
          expect(await command(asked, { DATA_DIR })).toMatchObject({ code: 0, stderr: '' })
          await mailed(port)
        },
      })
      const moved = await checkout.moved()
      await showsItsFrontPage(moved, { meanwhile: mailed })
      expect(await modeOf(join(moved.path, '..'))).toBe('700')
      expect(await modeOf(join(moved.path, 'data'))).toBe('700')
      await expect(access(join(moved.path, 'data/postgres/postmaster.pid'))).rejects.toThrow()
      // A DATA_DIR that others can read: the start closes it.
      await using folder = await openFolder()
      const DATA_DIR = join(folder.path, 'made before')
      await rename(join(moved.path, 'data'), DATA_DIR)
      await chmod(DATA_DIR, 0o755)
      await showsItsFrontPage(moved, { settings: { DATA_DIR }, meanwhile: mailed })
      expect(await modeOf(DATA_DIR)).toBe('700')
    },
    LONG,
  )
})

describe('an ordinary account', () => {
  const account = isRoot ? NOBODY : undefined
  let checkout: Checkout | undefined
  afterAll(() => checkout?.[Symbol.asyncDispose]())

  it(
    'starts it in a private home directory whose name has spaces and umlauts',
    async (context) => {
      if (account && !(await canReach(account))) {
        return context.skip(
          'this checkout is closed to other accounts, whose Node and packages they would need',
        )
      }
      checkout = await openCheckout('Jörg Müller', account)
      await showsItsFrontPage(checkout, { account })
    },
    LONG,
  )

  // In the same home directory, given to this account and without data.
  it.runIf(isRoot)(
    'without an entry in /etc/passwd is told so, and what to do',
    async (context) => {
      const nameless = { uid: 54_321, gid: 54_321 }
      if (!checkout || !(await canReach(nameless)))
        return context.skip('this checkout is closed to other accounts')
      const { cli, path: cwd } = checkout
      await rm(join(cwd, 'data'), { recursive: true })
      await giveTo(nameless, join(cwd, '../..'))
      const { code, stdout, stderr } = await run(
        ['start'],
        { HOME: cwd },
        { cli, cwd, ...nameless },
      )
      expect([code, stdout]).toEqual([1, ''])
      expect(stderr).toMatch(
        /^The PostgreSQL .* account 54321 .* not in \/etc\/passwd; .* DATABASE_URL=\S+\n$/,
      )
    },
    LONG,
  )
})
