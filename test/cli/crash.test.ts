import { describe, expect, it } from 'vitest'
import { isAlive } from '../../src/platform/is-alive.ts'
import { freePort } from '../support/free-port.ts'
import {
  command,
  isPlain,
  launch,
  openFolder,
  openSiteFolder,
  started,
} from '../support/program.ts'
import { until } from '../support/wait.ts'

describe('after kill -9', () => {
  it('the next start takes over, has lost no subscriber, and leaves nothing after SIGINT', async () => {
    await using folder = await openSiteFolder()
    const settings = { DATA_DIR: folder.path, PORT: String(await freePort()) }
    const url = `http://127.0.0.1:${settings.PORT}`
    const outbox = async () => (await fetch(`${url}/outbox`)).text()
    const mailed = (address: string) =>
      until(`mail to ${address}`, async () => (await outbox()).includes(address))

    await using first = await started(['start'], settings)
    await command(['enroll', 'ada@example.com', '--confirmed', 'a test'], settings)
    await mailed('ada@example.com')
    const left = (await folder.postmaster()) ?? 0
    first.kill('SIGKILL')
    expect((await first.ended).signal).toBe('SIGKILL')
    expect(isAlive(left)).toBe(true)

    await using second = await started(['start'], settings)
    expect((await fetch(`${url}/readyz`)).status).toBe(200)
    expect(await outbox()).toContain('ada@example.com')
    await command(['enroll', 'bob@example.com', '--confirmed', 'a test'], settings)
    await mailed('bob@example.com')
    const status = JSON.parse((await command(['status', '--json'], settings)).stdout)
    expect(status.enrollments).toEqual({ active: 2 })

    const postmaster = (await folder.postmaster()) ?? 0
    second.kill('SIGINT')
    const { code, signal, stderr } = await second.ended
    expect([code, signal]).toEqual([0, null])
    expect(isPlain(stderr)).toBe(true)
    await folder.empty()
    await until('PostgreSQL to be gone', () => !isAlive(left) && !isAlive(postmaster))
  })
})

describe('a signal during startup', () => {
  it('stops it, with 0 if startup can finish in time, and leaves nothing behind', async () => {
    await using folder = await openFolder()
    const settings = { DATA_DIR: folder.path, PORT: String(await freePort()) }
    await using program = launch(['start'], settings)
    await until('its PostgreSQL', async () => (await folder.postmaster()) !== null)
    program.kill('SIGTERM')
    const { code, signal } = await program.ended
    // After four seconds it exits without having finished its startup.
    expect([[0, 143], null]).toEqual([expect.arrayContaining([code]), signal])
    await folder.empty()
  })
})
