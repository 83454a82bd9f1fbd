/**
 * The proxies of deploy/, real ones with TLS; only names, ports and files differ from there.
 */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { freePort } from './free-port.ts'
import { until } from './wait.ts'

const PROGRAMS = { nginx: '/usr/sbin/nginx', caddy: '/usr/bin/caddy' } as const
export type ProxyName = keyof typeof PROGRAMS
export const hasProxy = (name: ProxyName) =>
  existsSync(PROGRAMS[name]) && existsSync('/usr/bin/openssl')

const NAME = 'courses.example.com'
const run = promisify(execFile)
const deployed = (file: string) =>
  readFile(new URL(`../../deploy/${file}`, import.meta.url), 'utf8')

interface Place {
  readonly folder: string
  readonly backend: number
  readonly plain: number
  readonly tls: number
}

export interface Answer {
  readonly status: number
  readonly body: string
}

export interface Proxy extends AsyncDisposable {
  /** Over TLS, with the certificate checked. */
  ask(
    path: string,
    options?: { headers?: Record<string, string>; form?: URLSearchParams },
  ): Promise<Answer>
  /** Its log of requests. */
  logged(): Promise<string>
}

/** Starts it in front of the server on port `backend`. */
export async function startProxy(name: ProxyName, backend: number): Promise<Proxy> {
  const folder = await mkdtemp(join(tmpdir(), `dawnpost-${name}-`))
  const place = { folder, backend, plain: await freePort(), tls: await freePort() }
  await makeCertificate(folder)
  const args = await (name === 'nginx' ? nginx(place) : caddy(place))
  const env = { ...process.env, HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder }
  const child = spawn(PROGRAMS[name], args, { stdio: ['ignore', 'ignore', 'pipe'], env })
  const ended = once(child, 'close')
  let said = ''
  child.stderr.on('data', (text: Buffer) => {
    said += text
  })
  const ca = await readFile(join(folder, 'cert.pem'))
  const ask: Proxy['ask'] = (path, options = {}) => over(ca, place.tls, path, options)
  const isUp = () =>
    child.exitCode !== null ||
    ask('/healthz').then(
      () => true,
      () => false,
    )
  await until(`${name} to answer`, isUp)
  if (child.exitCode !== null) throw new Error(`${name} ended: ${said}`)
  return {
    ask,
    logged: () => readFile(join(folder, 'dawnpost.log'), 'utf8'),
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGTERM')
      await ended
      await rm(folder, { recursive: true })
    },
  }
}

async function makeCertificate(folder: string) {
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const what = [
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:prime256v1',
    '-nodes',
    '-days',
    '2',
  ]
  const whose = ['-subj', `/CN=${NAME}`, '-addext', `subjectAltName=DNS:${NAME}`]
  await run('openssl', ['req', ...what, ...whose, '-keyout', key, '-out', cert])
}

/** Checks the configuration with `nginx -t`, and returns the arguments to run it. */
async function nginx({ folder, backend, plain, tls }: Place): Promise<string[]> {
  const site = (await deployed('nginx.conf'))
    .replaceAll(/^ *listen \[::\].*\n/gm, '')
    .replace('listen 80;', `listen 127.0.0.1:${plain};`)
    .replace('listen 443', `listen 127.0.0.1:${tls}`)
    .replace('127.0.0.1:3000', `127.0.0.1:${backend}`)
    .replace(/(?<=ssl_certificate )[^;]+/, join(folder, 'cert.pem'))
    .replace(/(?<=ssl_certificate_key )[^;]+/, join(folder, 'key.pem'))
    .replaceAll('/var/log/nginx', folder)
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((kind) => `${kind}_temp_path ${join(folder, kind)};`)
    .join(' ')
  const file = join(folder, 'nginx.conf')
  await writeFile(
    file,
    `daemon off; master_process off; pid ${join(folder, 'pid')}; error_log stderr;\nevents {}\nhttp { ${temporary}\n${site}}\n`,
  )
  await run(PROGRAMS.nginx, ['-t', '-q', '-c', file, '-p', folder])
  return ['-c', file, '-p', folder]
}

async function caddy({ folder, backend, plain, tls }: Place): Promise<string[]> {
  const site = (await deployed('Caddyfile'))
    .replace(
      `${NAME} {`,
      `${NAME} {\n\ttls ${join(folder, 'cert.pem')} ${join(folder, 'key.pem')}\n\tbind 127.0.0.1`,
    )
    .replace('127.0.0.1:3000', `127.0.0.1:${backend}`)
  const file = join(folder, 'Caddyfile')
  await writeFile(file, `{\n\tadmin off\n\thttp_port ${plain}\n\thttps_port ${tls}\n}\n${site}`)
  await run(PROGRAMS.caddy, ['validate', '--adapter', 'caddyfile', '--config', file])
  return ['run', '--adapter', 'caddyfile', '--config', file]
}

function over(
  ca: Buffer,
  port: number,
  path: string,
  { headers = {}, form }: NonNullable<Parameters<Proxy['ask']>[1]>,
): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>()
  const body = form?.toString()
  const asking = request(
    {
      host: '127.0.0.1',
      port,
      path,
      ca,
      servername: NAME,
      agent: false,
      method: form ? 'POST' : 'GET',
      headers: {
        Host: NAME,
        ...headers,
        ...(form && {
          'Content-Type': 'application/x-www-form-urlencoded',
          Origin: `https://${NAME}`,
        }),
      },
    },
    async (answer) => {
      const text = Buffer.concat(await answer.toArray()).toString()
      resolve({ status: answer.statusCode ?? 0, body: text })
    },
  )
  asking.on('error', reject).end(body)
  return promise
}
