/** Redis run for high availability: as a cluster, and as a primary watched by Sentinels. */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Redis } from 'ioredis'
import { describe, expect, it } from 'vitest'
import { openLog } from '../../src/platform/log.ts'
import { readRedisGroup } from '../../src/platform/redis-url.ts'
import { openQueue } from '../../src/queue/queue.ts'
import { freePort } from '../support/free-port.ts'
import { until } from '../support/wait.ts'

const cli = (...args: readonly (string | number)[]) =>
  promisify(execFile)('redis-cli', args.map(String))

/** Redis processes with a folder of their own, which end with the test. */
async function openHouse() {
  const stack = new AsyncDisposableStack()
  const folder = stack.adopt(await mkdtemp(join(tmpdir(), 'dawnpost-redis-')), (path) =>
    rm(path, { recursive: true }),
  )
  const start = async (settings: Readonly<Record<string, string | number>>, ...more: string[]) => {
    const port = await freePort()
    const file = join(folder, `${port}.conf`)
    const lines = { port, bind: '127.0.0.1', dir: folder, save: '""', ...settings }
    const text = Object.entries(lines).map(([name, value]) => `${name} ${value}\n`)
    await writeFile(file, text.join(''))
    const child = stack.adopt(spawn('redis-server', [file, ...more], { stdio: 'ignore' }), kill)
    await until('a Redis to answer', () =>
      cli('-p', port, 'ping').then(
        () => true,
        () => false,
      ),
    )
    return { port, process: child }
  }
  return { start, [Symbol.asyncDispose]: () => stack.disposeAsync() }
}

async function kill(child: ChildProcess) {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGKILL')
  await once(child, 'exit')
}

/** A queue at this address with a worker; `passes` waits until a mail has come through it. */
async function openWorked(redisUrl: string, prefix: string) {
  const stack = new AsyncDisposableStack()
  const settings = { redisUrl, databaseUrl: '', prefix }
  const queue = stack.adopt(await openQueue(settings, openLog('silent')), (one) => one.close())
  const seen: string[] = []
  const deliver = async (ids: readonly string[]) => {
    seen.push(...ids)
    return []
  }
  const worker = await queue.work(deliver, { concurrency: 1, giveBack: async () => {} })
  stack.defer(() => worker.close())
  const passes = async (id: string) => {
    await until(`${id} to be queued`, () =>
      queue.enqueue([id]).then(
        () => true,
        () => false,
      ),
    )
    await until(`${id} to come through`, () => seen.includes(id))
  }
  return { queue, passes, [Symbol.asyncDispose]: () => stack.disposeAsync() }
}

it('the queue works on a Redis Cluster of three, whichever node holds its keys', async () => {
  await using house = await openHouse()
  const ports: number[] = []
  const nodes: string[] = []
  for (let node = 0; node < 3; node++) {
    // The default, 10,000 above the port, may be in use by an outgoing connection.
    const bus = await freePort()
    const settings = { 'cluster-enabled': 'yes', 'cluster-config-file': `nodes-${node}.conf` }
    const { port } = await house.start({ ...settings, 'cluster-port': bus })
    ports.push(port)
    nodes.push(`127.0.0.1:${port}@${bus}`)
  }
  const hosts = ports.map((port) => `127.0.0.1:${port}`)
  await cli('--cluster', 'create', ...nodes, '--cluster-yes')
  await until('the cluster to be whole', async () => {
    const states = await Promise.all(ports.map((port) => cli('-p', port, 'cluster', 'info')))
    return states.every(({ stdout }) => stdout.includes('cluster_state:ok'))
  })
  // One node is enough to find the others.
  for (const prefix of ['{one}', '{two}', '{three}']) {
    await using worked = await openWorked(`redis+cluster://${hosts[0]}`, prefix)
    expect(worked.queue.backend).toBe(`BullMQ on Redis Cluster at ${hosts[0]}`)
    await worked.passes(`a mail by ${prefix}`)
    await worked.queue.checkWritable()
  }
})

