/** What stands in the repository for running it elsewhere keeps to what the program reads. */
import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { type Env, readConfig } from '../src/config.ts'

const ROOT = new URL('../', import.meta.url)
const read = (file: string) => readFileSync(new URL(file, ROOT), 'utf8')

/** Every setting that config.ts names: `text('PORT')`, `env.NODE_ENV`. */
const SETTINGS = new Set(
  [...read('src/config.ts').matchAll(/(?:'|env\.)([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*)\b/g)]
    .map(([, name = '']) => name)
    .filter((name) => name.length > 3),
)

/** The lines of .env.example, those that are off as well. */
const EXAMPLE = new Map(
  [...read('.env.example').matchAll(/^#?([A-Z][A-Z0-9_]+)=(.*)$/gm)].map(([, name = '', value = '']) => [
    name,
    value,
  ]),
)

describe('.env.example', () => {
  it.each([...SETTINGS])('and README name %s', (name) => {
    expect([...EXAMPLE.keys()]).toContain(name)
    expect(read('README.md')).toContain(`\`${name}\``)
  })

  it('finds the settings', () => {
    expect([...SETTINGS]).toEqual(
      expect.arrayContaining(['PORT', 'NODE_ENV', 'DATABASE_URL', 'SMTP_URL', 'READYZ_TOKEN', 'PROOF_ABOVE']),
    )
  })

  it('names nothing that is not read', () => {
    const known = [...SETTINGS, 'SMTP_URL_2', 'POSTGRES_PASSWORD']
    expect([...EXAMPLE.keys()].filter((name) => !known.includes(name))).toEqual([])
  })

  it('is enough for production once its secrets are filled in', () => {
    const on = read('.env.example').matchAll(/^([A-Z][A-Z0-9_]+)=(.*)$/gm)
    const env: Env = Object.fromEntries([...on].map(([, name, value]) => [name, value]))
    expect(() => readConfig(env)).toThrow(/^SECRET_KEY: missing/)
    expect(readConfig({ ...env, SECRET_KEY: 'x'.repeat(44) }).http.trustProxy).toBe(1)
  })
})

it('compose.yaml has pages, two workers, and stores that lose nothing', () => {
  const { services } = parse(read('compose.yaml'), { merge: true })
  expect(services.web).toMatchObject({ command: ['web'], environment: { REDIS_URL: 'redis://redis:6379' } })
  expect(services.worker).toMatchObject({ command: ['worker'], deploy: { replicas: 2 } })
  expect(services.redis.command.join(' ')).toBe('redis-server --appendonly yes --maxmemory-policy noeviction')
  expect(services.postgres.volumes).toEqual(['postgres:/var/lib/postgresql'])
})

it('Dockerfile copies what the program loads, for an account without rights', () => {
  const text = read('Dockerfile')
  const copied = [...text.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, files = '']) =>
    files.split(' '),
  )
  for (const file of copied) expect(existsSync(new URL(file, ROOT)), file).toBe(true)
  const admitted = read('.dockerignore').matchAll(/^!(.+)$/gm)
  expect([...admitted].map(([, name]) => name).sort()).toEqual([...new Set(copied)].sort())
  expect(text).toMatch(/^USER node$/m)
  expect(text).toMatch(/^HEALTHCHECK /m)
})

it.skipIf(!existsSync('/usr/bin/systemd-analyze'))('systemd understands dawnpost.service', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'dawnpost-unit-'))
  const unit = join(folder, 'dawnpost.service')
  const text = read('deploy/dawnpost.service')
  expect(text).toMatch(/^KillMode=mixed$/m)
  await writeFile(unit, text.replaceAll('/opt/dawnpost', ROOT.pathname.slice(0, -1)))
  const { stdout, stderr } = await promisify(execFile)('systemd-analyze', ['verify', '--man=no', unit])
  await rm(folder, { recursive: true })
  expect(stdout + stderr).toBe('')
})
