import { execFile } from 'node:child_process'
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { openEmbedded } from '../../../src/store/postgres/embedded.ts'
import { openDatabase } from '../../../src/store/postgres/sql.ts'
import { openSiteFolder } from '../../support/program.ts'

async function folder() {
  const path = await mkdtemp(join(tmpdir(), 'dawnpost-embedded-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}

/** With an existing database, for tests that do not depend on who created it. */
const usedFolder = openSiteFolder

const EMBEDDED = new URL('../../../src/store/postgres/embedded.ts', import.meta.url).href
const FAST = { settings: ['fsync=off'] }

it('starts, stops, and finds its data again, in a folder that is private', async () => {
  await using at = await folder() // mkdtemp makes it 0700
  const first = await openEmbedded(at.path, FAST)
  const one = await openDatabase(first.url, () => {})
  await one.pool.query('create table kept (n int); insert into kept values (7)')
  await one.close()
  await first.close()
  const second = await openEmbedded(at.path, FAST)
  const two = await openDatabase(second.url, () => {})
  expect((await two.pool.query('select n from kept')).rows).toEqual([{ n: 7 }])
  await two.close()
  await second.close()
})

it('starts on a restored copy that has another owner', async () => {
  await using at = await usedFolder()
  await using restored = await folder()
  // The copy belongs to whoever made it: for root, not the account that the server runs as.
  await cp(at.path, restored.path, { recursive: true })
  const second = await openEmbedded(restored.path, FAST)
  await second.close()
})

it('takes over the server of a program that was killed, and stops it', async () => {
  await using at = await usedFolder()
  const program = `import { openEmbedded } from ${JSON.stringify(EMBEDDED)}
    console.log((await openEmbedded(${JSON.stringify(at.path)})).url)
    process.kill(process.pid, 'SIGKILL')`
  const killed = await promisify(execFile)(process.execPath, [
    '--input-type=module',
    '-e',
    program,
  ]).catch((error) => error)
  expect(killed.signal).toBe('SIGKILL')
  const next = await openEmbedded(at.path, FAST)
  expect(next.url).toBe(killed.stdout.trim())
  await next.close()
  await expect(openDatabase(next.url, () => {})).rejects.toMatchObject({ code: 'unavailable' })
})

it('is stopped by one of several programs that close together', async () => {
  await using at = await folder()
  const all = await Promise.all(Array.from({ length: 4 }, () => openEmbedded(at.path, FAST)))
  await Promise.all(all.map((one) => one.close()))
  await expect(openDatabase(all[0]?.url ?? '', () => {})).rejects.toMatchObject({
    code: 'unavailable',
  })
})

it('keeps running when a program closes while another still has it open', async () => {
  await using at = await usedFolder()
  const one = await openEmbedded(at.path, FAST)
  const two = await openEmbedded(at.path, FAST)
  const watched = await openDatabase(one.url, () => {})
  await two.close()
  await watched.pool.query('select 1')
  await watched.close()
  await one.close()
})

it('keeps running when a program closes, until the other closes as well', async () => {
  await using at = await usedFolder()
  const [one, two] = await Promise.all([openEmbedded(at.path, FAST), openEmbedded(at.path, FAST)])
  expect(two.url).toBe(one.url)
  const database = await openDatabase(one.url, () => {})
  await two.close()
  await database.pool.query('select 1')
  await database.close()
  await one.close()
  await expect(openDatabase(one.url, () => {})).rejects.toMatchObject({ code: 'unavailable' })
})

it('starts even if the PID in its file belongs to another program by now', async () => {
  await using at = await usedFolder()
  const pidFile = [
    process.pid,
    join(at.path, 'postgres'),
    0,
    5432,
    '',
    '127.0.0.1',
    '',
    'ready',
  ].join('\n')
  await writeFile(join(at.path, 'postgres', 'postmaster.pid'), pidFile)
  const second = await openEmbedded(at.path, FAST)
  await second.close()
})

it('says in one sentence that a folder cannot be written', async () => {
  await using at = await folder()
  const file = join(at.path, 'a-file')
  await writeFile(file, '')
  await expect(openEmbedded(file)).rejects.toMatchObject({
    name: 'Problem',
    message: expect.stringMatching(/^DATA_DIR .*a-file cannot be written/),
  })
  expect(await readFile(file, 'utf8')).toBe('')
})
