/** The hand-built sender, the baseline of the benchmark, still runs and sends the same lesson. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, inject, it } from 'vitest'
import { openMailbox } from '../support/mailbox.ts'

it('the hand-built sender sends the requested mails', async () => {
  await using mailbox = await openMailbox()
  const script = new URL('../../bench/baselines/tutorial.ts', import.meta.url).pathname
  const { stdout } = await promisify(execFile)(process.execPath, [
    script,
    inject('redisUrl'),
    new URL(mailbox.url).port,
    '3',
  ])
  expect(Number(stdout)).toBeGreaterThan(0)
  expect(mailbox.received).toHaveLength(3)
  expect(mailbox.received[0]?.mail.text).toContain('TODAY’S PRACTICE')
})
