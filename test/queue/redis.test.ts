/** Redis in shared operation: failover, and several installations. */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { Redis } from 'ioredis'
import { expect, inject, it } from 'vitest'
import { openLog } from '../../src/platform/log.ts'
import { type DeliveryQueue, openQueue } from '../../src/queue/queue.ts'
import { createScratch } from '../../src/store/postgres/scratch.ts'
import { placeFor, queuePrefixAt } from '../../src/store/postgres/site.ts'
import { openDatabase } from '../../src/store/postgres/sql.ts'
import { startRedis } from '../support/servers.ts'
import { until } from '../support/wait.ts'

const portOf = (url: string) => Number(new URL(url).port)

/**
 * An address that can be switched to another server for new connections, while existing ones stay
 * where they are.
 */
async function openAddress(port: number) {
  let current = port
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    const upstream = connect(current, '127.0.0.1')
    for (const socket of [client, upstream]) sockets.add(socket.on('error', () => {}))
    client.pipe(upstream).pipe(client)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}`,
    leadTo: (next: number) => {
      current = next
    },
    [Symbol.dispose]: () => {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}

const open = (redisUrl: string, prefix: string) =>
  openQueue({ redisUrl, databaseUrl: '', prefix }, openLog('silent'))

async function working(queue: DeliveryQueue) {
  const seen: string[] = []
  const deliver = async (ids: readonly string[]) => {
    seen.push(...ids)
    return []
  }
  const worker = await queue.work(deliver, { concurrency: 1, giveBack: async () => {} })
  return { seen, worker }
}

/** Enqueues an id and, like the sender, retries on failure. */
const enqueued = (queue: DeliveryQueue, id: string) =>
  until(`${id} to be queued`, () =>
    queue.enqueue([id]).then(
      () => true,
      () => false,
    ),
  )

it('the queue survives a failover that leaves connections open to the demoted primary', async () => {
  await using stack = new AsyncDisposableStack()
  const stop = (redis: Awaited<ReturnType<typeof startRedis>>) => void redis.process.kill('SIGKILL')
  const [old, next] = [stack.adopt(await startRedis(), stop), stack.adopt(await startRedis(), stop)]
  const address = stack.use(await openAddress(portOf(old.url)))
  const queue = stack.adopt(await open(address.url, '{failover}'), (one) => one.close())
  const { seen, worker } = await working(queue)
  stack.defer(() => worker.close())
  await enqueued(queue, 'before')
  await until('a mail before', () => seen.includes('before'))

  const operator = stack.adopt(new Redis(old.url), (one) => one.disconnect())
  await operator.replicaof('127.0.0.1', portOf(next.url))
  address.leadTo(portOf(next.url))
  await enqueued(queue, 'after')
  await until('a mail after', () => seen.includes('after'))
})

it('two installations can share a Redis, and each gets only its own jobs', async () => {
  await using stack = new AsyncDisposableStack()
  const prefixes: string[] = []
  for (const name of ['one', 'another']) {
    const scratch = stack.adopt(await createScratch(inject('databaseUrl')), (one) => one.drop())
    for (const url of [scratch.url, scratch.url.replace('127.0.0.1', 'localhost')]) {
      const database = await openDatabase(url, () => {})
      prefixes.push(queuePrefixAt(await placeFor(database.db)))
      await database.close()
    }
    expect(prefixes.at(-1), `${name}, by another host name`).toBe(prefixes.at(-2))
  }
  const [one = '', another = ''] = [...new Set(prefixes)]
  expect(another).not.toBe('')
  const queues = [
    await open(inject('redisUrl'), one),
    await open(inject('redisUrl'), another),
  ] as const
  for (const queue of queues) stack.defer(() => queue.close())
  const [first, second] = [await working(queues[0]), await working(queues[1])]
  for (const { worker } of [first, second]) stack.defer(() => worker.close())
  for (let n = 0; n < 20; n++) await queues[n % 2]?.enqueue([`${n % 2}-${n}`])
  await until('all jobs', () => first.seen.length + second.seen.length === 20)
  expect(new Set(first.seen.map((id) => id[0]))).toEqual(new Set(['0']))
  expect(new Set(second.seen.map((id) => id[0]))).toEqual(new Set(['1']))
})
