import pino from 'pino'
import { expect, it } from 'vitest'
import { from, testWeb } from '../support/web.ts'

/** A log that keeps its lines. */
function keptLog() {
  const lines: { msg: string }[] = []
  const log = pino({ level: 'warn' }, { write: (line: string) => lines.push(JSON.parse(line)) })
  return { log, messages: () => lines.map(({ msg }) => msg) }
}

it('a proxy that nobody trusts is told of once, with what to set', async () => {
  const { log, messages } = keptLog()
  await using web = await testWeb({ log, env: { TRUST_PROXY: '0' } })
  await web.get('/')
  expect(messages()).toEqual([])
  for (const path of ['/', '/healthz', '/nowhere']) await web.get(path, from('198.51.100.1'))
  expect(messages()).toEqual([expect.stringMatching(/X-Forwarded-For.*set TRUST_PROXY to the number/)])
})

it('a proxy that is trusted is nothing to tell', async () => {
  const { log, messages } = keptLog()
  await using web = await testWeb({ log })
  await web.get('/', from('198.51.100.1'))
  expect(messages()).toEqual([])
})
