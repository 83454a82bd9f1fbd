/** The list of suppressed addresses on the command line. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import * as stores from '../../src/store/index.ts'
import { ask, CONSENT, enrolled, type TestApp, testApp } from '../support/app.ts'
import { command } from '../support/program.ts'
import { until } from '../support/wait.ts'

let test: TestApp
let url = ''
let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dawnpost-suppress-'))
  test = await testApp({
    through: async (given) => {
      url = given
      return given
    },
  })
})
afterAll(async () => {
  await test?.[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
})

const suppress = (...args: string[]) =>
  command(['suppress', ...args], {
    DATABASE_URL: url,
    REDIS_URL: inject('redisUrl'),
    SECRET_KEY: 'a key for tests and for nothing else',
    POSTAL_ADDRESS: '1 Test Lane, Testville',
  })
const lines = (text: string) => text.trimEnd().split('\n')

it('adds and removes an address, and says why it is suppressed', async () => {
  const ada = await ask(test, { email: 'ada@example.com' })
  await test.app.reader.confirm(ada.id, CONSENT)
  expect((await suppress('list')).stdout).toBe('No address is suppressed.\n')
  expect(await suppress('add', 'Ada@example.com', '--note', 'by phone')).toMatchObject({
    code: 0,
    stdout: '1 added, 0 already there.\n',
  })
  expect((await suppress('add', 'ada@example.com')).stdout).toBe('0 added, 1 already there.\n')
  const enrollments = await test.app.operator.enrollmentsOf(ada.id)
  expect(enrollments.map(({ status }) => status)).toEqual(['stopped', 'stopped'])
  expect((await suppress('list')).stdout).toMatch(
    /manual +ada@example\.com {2}by operator: by phone/,
  )
  expect((await suppress('list', '--address', 'ada@example.com')).stdout).toMatch(
    /^Suppressed {3}manual, since \d{4}-\d\d-\d\d {2}by operator: by phone\n$/,
  )
  expect((await suppress('remove', 'ada@example.com')).stdout).toMatch(
    /^Removed from the list: manual\./,
  )
  expect(await suppress('remove', 'ada@example.com')).toMatchObject({ code: 1 })
  expect(await suppress('add', 'ada')).toMatchObject({ code: 2 })
  expect((await suppress('list', '--reason', 'rain')).stderr).toContain('"rain" is not a reason')
})

it('removes a complaint only with --reason complaint', async () => {
  await suppress('add', 'eve@example.com', '--reason', 'complaint')
  expect(await suppress('remove', 'eve@example.com')).toMatchObject({ code: 1 })
  expect(await suppress('remove', 'eve@example.com', '--reason', 'complaint')).toMatchObject({
    code: 0,
  })
})

it('imports a list, and exports one that can be imported again', async () => {
  const file = join(folder, 'left.csv')
  await writeFile(
    file,
    'Email,Reason\nleft@example.com,Unsubscribe\n"quoted, name",\n+plus@example.com,\n\n',
  )
  const dry = await suppress('import', file, '--dry-run')
  expect(lines(dry.stdout)).toEqual([
    'line 3: quoted, name is not an address; skipped',
    '2 would be on the list, 1 would be skipped.',
  ])
  expect(lines((await suppress('import', file)).stdout).at(-1)).toBe(
    '2 added, 0 already there, 1 skipped.',
  )
  const out = (await suppress('export')).stdout
  expect(lines(out)[0]).toBe('address,hash,reason,since,source,note')
  expect(lines(out)).toHaveLength(3)
  await test.db.deleteFrom('suppressions').execute()
  const again = join(folder, 'export.csv')
  await writeFile(again, out)
  expect(lines((await suppress('import', again)).stdout).at(-1)).toBe(
    '2 added, 0 already there, 0 skipped.',
  )
  const { suppressions } = await test.app.bounces.addressFacts({ key: 'left@example.com' })
  expect(suppressions).toMatchObject([{ reason: 'unsubscribe', source: 'import' }])
})

it('reads a list of plain lines, and fails when the file does not exist', async () => {
  const file = join(folder, 'list.txt')
  await writeFile(file, 'one@example.com\r\ntwo@example.com\r\n')
  expect((await suppress('import', file, '--reason', 'bounce')).stdout).toMatch(/^2 added/)
  expect(await suppress('import', join(folder, 'none.csv'))).toMatchObject({ code: 1 })
})

it('suppresses each address before the next is processed, so that none waits', async () => {
  const first = await enrolled(test, { email: 'first@example.com', series: ['inner-wisdom'] })
  const second = await enrolled(test, { email: 'second@example.com', series: ['inner-wisdom'] })
  const whom = [{ key: 'first@example.com' }, { key: 'second@example.com' }]
  const { suppress: put, addressFacts } = test.app.bounces
  const count = await test.db.transaction().execute(async (tx) => {
    await stores.subscribers.lock(tx, second.subscriber.id)
    const putting = put({ targets: whom, reason: 'manual', source: 'import' })
    await until('the first', async () => {
      const { suppressions } = await addressFacts({ key: 'first@example.com' })
      return suppressions.length > 0
    })
    await stores.subscribers.lock(tx, first.subscriber.id)
    return () => putting
  })
  expect(await count()).toBe(2)
})
