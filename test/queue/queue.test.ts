import { randomBytes } from 'node:crypto'
import { describe, expect, inject, it } from 'vitest'
import { openLog } from '../../src/platform/log.ts'
import { openQueue } from '../../src/queue/queue.ts'
import { createScratch } from '../../src/store/postgres/scratch.ts'
import { BACKENDS, type BackendName, enrolled, testApp } from '../support/app.ts'
import { until } from '../support/wait.ts'

async function testQueue(backend: BackendName) {
  const stack = new AsyncDisposableStack()
  const scratch = stack.adopt(
    await createScratch(inject('databaseUrl'), { template: inject('templates').bare }),
    (one) => one.drop(),
  )
  const prefix = `test-${randomBytes(6).toString('hex')}`
  const redisUrl = backend === 'redis' ? inject('redisUrl') : null
  const queue = stack.adopt(
    await openQueue({ redisUrl, databaseUrl: scratch.url, prefix }, openLog('silent')),
    (one) => one.close(),
  )
  return { queue, [Symbol.asyncDispose]: () => stack.disposeAsync() }
}

const ids = (count: number) => Array.from({ length: count }, (_, n) => `id-${n}`)
const keep = async () => {}
const noting = (seen: string[]) => async (some: readonly string[]) => {
  seen.push(...some)
  return []
}

describe.each(BACKENDS)('the queue on %s', (backend) => {
  it('hands over every id exactly once', async () => {
    await using test = await testQueue(backend)
    await test.queue.enqueue(ids(250))
    const seen: string[] = []
    const working = await test.queue.work(noting(seen), {
      concurrency: 3,
      giveBack: keep,
    })
    await until('250 ids', () => seen.length === 250)
    await working.close()
    expect(new Set(seen).size).toBe(250)
    expect(await test.queue.depth()).toBe(0)
  })

  it('knows when the oldest job was added, until it is done', async () => {
    await using test = await testQueue(backend)
    expect(await test.queue.oldest()).toBeNull()
    await test.queue.enqueue(ids(300))
    const first = await test.queue.oldest()
    expect(first).not.toBeNull()
    await test.queue.enqueue(['welcome'])
    await test.queue.enqueue(ids(300))
    expect(String(await test.queue.oldest())).toBe(String(first))
    const working = await test.queue.work(noting([]), { concurrency: 1, giveBack: keep })
    await until('an empty queue', async () => (await test.queue.oldest()) === null)
    await working.close()
  })

  it('lets a single mail overtake a morning’s mails', async () => {
    await using test = await testQueue(backend)
    await test.queue.enqueue(ids(300))
    await test.queue.enqueue(['welcome'])
    const seen: string[] = []
    const working = await test.queue.work(noting(seen), {
      concurrency: 1,
      giveBack: keep,
    })
    await until('all ids', () => seen.length === 301)
    await working.close()
    expect(seen[0]).toBe('welcome')
  })

  it('continues after a failed job, and gives its deliveries back', async () => {
    await using test = await testQueue(backend)
    const seen: string[] = []
    const back: string[] = []
    const deliver = async (some: readonly string[]) => {
      if (some.includes('bad')) throw new Error('out of paper')
      seen.push(...some)
      return []
    }
    const giveBack = async (rest: readonly string[]) => void back.push(...rest)
    const working = await test.queue.work(deliver, { concurrency: 1, giveBack })
    await test.queue.enqueue(['bad'])
    await test.queue.enqueue(ids(4))
    await until('four ids', () => seen.length === 4)
    await working.close()
    expect(back).toEqual(['bad'])
  })

  it('finishes what is in flight when it stops, and gives the rest back', async () => {
    await using test = await testQueue(backend)
    const gate = Promise.withResolvers<void>()
    const done: string[] = []
    const back: string[] = []
    let begun = false
    const deliver = async ([first = '', ...rest]: readonly string[], signal: AbortSignal) => {
      begun = true
      await gate.promise
      done.push(first)
      return signal.aborted ? rest : []
    }
    const giveBack = async (rest: readonly string[]) => void back.push(...rest)
    const working = await test.queue.work(deliver, { concurrency: 1, giveBack })
    await test.queue.enqueue(ids(5))
    await until('the first to begin', () => begun)
    const closing = working.close()
    gate.resolve()
    await closing
    expect([...done, ...back]).toEqual(ids(5))
  })
})

it('the queue is rebuilt from the ledger after Redis has lost everything', async () => {
  await using test = await testApp({ backend: 'redis' })
  for (let n = 0; n < 30; n++)
    await enrolled(test, { email: `reader${n}@example.com`, series: ['inner-wisdom'] })
  await test.db.deleteFrom('ledger').execute()
  test.clock.set('2027-03-20T06:00:00Z')
  await test.app.sender.plan()
  await test.app.sender.queue.destroy()
  // After some minutes, the jobs of these deliveries are assumed lost.
  await test.db.updateTable('ledger').set({ queued_at: '2020-01-01T00:00:00Z' }).execute()
  await test.settle()
  const states = await test.db.selectFrom('deliveries').select('status').orderBy('id').execute()
  expect(states).toHaveLength(30)
  expect(new Set(states.map(({ status }) => status))).toEqual(new Set(['sent']))
})
