/** What a Redis server reports about itself, for the doctor. */
import type { RedisFacts } from '../domain/doctor/judge-queue.ts'
import { openRedis } from './redis.ts'

/** Rejects if Redis cannot be reached. */
export async function fetchRedisFacts(url: string): Promise<RedisFacts> {
  const { name, producer, consumer, connect } = openRedis(url)
  try {
    await connect()
    const facts = readInfo(await producer.info())
    return {
      where: name.replace(/^Redis at /, ''),
      version: facts.get('redis_version') ?? null,
      policy: facts.get('maxmemory_policy') ?? null,
      appendOnly: facts.has('aof_enabled') ? facts.get('aof_enabled') === '1' : null,
      usedBytes: Number(facts.get('used_memory') ?? 0),
      mostBytes: Number(facts.get('maxmemory') ?? 0),
      isReplica: facts.get('role') === 'slave',
    }
  } finally {
    producer.disconnect()
    consumer.disconnect()
  }
}

const readInfo = (text: string): ReadonlyMap<string, string> =>
  new Map(
    text.split(/\r?\n/).flatMap((line) => {
      const [, name, value] = /^(\w+):(.*)$/.exec(line) ?? []
      return name === undefined || value === undefined ? [] : [[name, value]]
    }),
  )
