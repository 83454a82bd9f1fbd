/** Where settings come from: the environment, files that it names, .env and dawnpost.yaml. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { loadConfig } from '../../src/app/configuration.ts'
import { masked } from '../../src/platform/masked.ts'
import { siteAt } from '../../src/platform/site-folder.ts'
import { command } from '../support/program.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dawnpost-config-'))
  await write('dawnpost.yaml', '')
})
afterEach(() => rm(folder, { recursive: true }))

const write = async (name: string, text: string) => {
  await writeFile(join(folder, name), text)
  return join(folder, name)
}
const configOf = (env: Record<string, string>) =>
  loadConfig({ env, folder: siteAt(folder), cwd: tmpdir() })

interface Printed {
  readonly site: string
  readonly dotenvIgnored: string | null
  readonly settings: readonly { name: string; value: string | null; from: string; file?: string }[]
  readonly faults: readonly string[]
}
async function printed(env: Record<string, string> = {}) {
  const { code, stdout } = await command(['config', '--json', '--site', folder], env)
  const all: Printed = JSON.parse(stdout)
  const of = (name: string) => {
    const { name: _, ...one } = all.settings.find((setting) => setting.name === name) ?? {}
    return one
  }
  return { ...all, code, of }
}

it('the environment wins, then .env, then dawnpost.yaml, then the defaults', async () => {
  const sender = 'sender: Ada <ada@yaml.example>\nreplyTo: reply@yaml.example\n'
  await write('dawnpost.yaml', `${sender}postalAddress: 1 Yaml Lane\nurl: http://yaml.example\n`)
  await write('.env', 'REPLY_TO=reply@dotenv.example\nPOSTAL_ADDRESS="2 Dotenv Lane"\nPORT=4001\n')
  const env = { POSTAL_ADDRESS: '3 Environment Lane' }
  const { code, site, of } = await printed(env)
  expect([code, site]).toEqual([0, folder])
  expect(of('MAIL_FROM')).toEqual({ value: 'Ada <ada@yaml.example>', from: 'dawnpost.yaml' })
  expect(of('REPLY_TO')).toEqual({ value: 'reply@dotenv.example', from: '.env' })
  expect(of('POSTAL_ADDRESS')).toEqual({ value: '3 Environment Lane', from: 'environment' })
  expect(of('DATABASE_CONNECTIONS')).toEqual({ value: '10', from: 'default' })
  expect(of('DATA_DIR')).toEqual({ value: join(folder, 'data'), from: 'default' })
  expect(await configOf(env)).toMatchObject({
    dataDir: join(folder, 'data'),
    http: { port: 4001, publicUrl: 'http://yaml.example' },
    mail: {
      from: { name: 'Ada', address: 'ada@yaml.example', replyTo: 'reply@dotenv.example' },
      postalAddress: '3 Environment Lane',
    },
  })
})

it('a file that a variable names is read, and its faults are reported', async () => {
  const file = await write('token', '  sixteen letters and more \n')
  const env = { READYZ_TOKEN_FILE: file.replace('token', './token'), SECRET_KEY_FILE: file }
  const { of, code, faults } = await printed({ ...env, DATABASE_URL_FILE: join(folder, 'gone') })
  expect(of('SECRET_KEY')).toEqual({ value: '********', from: 'file', file })
  expect(code).toBe(1)
  expect(faults).toEqual([
    'READYZ_TOKEN: use at least 16 letters, digits and symbols, without spaces',
    `DATABASE_URL: DATABASE_URL_FILE names ${join(folder, 'gone')}, which cannot be read (ENOENT)`,
  ])
  expect((await configOf({ SECRET_KEY_FILE: file })).secretKeys).toEqual([
    'sixteen letters and more',
  ])
})

it('setting both a variable and its file is a fault, and so is an empty file', async () => {
  const file = await write('empty', '\n')
  const { faults } = await printed({ PORT: '80', PORT_FILE: file, HOST_FILE: file })
  expect(faults).toEqual([
    `HOST: HOST_FILE names ${file}, which is empty`,
    'PORT: is set, and so is PORT_FILE; use one of them',
  ])
})

it('a .env is ignored in production, even when it sets NODE_ENV=production itself', async () => {
  await write('.env', 'PORT=4001\nDATA_DIR=elsewhere\n')
  expect((await configOf({})).dataDir).toBe(join(folder, 'elsewhere'))
  const live = await printed({ NODE_ENV: 'production' })
  expect(live.of('PORT')).toEqual({ value: '3000', from: 'default' })
  expect(live.dotenvIgnored).toMatch(/^NODE_ENV is production/)
  await write('.env', 'PORT=4001\nNODE_ENV=production\n')
  const { code, of, dotenvIgnored } = await printed()
  expect([code, of('PORT')]).toEqual([0, { value: '3000', from: 'default' }])
  expect(dotenvIgnored).toMatch(/^it says NODE_ENV=production/)
})

it('all faults are reported at once, each with its location', async () => {
  await write(
    'dawnpost.yaml',
    'name: [a]\nlinks:\n  imprint: imprint.html\nfoot: x\nrhythm:\n  time: 7\n',
  )
  const { code, stdout } = await command(['config', '--site', folder], { PORT: 'x' })
  expect(code).toBe(1)
  expect(stdout.split('Dawnpost cannot start with these settings:\n')[1]).toBe(
    [
      '  dawnpost.yaml:1:1 name: must be one line of text; put it in quotes',
      '  dawnpost.yaml:3:3 links.imprint: must be an https:// address, or a path like /imprint',
      '  dawnpost.yaml:6:3 rhythm.time: must be a time like "07:00", in quotes',
      '  dawnpost.yaml:4:1 foot: is not a known key; remove or rename it',
      '  PORT: cannot use "x"; use a whole number from 0 to 65535',
      '',
    ].join('\n'),
  )
})

it.each([
  [
    'SMTP_URL',
    'smtp://ada:pa@ss:word/#?@relay.example:587',
    'smtp://ada:********@relay.example:587',
  ],
  ['SMTP_URL_2', 'smtp://token:token@relay.example', 'smtp://********@relay.example'],
  [
    'SMTP_URL',
    'smtp://relay.example?dkimKey=secret&rate=5',
    'smtp://relay.example?dkimKey=********&rate=5',
  ],
  ['DATABASE_URL', 'postgres://h/db?password=x', 'postgres://h/db?password=********'],
  ['REDIS_URL', 'redis+cluster://u:p@a:1,b:2', 'redis+cluster://u:********@a:1,b:2'],
  ['REDIS_URL', 'a password by mistake', '********'],
  ['SECRET_KEY', 'anything', '********'],
  ['MAIL_FROM', 'Ada <ada@example.com>', 'Ada <ada@example.com>'],
])('%s: %s is shown as %s', (name, text, shown) => {
  expect(masked(name, text)).toBe(shown)
})
