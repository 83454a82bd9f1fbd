/**
 * Debian's Postfix and Dovecot on local ports, each with its own configuration in a folder of the
 * test. They switch accounts, so they need root.
 */
import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createConnection } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { freePort } from './free-port.ts'
import { until } from './wait.ts'

const POSTFIX = '/usr/lib/postfix/sbin'
const DOVECOT = '/usr/sbin/dovecot'

/** Whether they are installed and can run; otherwise there is nothing to test against. */
export const MAIL_SERVERS_ARE_HERE =
  process.getuid?.() === 0 &&
  [`${POSTFIX}/master`, DOVECOT, '/usr/lib/dovecot/imap', '/usr/lib/dovecot/lmtp'].every(
    (file) => spawnSync('test', ['-x', file]).status === 0,
  )

/** A temporary folder that the accounts of the servers can read. */
async function folderFor(name: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), `dawnpost-${name}-`))
  await chmod(folder, 0o755)
  await chmod(tmpdir(), 0o1777).catch(() => {})
  return folder
}

async function isOpen(port: number): Promise<boolean> {
  const socket = createConnection(port, '127.0.0.1')
  const opened = await once(socket, 'connect').then(
    () => true,
    () => false,
  )
  socket.destroy()
  return opened
}

async function stop(child: ChildProcess, folder: string): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    child.kill('SIGTERM')
    await once(child, 'exit')
  }
  await rm(folder, { recursive: true, force: true, maxRetries: 10 })
}

export interface Dovecot extends AsyncDisposable {
  readonly imapPort: number
  readonly lmtpPort: number
  /** `imap://…`, for its only user. */
  readonly url: string
  /** Puts mails into its INBOX as files, without going through the server. */
  put(...mails: (string | Buffer)[]): Promise<void>
  /** Stops it; `start` uses the same ports again. */
  stop(): Promise<void>
  start(): Promise<void>
  log(): Promise<string>
}

interface DovecotTerms {
  /** Further lines of its configuration. */
  readonly lines?: string
}

export async function openDovecot({ lines = '' }: DovecotTerms = {}): Promise<Dovecot> {
  const folder = await folderFor('dovecot')
  const [imapPort, lmtpPort] = [await freePort(), await freePort()]
  const maildir = join(folder, 'mail/Maildir')
  for (const part of ['new', 'cur', 'tmp']) await mkdir(join(maildir, part), { recursive: true })
  const file = join(folder, 'dovecot.conf')
  await writeFile(file, dovecotConf({ folder, imapPort, lmtpPort, lines }))
  await promisify(execFile)('chown', ['-R', 'nobody', join(folder, 'mail')])
  let child: ChildProcess
  const start = async () => {
    child = spawn(DOVECOT, ['-F', '-c', file], { stdio: 'ignore' })
    await until('dovecot', async () => (await isOpen(imapPort)) && (await isOpen(lmtpPort)))
  }
  await start()
  let count = 0
  return {
    imapPort,
    lmtpPort,
    url: `imap://reader:secret@127.0.0.1:${imapPort}/INBOX`,
    put: async (...mails) => {
      for (const mail of mails) {
        const name = `${String(++count).padStart(8, '0')}.M${count}P${process.pid}.test`
        await writeFile(join(maildir, 'tmp', name), mail)
        await promisify(execFile)('chown', ['nobody', join(maildir, 'tmp', name)])
        await promisify(execFile)('mv', [join(maildir, 'tmp', name), join(maildir, 'new', name)])
      }
    },
    stop: async () => {
      child.kill('SIGTERM')
      await once(child, 'exit')
    },
    start,
    log: () => readFile(join(folder, 'dovecot.log'), 'utf8').catch(() => ''),
    [Symbol.asyncDispose]: () => stop(child, folder),
  }
}

interface Conf {
  readonly folder: string
  readonly imapPort: number
  readonly lmtpPort: number
  readonly lines: string
}