it('the queue continues after Sentinels have promoted a replica', async () => {
  await using house = await openHouse()
  const primary = await house.start({})
  const replica = await house.start({ replicaof: `127.0.0.1 ${primary.port}` })
  await until('the replica to follow', async () =>
    (await cli('-p', replica.port, 'info', 'replication')).stdout.includes('master_link_status:up'),
  )
  const watch = {
    'sentinel monitor': `morning 127.0.0.1 ${primary.port} 1`,
    'sentinel down-after-milliseconds': 'morning 300',
    'sentinel failover-timeout': 'morning 2000',
  }
  const sentinel = await house.start(watch, '--sentinel')
  const operator = new Redis(sentinel.port)
  await until('the Sentinel to know the replica', async () => {
    const replicas = (await operator.call('sentinel', 'replicas', 'morning')) as unknown[]
    return replicas.length === 1
  })
  operator.disconnect()
  await using worked = await openWorked(
    `redis+sentinel://127.0.0.1:${sentinel.port}/morning`,
    '{sentinel}',
  )
  await worked.passes('before')
  await kill(primary.process)
  await worked.passes('after')
  const { stdout } = await cli('-p', replica.port, 'info', 'replication')
  expect(stdout).toContain('role:master')
})

it.each(['redis+cluster://127.0.0.1:1', 'redis+sentinel://127.0.0.1:1/mymaster'])(
  'an unreachable Redis is reported in a sentence: %s',
  async (redisUrl) => {
    const opening = openQueue({ redisUrl, databaseUrl: '', prefix: '{x}' }, openLog('silent'))
    await expect(opening).rejects.toThrow(/^Redis .* at 127\.0\.0\.1:1 cannot be reached: .+\.$/)
  },
)

describe('an address of several Redis servers', () => {
  it.each([
    ['redis://127.0.0.1', null],
    [
      'redis+cluster://a.example,b.example:7000,[::1]:7001',
      {
        kind: 'cluster',
        secure: false,
        login: {},
        hosts: [
          ['a.example', 6379],
          ['b.example', 7000],
          ['::1', 7001],
        ],
      },
    ],
    [
      'rediss+sentinel://ada:p%40ss@s1.example,s2.example:5000/mymaster/3?sentinelPassword=s%26t',
      {
        kind: 'sentinel',
        secure: true,
        master: 'mymaster',
        db: 3,
        login: { username: 'ada', password: 'p@ss' },
        sentinelLogin: { password: 's&t' },
        hosts: [
          ['s1.example', 26379],
          ['s2.example', 5000],
        ],
      },
    ],
    [
      'redis+sentinel://:secret@s1.example/mymaster',
      { login: { password: 'secret' }, db: 0, sentinelLogin: {} },
    ],
  ])('is read: %s', (address, expected) => {
    const group = readRedisGroup(address)
    const read = group && { ...group, hosts: group.hosts.map(({ host, port }) => [host, port]) }
    if (expected === null) expect(read).toBeNull()
    else expect(read).toMatchObject(expected)
  })

  it.each([
    ['redis+sentinel://s1.example', /primary is missing/],
    ['redis+cluster://a.example/1', /no databases/],
    ['redis+cluster://a.example:99999', /must be an address like redis\+cluster/],
    ['redis+cluster://', /must be an address like/],
    ['redis+cluster://secret@a.example', /password is missing/],
    ['redis+sentinel://s1.example/m?weight=3', /weight is not a setting; use one of sentinelUser/],
    ['redis+sentinel://:hu%sh@s1.example/m', /write % as %25/],
  ])('is refused with a sentence when it cannot be read: %s', (address, words) => {
    expect(() => readRedisGroup(address)).toThrow(words)
    expect(() => readRedisGroup(address)).not.toThrow(/secret@|hu%sh/)
  })
})
