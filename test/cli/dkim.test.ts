/** A DKIM key, from `dawnpost dkim` to signed mail, and on to the next key. */
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { txtStringsOf } from '../../src/domain/dkim.ts'
import { testApp } from '../support/app.ts'
import { dkimpyOn, hasDkimpy, mailauthOn, rsaKey } from '../support/dkim.ts'
import { dueLesson } from '../support/ledger.ts'
import { keptLog } from '../support/log.ts'
import { openMailbox } from '../support/mailbox.ts'
import { command } from '../support/program.ts'
import { openTxtRecords } from '../support/txt-records.ts'

const MAIL_FROM = 'Ada <morning@courses.example>'
let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dawnpost-dkim-'))
})
afterEach(() => rm(folder, { recursive: true }))

const dkim = (...args: string[]) =>
  command(['dkim', ...args], { DATA_DIR: join(folder, 'data'), MAIL_FROM })
const newKey = async (...args: string[]) => {
  const { code, stdout } = await dkim('new', '--json', ...args)
  expect(code).toBe(0)
  const told = JSON.parse(stdout)
  return { ...told, record: told.value }
}
const sentWith = async (settings = '', log = keptLog().log) => {
  await using mailbox = await openMailbox()
  const all = {
    DATA_DIR: join(folder, 'data'),
    MAIL_FROM,
    SMTP_URL: mailbox.url + settings,
  }
  await using test = await testApp({ env: all, log })
  const { id } = await dueLesson(test)
  await test.app.sender.deliver([id])
  const [received] = mailbox.received
  if (!received) throw new Error('nothing arrived')
  return received.raw
}

it('a key is created once, is private, and is shown with the record to publish', async () => {
  const { code, stdout } = await dkim()
  const month = new Date().toISOString().slice(0, 7).replace('-', '')
  const selector = `dp${month}`
  expect(code).toBe(0)
  const told = await newKey()
  expect(told).toMatchObject({
    domain: 'courses.example',
    selector,
    name: `${selector}._domainkey.courses.example`,
    made: false,
    signs: false,
  })
  expect(told.value).toMatch(/^v=DKIM1; k=rsa; p=MII[\w+/]{380,400}=*$/)
  expect(told.strings).toEqual(txtStringsOf(told.value))
  expect(stdout).toContain(`Name:   ${told.name}\n  Value:  ${told.value}\n`)
  const zone = told.strings.map((text: string) => `"${text}"`).join(' ')
  expect(stdout).toContain(`${told.name}. IN TXT ( ${zone} )`)
  expect(stdout).toContain(`dawnpost dkim use ${selector}`)
  expect((await stat(told.file)).mode & 0o777).toBe(0o600)
  expect((await stat(join(told.file, '..'))).mode & 0o777).toBe(0o700)
  const key = await readFile(told.file, 'utf8')
  // Requested by its selector, it is the same key again; no other file is left there.
  expect(await newKey('--selector', selector)).toMatchObject({ made: false, value: told.value })
  expect(await readFile(told.file, 'utf8')).toBe(key)
  expect(await readdir(join(told.file, '..'))).toEqual([`${selector}.pem`])
})

it('a key signs once it is published and in use, and so does its successor', async () => {
  await using dns = await openTxtRecords()
  const resolver = ['--resolver', dns.address]
  const first = await newKey('--selector', 'one')
  expect(String(await sentWith())).not.toContain('DKIM-Signature')

  const early = await dkim('use', 'one', ...resolver)
  expect(early).toMatchObject({ code: 1, stderr: expect.stringContaining('no DKIM record') })
  expect(await dkim('check', ...resolver)).toMatchObject({ code: 1 })
  dns.records.set(`${first.name}.courses.example`, [first.strings])
  expect((await dkim('use', 'one', ...resolver)).stderr).toContain(
    'enter one._domainkey as its name',
  )
  dns.records.set(first.name, [txtStringsOf(rsaKey().record)])
  expect((await dkim('use', 'one', ...resolver)).stderr).toContain('belongs to another key')
  expect(String(await sentWith())).not.toContain('DKIM-Signature')

  dns.records.set(first.name, [first.strings])
  expect(await dkim('check', 'one', ...resolver)).toMatchObject({
    code: 0,
    stdout: 'one._domainkey.courses.example: published, and matches the key\n',
  })
  expect(await dkim('use', 'one', ...resolver)).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('restart every process'),
  })
  const signed = await sentWith()
  expect(String(signed)).toMatch(/^DKIM-Signature: v=1;/)
  expect(await mailauthOn(signed, first)).toEqual(['pass'])
  if (hasDkimpy) expect(dkimpyOn([signed], first)).toEqual(['pass'])

  // A second key, which does not sign yet.
  const second = await newKey('--selector', 'two')
  expect(await mailauthOn(await sentWith(), first)).toEqual(['pass'])
  dns.records.set(second.name, [second.strings])
  const { stdout } = await dkim('use', 'two', ...resolver)
  const week = Temporal.Now.plainDateISO('UTC').add({ days: 7 })
  expect(stdout).toContain(`Keep one._domainkey.courses.example published until ${week}`)
  expect(await mailauthOn(await sentWith(), second)).toEqual(['pass'])
  const list = (await dkim('list')).stdout
  const today = Temporal.Now.plainDateISO('UTC')
  expect(list).toContain(`one  signed until ${today}; keep its record published until ${week}`)
  expect(list).toContain(`two  signs, since ${today}`)
  // The next request makes a third key: neither of the two is waiting to be used.
  expect(await newKey()).toMatchObject({ made: true })
})