const dovecotConf = ({ folder, imapPort, lmtpPort, lines }: Conf) => `base_dir = ${folder}/run
state_dir = ${folder}/state
log_path = ${folder}/dovecot.log
protocols = imap lmtp
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
mail_location = maildir:~/Maildir
first_valid_uid = 1
auth_username_format = %n
passdb {
  driver = static
  args = password=secret
}
userdb {
  driver = static
  args = uid=nobody gid=nogroup home=${folder}/mail
}
service imap-login {
  inet_listener imap {
    port = ${imapPort}
  }
  inet_listener imaps {
    port = 0
  }
}
service lmtp {
  inet_listener lmtp {
    port = ${lmtpPort}
  }
}
mail_max_userip_connections = 50
${lines}
`

export interface Postfix extends AsyncDisposable {
  /** `smtp://…`: accepts all mail from this machine. */
  readonly url: string
  /** The content of its log. */
  log(): Promise<string>
}

interface PostfixTerms {
  /** Where mail for a domain goes: a transport of Postfix. */
  readonly transports: Readonly<Record<string, string>>
  /** Replies of the destination of `example.com` by recipient; others are accepted and dropped. */
  readonly answers: Readonly<Record<string, string>>
}

/**
 * A relay, and the destination of `example.com` on another port of the same Postfix: the relay
 * bounces what that refuses to the envelope sender, in its own format.
 */
export async function openPostfix({ transports, answers }: PostfixTerms): Promise<Postfix> {
  const folder = await folderFor('postfix')
  const [port, destination] = [await freePort(), await freePort()]
  const queues = 'active bounce corrupt defer deferred flush hold incoming maildrop'.split(' ')
  for (const name of [...queues, 'pid', 'private', 'public', 'saved', 'trace'])
    await mkdir(join(folder, 'spool', name), { recursive: true })
  await mkdir(join(folder, 'data'))
  const routes = { 'example.com': `smtp:[127.0.0.1]:${destination}`, ...transports }
  await writeFile(join(folder, 'transport'), tableOf(routes))
  await writeFile(join(folder, 'answers'), tableOf(answers))
  await writeFile(join(folder, 'main.cf'), mainCf(folder))
  await writeFile(join(folder, 'master.cf'), masterCf({ folder, port, destination }))
  await promisify(execFile)('sh', [
    '-c',
    `cd ${folder} && chown root spool spool/pid && chown -R postfix data spool/[!p]* spool/private && chown -R postfix:postdrop spool/maildrop spool/public && chmod 730 spool/maildrop && chmod 710 spool/public`,
  ])
  const child = spawn(`${POSTFIX}/master`, ['-c', folder], { stdio: 'ignore' })
  await until('Postfix', async () => (await isOpen(port)) && (await isOpen(destination)))
  return {
    url: `smtp://127.0.0.1:${port}`,
    log: () => readFile(join(folder, 'postfix.log'), 'utf8').catch(() => ''),
    [Symbol.asyncDispose]: () => stop(child, folder),
  }
}

const tableOf = (table: Readonly<Record<string, string>>) =>
  Object.entries(table)
    .map(([key, value]) => `${key} ${value}\n`)
    .join('')

const mainCf = (folder: string) => `compatibility_level = 3.6
queue_directory = ${folder}/spool
data_directory = ${folder}/data
daemon_directory = ${POSTFIX}
command_directory = /usr/sbin
maillog_file = ${folder}/postfix.log
maillog_file_prefixes = /
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = relay.example
mydestination =
mynetworks = 127.0.0.0/8
alias_maps =
alias_database =
smtpd_relay_restrictions = permit_mynetworks, reject
smtp_dns_support_level = disabled
transport_maps = texthash:${folder}/transport
default_transport = error:no route
minimal_backoff_time = 1s
maximal_backoff_time = 2s
queue_run_delay = 1s
`

interface Master {
  readonly folder: string
  readonly port: number
  readonly destination: number
}

const masterCf = ({
  folder,
  port,
  destination,
}: Master) => `127.0.0.1:${port} inet n - n - 100 smtpd
127.0.0.1:${destination} inet n - n - 100 smtpd
  -o smtpd_recipient_restrictions=check_recipient_access,texthash:${folder}/answers,permit
  -o content_filter=discard:
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
lmtp unix - - n - - lmtp
relay unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
`
