/**
 * Debian's Postfix, if installed, as a relay: it forwards what it accepts to another server.
 */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from './free-port.ts'
import { until } from './wait.ts'

const MASTER_PROGRAM = '/usr/lib/postfix/sbin/master'
/** It switches accounts, so it needs root. */
export const hasPostfix = existsSync(MASTER_PROGRAM) && process.getuid?.() === 0

const OF_POSTFIX = ['active', 'bounce', 'corrupt', 'defer', 'deferred', 'flush', 'hold', 'incoming']
const FOLDERS = [...OF_POSTFIX, 'maildrop', 'private', 'public', 'saved', 'trace']

export interface PostfixRelay extends AsyncDisposable {
  readonly url: string
}

/** Relays to a server on this machine. */
export async function startPostfix(toPort: number): Promise<PostfixRelay> {
  const folder = await mkdtemp(join(tmpdir(), 'dawnpost-postfix-'))
  await chmod(folder, 0o755)
  const port = await freePort()
  for (const name of [...FOLDERS, 'pid'])
    await mkdir(join(folder, 'spool', name), { recursive: true })
  await mkdir(join(folder, 'data'))
  await writeFile(join(folder, 'main.cf'), settings(folder, toPort))
  await writeFile(join(folder, 'master.cf'), SERVICES.replace('PORT', `127.0.0.1:${port}`))
  const owned = FOLDERS.map((name) => join(folder, 'spool', name))
  execFileSync('chown', ['-R', 'postfix', join(folder, 'data'), ...owned])
  for (const name of ['maildrop', 'public']) {
    execFileSync('chgrp', ['postdrop', join(folder, 'spool', name)])
    await chmod(join(folder, 'spool', name), name === 'public' ? 0o710 : 0o730)
  }
  const master = spawn(MASTER_PROGRAM, ['-c', folder, '-d'], { stdio: 'ignore' })
  const ended = once(master, 'exit')
  await until('Postfix to listen', () => isOpen(port))
  return {
    url: `smtp://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => {
      master.kill('SIGTERM')
      await ended
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function isOpen(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}

const settings = (folder: string, toPort: number) => `compatibility_level = 3.6
queue_directory = ${folder}/spool
data_directory = ${folder}/data
daemon_directory = /usr/lib/postfix/sbin
command_directory = /usr/sbin
maillog_file = ${folder}/postfix.log
maillog_file_prefixes = /
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = relay.example
mydestination =
alias_maps =
alias_database =
smtputf8_enable = yes
smtpd_relay_restrictions = permit_mynetworks, reject
relayhost = [127.0.0.1]:${toPort}
smtp_dns_support_level = disabled
`

/** As in Debian, but without chroot. */
const SERVICES = `PORT inet n - n - 100 smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
`
