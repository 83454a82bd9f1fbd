/** A real pgbouncer in front of the PostgreSQL of the tests, if it is installed. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { freePort } from './free-port.ts'

const PROGRAM = '/usr/sbin/pgbouncer'
export const hasPgbouncer = existsSync(PROGRAM)

export interface Pgbouncer extends AsyncDisposable {
  /** The address of the same database through it. */
  readonly url: string
}

const CONNECTIONS = 3

/** Opens all connections at once, so that later transactions are spread over them. */
async function openAll(url: string) {
  const clients = Array.from(
    { length: CONNECTIONS },
    () => new pg.Client({ connectionString: url }),
  )
  for (const client of clients) {
    await client.connect()
    await client.query('begin; select 1')
  }
  for (const client of clients) {
    await client.query('commit')
    await client.end()
  }
}

/**
 * In transaction mode, with fewer connections than clients, so that no client keeps the same
 * connection for long.
 */
export async function startPgbouncer(url: string): Promise<Pgbouncer> {
  const { hostname, port, username, password } = new URL(url)
  const folder = await mkdtemp(join(tmpdir(), 'dawnpost-pgbouncer-'))
  await chmod(folder, 0o755)
  const own = await freePort()
  const [settings, users] = [join(folder, 'pgbouncer.ini'), join(folder, 'users.txt')]
  await writeFile(users, `"${decodeURIComponent(username)}" "${decodeURIComponent(password)}"\n`)
  await writeFile(
    settings,
    `[databases]
* = host=${hostname} port=${port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${own}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = ${users}
pool_mode = transaction
default_pool_size = ${CONNECTIONS}
server_round_robin = 1
`,
  )
  // It refuses to run as root.
  const account = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {}
  const child = spawn(PROGRAM, [settings], { stdio: ['ignore', 'ignore', 'pipe'], ...account })
  const ended = once(child, 'close')
  let said = ''
  await new Promise<void>((resolve, reject) => {
    child.once('exit', () => reject(new Error(`pgbouncer ended: ${said}`)))
    child.stderr.on('data', (text: Buffer) => {
      said += text
      if (said.includes('process up')) resolve()
    })
  })
  const through = new URL(url)
  through.host = `127.0.0.1:${own}`
  await openAll(through.href)
  return {
    url: through.href,
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL')
      await ended
      await rm(folder, { recursive: true })
    },
  }
}
