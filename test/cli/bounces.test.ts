/** Inspecting returned mail on the command line. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { MESSAGE_ID, postfix, TOKEN, textMail } from '../mail/inbound/shapes.ts'
import { command } from '../support/program.ts'

let folder = ''
const at = (name: string) => join(folder, name)
const read = (...args: string[]) => command(['bounces', 'read', ...args])

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dawnpost-bounces-'))
  const bounce = postfix('550 5.1.1 <ada@reader.example>: user unknown')
  const answer = textMail(
    { from: 'Ada <ada@reader.example>', subject: 'Re: Day 7', returnPath: '<ada@reader.example>' },
    'Thank you.\n>From the heart.',
  )
  const from = Buffer.from('From MAILER-DAEMON Mon Nov 30 06:00:00 2026\n')
  const end = Buffer.from('\n\n')
  await writeFile(at('one.eml'), bounce)
  await writeFile(at('two.mbox'), Buffer.concat([from, bounce, end, from, answer]))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

it('says how a mail is classified, and why', async () => {
  expect(await read(at('one.eml'))).toMatchObject({
    code: 0,
    stdout: `${at('one.eml')}: Undelivered Mail Returned to Sender
  bounce, hard, no_such_user: 5.1.1, for ada@reader.example, by mx.reader.example, about b+${TOKEN}
    550 5.1.1 <…@…>: user unknown
`,
  })
})

it('reads each mail of an mbox file, and prints JSON on request', async () => {
  const { stdout } = await read(at('two.mbox'))
  expect(stdout).toContain(
    `${at('two.mbox')} (1): Undelivered Mail Returned to Sender\n  bounce, hard`,
  )
  expect(stdout).toContain(
    `${at('two.mbox')} (2): Re: Day 7\n  reply: for ada@reader.example, by reader.example, about`,
  )
  const json = JSON.parse((await read('--json', at('one.eml'), at('two.mbox'))).stdout)
  expect(json).toMatchObject([
    { index: null, reports: [{ class: 'hard', of: { messageId: MESSAGE_ID } }], tls: [] },
    { index: 1, reports: [{ class: 'hard' }] },
    { index: 2, isAutomatic: false, reports: [{ kind: 'reply' }] },
  ])
})

it('says which file it cannot read', async () => {
  expect(await read(at('none.eml'))).toMatchObject({
    code: 1,
    stderr: `${at('none.eml')} cannot be read: ENOENT.\n`,
  })
})