describe('a relay with DKIM settings of its own', () => {
  it('gets mail signed with its own key, or unsigned', async () => {
    await newKey('--selector', 'kept')
    expect(await dkim('use', 'kept', '--unchecked')).toMatchObject({ code: 0 })
    const { privateKey, record } = rsaKey()
    const file = join(folder, 'own.pem')
    await writeFile(file, privateKey, { mode: 0o600 })
    const own = `?dkimDomain=example.org&dkimSelector=own&dkimKey=${encodeURIComponent(file)}`
    const published = { name: 'own._domainkey.example.org', record }
    expect(await mailauthOn(await sentWith(own), published)).toEqual(['pass'])
    expect(String(await sentWith('?dkim=off'))).not.toContain('DKIM-Signature')
  })
})

describe('startup stops with one sentence for a key', () => {
  const start = async (text: string | null) => {
    const file = join(folder, 'broken.pem')
    if (text !== null) await writeFile(file, text, { mode: 0o600 })
    const SMTP_URL = `smtp://127.0.0.1:9?dkimDomain=b.example&dkimSelector=s&dkimKey=${encodeURIComponent(file)}`
    const test = testApp({ env: { DATA_DIR: folder, MAIL_FROM, SMTP_URL } })
    return test.then(
      async (opened) => {
        await opened[Symbol.asyncDispose]()
        return 'started'
      },
      (error: Error) => error.message.replace(file, '<file>'),
    )
  }
  it.each([
    ['that is garbage', 'no key at all', 'it is not a private key in PEM form'],
    ['that is empty', '', 'the file is empty'],
    ['that is too short', rsaKey(1024).privateKey, 'the DKIM key has 1024 bits; it needs 2048'],
    ['that is not there', null, expect.stringContaining('ENOENT')],
  ])('%s', async (_, text, cause) => {
    const told = await start(text)
    if (typeof cause === 'string')
      expect(told).toBe(`The DKIM key <file> cannot be used: ${cause}.`)
    else expect(told).toEqual(cause)
  })

  it('that was in use and is gone, or when selectors.json is broken', async () => {
    const { file } = await newKey('--selector', 'kept')
    await dkim('use', 'kept', '--unchecked')
    await rm(file)
    await expect(sentWith()).rejects.toThrow('The DKIM key')
    await writeFile(join(file, '../selectors.json'), '{')
    await expect(sentWith()).rejects.toThrow('selectors.json cannot be used')
  })
})

it('a key that every account can read still signs, with a warning', async () => {
  const { file, ...published } = await newKey('--selector', 'kept')
  await dkim('use', 'kept', '--unchecked')
  const { log, messages } = keptLog()
  await sentWith('', log)
  expect(messages()).toEqual([])
  await chmod(file, 0o644)
  expect(await mailauthOn(await sentWith('', log), published)).toEqual(['pass'])
  expect(messages()).toEqual([
    'a DKIM key can be read by every account on this machine: run chmod 600 on it',
  ])
})

describe('wrong use', () => {
  it.each([
    ['a selector that is a path', ['new', '--selector', '../x'], 2, '"../x" is not a selector'],
    ['a domain that is none', ['new', '--domain', 'localhost'], 2, '"localhost" is not a domain'],
    [
      'a resolver that is none',
      ['check', '--resolver', 'nobody'],
      2,
      'is not the address of a DNS',
    ],
    ['a key that is not there', ['use', 'x'], 1, 'There is no DKIM key x for courses.example'],
    ['no key to check', ['check'], 1, 'There is no DKIM key for courses.example'],
  ])('%s', async (_, args, code, words) => {
    const said = await dkim(...args)
    expect([said.code, said.stderr]).toEqual([code, expect.stringContaining(words)])
  })

  it('MAIL_FROM is required, since it gives the domain', async () => {
    const said = await command(['dkim'], { DATA_DIR: join(folder, 'data') })
    expect(said).toMatchObject({ code: 2, stderr: expect.stringContaining('Set MAIL_FROM first') })
  })
})
