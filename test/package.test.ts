/**
 * The package from `npm pack`, in an empty folder: from init to a lesson in the outbox.
 */

import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freePort } from './support/free-port.ts'
import { run, started } from './support/program.ts'
import { ROOT_PATH } from './support/root.ts'
import { until } from './support/wait.ts'

const MEGABYTE = 1_000_000
/** Shows which packages `npm install --omit=optional` leaves out. */
const LOCK: Record<string, { optional?: boolean }> = JSON.parse(
  await readFile(join(ROOT_PATH, 'package-lock.json'), 'utf8'),
).packages

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dawnpost-package-'))
  const npm = (cwd: string, ...args: string[]) => promisify(execFile)('npm', args, { cwd })
  const { stdout } = await npm(ROOT_PATH, 'pack', '--silent', '--pack-destination', folder)
  const quietly = ['--no-audit', '--no-fund', '--prefer-offline', '--omit=dev']
  // Without --prefix npm would use the first parent folder that has packages.
  await npm(folder, 'install', '--prefix', folder, ...quietly, `./${stdout.trim()}`)
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const dawnpost = (cwd: string) => ({ cli: join(folder, 'node_modules/dawnpost/src/bin.mjs'), cwd })

describe('the package', () => {
  it('contains the program as JavaScript, the files it reads, and nothing else', async () => {
    const top = await readdir(join(folder, 'node_modules/dawnpost'))
    expect(top.toSorted()).toEqual([
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'dist',
      'docs',
      'package.json',
      'src',
    ])
    const names = await readdir(join(folder, 'node_modules/dawnpost'), { recursive: true })
    expect(names.filter((name) => name.endsWith('.ts'))).toEqual([])
  })

  it('takes less than 200 MB with its dependencies, and less than 100 without optional ones', async () => {
    const modules = join(folder, 'node_modules')
    const entries = await readdir(modules, { recursive: true, withFileTypes: true })
    const sizes = await Promise.all(
      entries
        .filter((one) => one.isFile())
        .map(async ({ parentPath, name }) => {
          const path = join(parentPath, name)
          return { path: path.slice(folder.length + 1), size: (await stat(path)).size }
        }),
    )
    const optional = Object.keys(LOCK).filter((name) => LOCK[name]?.optional)
    const sum = (files: typeof sizes) => files.reduce((total, { size }) => total + size, 0)
    const needed = sizes.filter(({ path }) => !optional.some((name) => path.startsWith(`${name}/`)))
    expect(sum(sizes)).toBeLessThan(200 * MEGABYTE)
    expect(sum(needed)).toBeLessThan(100 * MEGABYTE)
  })

  it('leads from init through check and simulate to a lesson in the outbox', async () => {
    expect(await run(['check'], {}, dawnpost(folder))).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^There is no site here.* dawnpost init my-site/),
    })
    expect(await run(['init', 'my-site'], {}, dawnpost(folder))).toMatchObject({ code: 0 })
    const site = join(folder, 'my-site')
    expect(await run(['check'], {}, dawnpost(site))).toMatchObject({ code: 0 })
    const lived = await run(['simulate', '--days', '3'], {}, dawnpost(site))
    expect(lived).toMatchObject({ code: 0 })
    const port = String(await freePort())
    await using _ = await started(['start'], { PORT: port }, dawnpost(site))
    const enrolling = ['enroll', 'ada@example.com', '--confirmed', 'a test']
    expect(await run(enrolling, { PORT: port }, dawnpost(site))).toMatchObject({ code: 0 })
    const outbox = `http://127.0.0.1:${port}/outbox`
    await fetch(`${outbox}/next-morning`, {
      method: 'POST',
      headers: { Origin: new URL(outbox).origin },
    })
    await until('the first lesson', async () =>
      (await (await fetch(outbox)).text()).includes('Your first lesson'),
    )
    expect(await readdir(site)).toContain('data')
  })
})
