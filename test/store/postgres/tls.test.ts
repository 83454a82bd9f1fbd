/** `sslmode`, with the meaning it has in libpq, against a PostgreSQL that uses TLS. */
import { chmod, chown, copyFile, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { readConfig } from '../../../src/platform/config.ts'
import { openLog } from '../../../src/platform/log.ts'
import { openQueue } from '../../../src/queue/queue.ts'
import { type Embedded, openEmbedded } from '../../../src/store/postgres/embedded.ts'
import { openDatabase } from '../../../src/store/postgres/sql.ts'
import { serverFolder, testMachine } from '../../support/postgres.ts'
import { until } from '../../support/wait.ts'

const fixture = (name: string) =>
  fileURLToPath(new URL(`../../fixtures/tls/${name}.pem`, import.meta.url))
/** `require ca`: the mode and the name of the root certificate. */
function settingsOf(terms: string) {
  const [mode, root] = terms.split(' ')
  return `sslmode=${mode}${root ? `&sslrootcert=${encodeURIComponent(fixture(root))}` : ''}`
}

let folder: string
let server: Embedded
beforeAll(async () => {
  const machine = testMachine()
  folder = await serverFolder(machine)
  const first = await openEmbedded(folder, { machine })
  await first.close()
  await show('other-name')
  server = await openEmbedded(folder, {
    machine,
    settings: ['fsync=off', 'ssl=on', 'ssl_cert_file=server.pem', 'ssl_key_file=key.pem'],
  })
})
afterAll(async () => {
  await server?.close()
  await rm(folder, { recursive: true, force: true })
})

/** Gives the server a certificate. The key must be private, or the server refuses it. */
async function show(certificate: string) {
  const { uid, gid } = await stat(join(folder, 'postgres'))
  for (const [from, to] of [
    ['key', 'key'],
    [certificate, 'server'],
  ] as const) {
    const file = join(folder, 'postgres', `${to}.pem`)
    await copyFile(fixture(from), file)
    await chown(file, uid, gid)
    await chmod(file, 0o600)
  }
}

/** Has the server load the certificate, as `pg_ctl reload` does. */
async function publish(certificate: string) {
  await show(certificate)
  const [pid = ''] = (await readFile(join(folder, 'postgres', 'postmaster.pid'), 'utf8')).split(
    '\n',
  )
  process.kill(Number(pid), 'SIGHUP')
}

const addressWith = (terms: string) =>
  readConfig({ DATABASE_URL: `${server.url}?${settingsOf(terms)}` }).databaseUrl ?? ''

/** Whether a connection is encrypted, or why there is none. */
async function connecting(terms: string): Promise<boolean | string> {
  try {
    const { pool, close } = await openDatabase(addressWith(terms), () => {})
    const { rows } = await pool.query('select ssl from pg_stat_ssl where pid = pg_backend_pid()')
    await close()
    return rows[0].ssl
  } catch (error) {
    return String(error)
  }
}

const UNKNOWN =
  /^Problem: .*(unable to (get local issuer|verify the first) certificate|self-signed)/

describe('a server with a certificate of a private CA for another name', () => {
  it.each([
    ['disable', false],
    ['prefer', true],
    ['require', true],
    ['require ca', true],
    ['verify-ca ca', true],
    ['require self-signed', UNKNOWN],
    ['verify-ca self-signed', UNKNOWN],
    ['verify-ca', UNKNOWN],
    ['verify-full', UNKNOWN],
    ['verify-full ca', /^Problem: .*does not match certificate's altnames/],
  ])('%s', async (terms, outcome) => {
    const found = await connecting(terms)
    if (typeof outcome === 'boolean') expect(found).toBe(outcome)
    else expect(found).toMatch(outcome)
  })
})

it('verify-full accepts a certificate for the right name, for the queue, too', async () => {
  await publish('good')
  const trust = 'verify-full ca'
  await until('the server to show it', async () => (await connecting(trust)) === true)
  const databaseUrl = addressWith(trust)
  const queue = await openQueue({ redisUrl: null, databaseUrl, prefix: '' }, openLog('silent'))
  expect(await queue.depth()).toBe(0)
  await queue.close()
})

it('a server without TLS is refused when TLS is required', async () => {
  const { databaseUrl } = readConfig({ DATABASE_URL: `${inject('databaseUrl')}?sslmode=require` })
  await expect(openDatabase(databaseUrl ?? '', () => {})).rejects.toThrow(/does not support SSL/)
})
