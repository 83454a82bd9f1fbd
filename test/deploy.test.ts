/** The deployment files in the repository match what the program reads. */

import { execFile, spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { type Env, readConfig } from '../src/platform/config.ts'
import * as paths from '../src/platform/paths.ts'
import { BUILT_IN_SITE } from '../src/platform/site-folder.ts'
import { importedFile, importsOf, sources } from './support/rooms.ts'
import { ROOT } from './support/root.ts'

const read = (file: string) => readFileSync(new URL(file, ROOT), 'utf8')

/** Every setting named in config.ts: `env.PORT`, `'SMTP_URL'`. */
const SETTINGS = new Set(
  [...read('src/platform/config.ts').matchAll(/(?:'|env\.)([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*)\b/g)]
    .map(([, name = '']) => name)
    .filter((name) => name.length > 3),
)

/** The settings in .env.example, including those that are commented out. */
const EXAMPLE = new Map(
  [...read('.env.example').matchAll(/^#?([A-Z][A-Z0-9_]+)=(.*)$/gm)].map(
    ([, name = '', value = '']) => [name, value],
  ),
)

describe('.env.example', () => {
  it.each([...SETTINGS])('and README name %s', (name) => {
    expect([...EXAMPLE.keys()]).toContain(name)
    expect(read('README.md')).toContain(`\`${name}\``)
  })

  it('is checked for the settings of config.ts', () => {
    expect([...SETTINGS]).toEqual(
      expect.arrayContaining([
        'PORT',
        'NODE_ENV',
        'DATABASE_URL',
        'SMTP_URL',
        'READYZ_TOKEN',
        'PROOF_ABOVE',
      ]),
    )
  })

  it('names no setting that nobody reads', () => {
    // Also those of compose.yaml, of OpenTelemetry, and the one that names the site.
    const known = [
      ...SETTINGS,
      'SMTP_URL_2',
      'POSTGRES_PASSWORD',
      'GRAFANA_PORT',
      'OTEL_SERVICE_NAME',
      'SITE_DIR',
    ]
    expect([...EXAMPLE.keys()].filter((name) => !known.includes(name))).toEqual([])
  })

  it('is enough for production once its secrets are filled in', () => {
    const on = read('.env.example').matchAll(/^([A-Z][A-Z0-9_]+)=(.*)$/gm)
    const env: Env = Object.fromEntries([...on].map(([, name, value]) => [name, value]))
    expect(() => readConfig(env)).toThrow(/^SECRET_KEY: missing/)
    expect(readConfig({ ...env, SECRET_KEY: 'x'.repeat(44) }).http.trustProxy).toBe(1)
  })
})

it('compose.yaml has a web process, two workers, and stores that persist', () => {
  const { services } = parse(read('compose.yaml'), { merge: true })
  expect(services.web).toMatchObject({
    command: ['web'],
    environment: { REDIS_URL: 'redis://redis:6379' },
  })
  expect(services.worker).toMatchObject({ command: ['worker'], deploy: { replicas: 2 } })
  expect(services.redis.command.join(' ')).toBe(
    'redis-server --appendonly yes --maxmemory-policy noeviction',
  )
  expect(services.postgres.volumes).toEqual(['postgres:/var/lib/postgresql'])
})

describe('the metrics of compose.yaml', () => {
  const { services, secrets, volumes } = parse(read('compose.yaml'), { merge: true })
  const prometheus = parse(read('deploy/prometheus.yml'))

  it('are collected only on request, and are visible only from this machine', () => {
    const watching = Object.keys(services).filter((name) => services[name].profiles)
    expect(watching).toEqual(['prometheus', 'grafana'])
    for (const name of watching) expect(services[name].profiles).toEqual(['metrics'])
    expect(services.prometheus.ports).toBeUndefined()
    expect(services.grafana.ports).toEqual([expect.stringMatching(/^127\.0\.0\.1:/)])
  })

  it('use only files and volumes that exist', () => {
    const mounts: string[] = [services.prometheus, services.grafana].flatMap((one) => one.volumes)
    const sources = mounts.map((mount) => mount.split(':')[0] ?? '')
    for (const source of sources) {
      if (source.startsWith('./')) expect(existsSync(new URL(source, ROOT)), source).toBe(true)
      else expect(volumes).toHaveProperty(source)
    }
  })

  it('are scraped from the pages with the token, under the job name of the alerts', () => {
    const [job] = prometheus.scrape_configs
    expect([job.job_name, job.static_configs]).toEqual(['dawnpost', [{ targets: ['web:3000'] }]])
    const [{ source }] = services.prometheus.secrets
    expect(job.authorization).toEqual({ credentials_file: `/run/secrets/${source}` })
    expect(secrets[source]).toEqual({ environment: 'READYZ_TOKEN' })
    expect(services.web.environment.PORT).toBe(3000)
    expect(services.prometheus.volumes).toContain(
      './deploy/alerts.yml:/etc/prometheus/alerts.yml:ro',
    )
    expect(prometheus.rule_files).toEqual(['alerts.yml'])
  })

  it('are shown by the dashboard from that Prometheus', () => {
    const [source] = parse(read('deploy/grafana/datasource.yml')).datasources
    expect(source).toMatchObject({
      type: 'prometheus',
      url: 'http://prometheus:9090',
      isDefault: true,
    })
    const [provider] = parse(read('deploy/grafana/dashboards.yml')).providers
    expect(services.grafana.volumes).toContain(
      `./deploy/grafana-dashboard.json:${provider.options.path}/dawnpost.json:ro`,
    )
  })

  it.skipIf(spawnSync('promtool', ['--version']).status !== 0)(
    'have a configuration that promtool accepts',
    async () => {
      const promtool = (...args: string[]) =>
        promisify(execFile)('promtool', args, { cwd: new URL('deploy', ROOT) })
      // Only the syntax, since the file with the token exists only in the container.
      await promtool('check', 'config', '--syntax-only', 'prometheus.yml')
      expect((await promtool('check', 'rules', 'alerts.yml')).stdout).toContain('SUCCESS')
      expect((await promtool('test', 'rules', 'alerts.test.yml')).stdout).toContain('SUCCESS')
    },
  )
})

it('the program has the same heap and malloc arenas however it is started', () => {
  const { start = '', dawnpost = '' } = JSON.parse(read('package.json')).scripts
  const [shebang = ''] = read('src/bin.mjs').split('\n')
  const starts = [start, dawnpost, shebang, read('deploy/dawnpost.service'), read('Dockerfile')]
  const flags = starts.map((text) => text.match(/--(max-semi|heap)[a-z-]+=\d+/g))
  expect(flags).toEqual(starts.map(() => ['--max-semi-space-size=8', '--heap-growing-percent=10']))
  for (const text of starts) expect(text).toContain('MALLOC_ARENA_MAX=1')
})

it('Dockerfile copies what the program loads, and runs it as an unprivileged account', () => {
  const text = read('Dockerfile')
  const copied = [...text.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, files = '']) =>
    files.split(' '),
  )
  for (const file of copied) expect(existsSync(new URL(file, ROOT)), file).toBe(true)
  const imported = [...sources]
    .flatMap(([file, source]) => importsOf(file, source))
    .filter(({ target }) => target.startsWith('.'))
    .map(importedFile)
  const folders = [...Object.values(paths), BUILT_IN_SITE.courses, BUILT_IN_SITE.settings]
    .map((path) => relative(fileURLToPath(ROOT), path))
    .filter(Boolean)
  const needed = new Set([...imported, ...folders].map((path) => path.split('/')[0] ?? ''))
  expect(needed).toContain('locales')
  expect(needed.difference(new Set(copied))).toEqual(new Set())
  const admitted = read('.dockerignore').matchAll(/^!(.+)$/gm)
  expect([...admitted].map(([, name]) => name).sort()).toEqual([...new Set(copied)].sort())
  expect(text).toMatch(/^USER node$/m)
  expect(text).toMatch(/^HEALTHCHECK /m)
})

it.skipIf(!existsSync('/usr/bin/systemd-analyze'))(
  'systemd accepts dawnpost.service without warnings',
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'dawnpost-unit-'))
    const unit = join(folder, 'dawnpost.service')
    const text = read('deploy/dawnpost.service')
    expect(text).toMatch(/^KillMode=mixed$/m)
    await writeFile(unit, text.replaceAll('/opt/dawnpost', ROOT.pathname.slice(0, -1)))
    const { stdout, stderr } = await promisify(execFile)('systemd-analyze', [
      'verify',
      '--man=no',
      unit,
    ])
    await rm(folder, { recursive: true })
    expect(stdout + stderr).toBe('')
  },
)
