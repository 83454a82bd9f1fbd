import { once } from 'node:events'
import { createServer } from 'node:net'

/**
 * Whether a program could listen on it now, on any address of this machine. Asked for all of them
 * at once, since who listens on all is in the way of one, too.
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
 * A port of this machine that was free a moment ago. It is none of those that the system gives to
 * whoever asks for any port, to outgoing connections above all (32768 and up on Linux, 49152 and up
 * elsewhere): between being found and being listened on, it would go to one of them now and then.
 */
export const freePort = () => firstFreePort(10_000, 10_000, Math.floor(Math.random() * 10_000))

/** The first free one of `count` ports, beginning `skip` after `from`, which follows the last. */
export async function firstFreePort(from: number, count: number, skip: number): Promise<number> {
  for (let tries = 0; tries < count; tries += 1) {
    const port = from + ((skip + tries) % count)
    if (await isFree(port)) return port
  }
  throw new Error(`Every port from ${from} to ${from + count - 1} is in use.`)
}
