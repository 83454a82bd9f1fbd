import { once } from 'node:events'
import { createServer } from 'node:net'

/**
 * Returns whether a program could listen on the port now, on any address of this machine. Checks
 * all addresses together, since a program that listens on all of them blocks each single one, too.
 */
async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port)
  try {
    await once(server, 'listening')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EADDRINUSE' || code === 'EACCES') return false
    throw error
  }
  server.close()
  await once(server, 'close')
  return true
}

/**
 * Returns a port of this machine that was free a moment ago. It is outside the system's ephemeral
 * range, above all that of outgoing connections (32768 and up on Linux, 49152 and up elsewhere),
 * which could otherwise take it before it is listened on.
 */
export const freePort = () => firstFreePort(10_000, 10_000, Math.floor(Math.random() * 10_000))

/**
 * Returns the first free one of `count` ports from `from`. The search starts `skip` ports in and
 * wraps around. Throws if none is free.
 */
export async function firstFreePort(from: number, count: number, skip: number): Promise<number> {
  for (let tries = 0; tries < count; tries += 1) {
    const port = from + ((skip + tries) % count)
    if (await isFree(port)) return port
  }
  throw new Error(`Every port from ${from} to ${from + count - 1} is in use.`)
}
