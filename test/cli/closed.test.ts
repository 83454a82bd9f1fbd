/**
 * The first command of the README, where most people run it: in a folder that is closed to others.
 */
import { access, mkdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { freePort } from '../../src/platform/free-port.ts'
import { type Account, type Checkout, canReach, openCheckout } from '../support/checkout.ts'
import { openFolder, run, started } from '../support/program.ts'
import { until } from '../support/wait.ts'

const isRoot = process.getuid?.() === 0
const NOBODY: Account = { uid: 65_534, gid: 65_534 }

interface How {
  readonly settings?: Readonly<Record<string, string>>
  readonly account?: Partial<Account> | undefined
  /**
   * Who waits for a mail that is sent first: a stop in the middle of it may take longer than a stop
   * may.
   */
  readonly mailed?: string
}

const outbox = async (port: string) => (await fetch(`http://127.0.0.1:${port}/outbox`)).text()

/** Starts it, sees the front page, stops it, and sees that PostgreSQL is gone with it. */
async function showsItsFrontPage({ cli, path }: Checkout, { settings, account, mailed }: How = {}) {
  const port = String(await freePort())
  const all = { PORT: port, HOME: path, ...settings }
  await using program = await started(['start'], all, { cli, cwd: path, ...account })
  expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toContain('Looking Closely')
  if (mailed)
    await until('the mail in the outbox', async () => (await outbox(port)).includes(mailed))
  program.kill('SIGTERM')
  const { code, stderr } = await program.ended
  expect([code, stderr.match(/^.*"level":(50|60).*$/m)]).toEqual([0, null])
}

const modeOf = async (path: string) => ((await stat(path)).mode & 0o777).toString(8)

/** Each starts the program several times, and the first time copies the programs of PostgreSQL. */
const LONG = 240_000

describe('a checkout that is closed to others', () => {
  it(
    'starts, starts again, and starts after it was moved, with its data in it',
    async () => {
      await using checkout = await openCheckout('closed')
      await showsItsFrontPage(checkout)
      const enrolled = await run(
        ['enroll', 'ada@example.com', '--course', 'looking-closely'],
        {},
        { cli: checkout.cli, cwd: checkout.path },
      )
      expect(enrolled).toMatchObject({ code: 0, stderr: '' })
      const moved = await checkout.moved()
      await showsItsFrontPage(moved, { mailed: 'ada@example.com' })
      const status = await run(['status', '--json'], {}, { cli: moved.cli, cwd: moved.path })
      expect(JSON.parse(status.stdout).enrollments).toEqual({ pending: 1 })
      expect(await modeOf(join(moved.path, '..'))).toBe('700')
      expect(await modeOf(join(moved.path, 'data'))).toBe('700')
      await expect(access(join(moved.path, 'data/postgres/postmaster.pid'))).rejects.toThrow()
    },
    LONG,
  )

  it(
    'starts with a DATA_DIR elsewhere, closed or open, and closes it',
    async () => {
      await using checkout = await openCheckout('closed')
      await using folder = await openFolder()
      await mkdir(join(folder.path, 'made before'), { mode: 0o755 })
      for (const name of ['made before', 'made by us']) {
        await showsItsFrontPage(checkout, { settings: { DATA_DIR: join(folder.path, name) } })
        expect(await modeOf(join(folder.path, name))).toBe('700')
      }
    },
    LONG,
  )
})

describe('an ordinary account', () => {
  const account = isRoot ? NOBODY : undefined

  it(
    'starts it in a home that is closed, with spaces and umlauts in its name',
    async (context) => {
      if (account && !(await canReach(account))) {
        return context.skip(
          'this checkout is closed to other accounts, whose Node and packages they would need',
        )
      }
      await using checkout = await openCheckout('Jörg Müller', account)
      await showsItsFrontPage(checkout, { account })
      await showsItsFrontPage(await checkout.moved(), { account })
    },
    LONG,
  )

  it.runIf(isRoot)(
    'that has no name is told so, and what to do',
    async (context) => {
      const nameless = { uid: 54_321, gid: 54_321 }
      if (!(await canReach(nameless)))
        return context.skip('this checkout is closed to other accounts')
      await using checkout = await openCheckout('nameless', nameless)
      const place = { cli: checkout.cli, cwd: checkout.path, ...nameless }
      const { code, stdout, stderr } = await run(['start'], { HOME: checkout.path }, place)
      expect([code, stdout]).toEqual([1, ''])
      expect(stderr).toMatch(
        /^The PostgreSQL .* account 54321 .* not in \/etc\/passwd; .* DATABASE_URL=\S+\n$/,
      )
    },
    LONG,
  )
})
