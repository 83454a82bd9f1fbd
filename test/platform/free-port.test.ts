import { readFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import { firstFreePort, freePort } from '../../src/platform/free-port.ts'
import { until } from '../support/wait.ts'

async function listening(port: number, address?: string) {
  const server = createServer().listen(port, address)
  onTestFinished(() => void server.close())
  await until('it listens', () => server.listening)
}

it('a free port is outside the range that the system uses for outgoing connections', async () => {
  const range = await readFile('/proc/sys/net/ipv4/ip_local_port_range', 'utf8')
  const [first = 0, last = 0] = range.trim().split(/\s+/).map(Number)
  for (let times = 0; times < 20; times += 1) {
    const port = await freePort()
    expect(port < first || port > last, `${port} is not from ${first} to ${last}`).toBe(true)
  }
})

it('a free port is one on which nobody listens, on any address', async () => {
  await listening(32_000, '127.0.0.1')
  await listening(32_001, '127.0.0.2')
  await listening(32_002)
  expect(await firstFreePort(32_000, 4, 0)).toBe(32_003)
  await expect(firstFreePort(32_000, 3, 1)).rejects.toThrow(
    'Every port from 32000 to 32002 is in use.',
  )
})
