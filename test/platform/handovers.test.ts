/** The file of handovers that a killed worker leaves behind. */
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { handedOverBy, openHandovers } from '../../src/platform/handovers.ts'
import { folder } from '../content/folder.ts'

const BOOT_ID = '/proc/sys/kernel/random/boot_id'
const idNumber = (n: number) => `00000000-0000-7000-8000-${String(n).padStart(12, '0')}`
function opened(path: string, worker = 'host:0:a') {
  const handovers = openHandovers(path, { worker, seconds: 60 })
  handovers.leased(performance.now(), false)
  handovers.beforeClaim()
  return handovers
}

it.runIf(existsSync(BOOT_ID))(
  'the file lists handovers begun and not ended, and stays small',
  async () => {
    await using at = await folder({})
    const handovers = opened(at.path)
    const long = idNumber(0)
    handovers.hold([long]).beginHandover()
    for (let n = 1; n <= 2_000; n++) {
      const hold = handovers.hold([idNumber(n), idNumber(10_000 + n)])
      handovers.hold([idNumber(20_000 + n)])
      hold.beginHandover()
      if (n < 2_000) hold.release()
    }
    const told = await handedOverBy(at.path, 'host:0:a')
    expect([told?.has(long), told?.has(idNumber(2_000)), told?.has(idNumber(22_000))]).toEqual([
      true,
      true,
      false,
    ])
    const [file = ''] = await readdir(join(at.path, 'in-flight'))
    expect((await readFile(join(at.path, 'in-flight', file))).length).toBeLessThan(200)
  },
)

it.runIf(existsSync(BOOT_ID))('the file says which mails a server has accepted', async () => {
  await using at = await folder({})
  const handovers = opened(at.path)
  const [taken, other] = [handovers.hold([idNumber(1), idNumber(2)]), handovers.hold([idNumber(3)])]
  taken.beginHandover()
  other.beginHandover()
  taken.markAccepted('0123456789abcdef'.repeat(2))
  other.markAccepted('not a hash')
  expect(await handedOverBy(at.path, 'host:0:a')).toEqual(
    new Map([
      [idNumber(1), '0123456789abcdef'.repeat(2)],
      [idNumber(2), '0123456789abcdef'.repeat(2)],
      [idNumber(3), null],
    ]),
  )
  // A mail that reuses its place in the file does not inherit this.
  taken.release()
  handovers.hold([idNumber(4)]).beginHandover()
  expect((await handedOverBy(at.path, 'host:0:a'))?.get(idNumber(4))).toBeNull()
})

it('the file is ignored after a reboot, in an old format, or while its process is alive', async () => {
  await using at = await folder({})
  opened(at.path).hold([idNumber(1)])
  expect(await handedOverBy(at.path, 'host:0:a')).toEqual(new Map())
  const [file = ''] = await readdir(join(at.path, 'in-flight'))
  const path = join(at.path, 'in-flight', file)
  const bytes = await readFile(path)
  await writeFile(path, Buffer.concat([Buffer.from('another'), bytes.subarray(7)]))
  expect(await handedOverBy(at.path, 'host:0:a')).toBeNull()
  // The format of an older version: ids only, without editions.
  const boot = (await readFile(BOOT_ID, 'utf8')).trim()
  const ids = Buffer.from(`${idNumber(1)}${idNumber(2)}`.replaceAll('-', ''), 'hex')
  await writeFile(path, Buffer.concat([Buffer.from(boot.padEnd(48, '\n')), ids]))
  expect(await handedOverBy(at.path, 'host:0:a')).toBeNull()
  const living = `host:${process.pid}:a`
  opened(at.path, living).hold([idNumber(1)])
  expect(await handedOverBy(at.path, living)).toBeNull()
  expect(await handedOverBy(at.path, 'host:0:b')).toBeNull()
})

it('without a folder no file is written, and sending goes on', async () => {
  await using at = await folder({})
  const nowhere = join(at.path, 'none')
  const handovers = opened(nowhere)
  handovers.hold([idNumber(1)]).beginHandover()
  expect(existsSync(nowhere)).toBe(false)
  await mkdir(nowhere)
  await writeFile(join(nowhere, 'in-flight'), '')
  const others = opened(nowhere)
  others.hold([idNumber(1)]).beginHandover()
})

it('the file is removed when the worker ends normally', async () => {
  await using at = await folder({})
  const handovers = opened(at.path)
  const hold = handovers.hold([idNumber(1)])
  hold.beginHandover()
  hold.release()
  handovers.close()
  expect(await readdir(join(at.path, 'in-flight'))).toEqual([])
})

it('a handover does not begin once its lease has expired, even if that is renewed later', async () => {
  await using at = await folder({})
  const handovers = opened(at.path)
  const late = handovers.hold([idNumber(1)])
  handovers.leased(performance.now() - 60_000, true)
  expect(late.beginHandover).toThrow('not ours')
  handovers.leased(performance.now(), false)
  expect(late.beginHandover).toThrow('not ours')
  const inTime = handovers.hold([idNumber(2)])
  handovers.leased(performance.now() - 50_000, true)
  inTime.beginHandover()
})

it('a mail belongs to its latest claim when it is claimed again before an earlier run ends', async () => {
  await using at = await folder({})
  const handovers = opened(at.path)
  const first = handovers.hold([idNumber(1)])
  first.beginHandover()
  const second = handovers.hold([idNumber(1)])
  first.release()
  expect(handovers.isHolding()).toBe(true)
  second.beginHandover()
  expect(await handedOverBy(at.path, 'host:0:a')).toEqual(new Map([[idNumber(1), null]]))
  expect(first.beginHandover).toThrow('not ours')
  second.release()
  expect(handovers.isHolding()).toBe(false)
})
