import { expect, inject, it } from 'vitest'
import { fetchRedisFacts } from '../../src/queue/redis-facts.ts'

it('a Redis reports its version, memory and persistence', async () => {
  expect(await fetchRedisFacts(inject('redisUrl'))).toMatchObject({
    where: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
    version: expect.stringMatching(/^\d+\.\d+/),
    policy: 'noeviction',
    appendOnly: false,
    mostBytes: 0,
    isReplica: false,
  })
})

it('a Redis that cannot be reached is an error', async () => {
  await expect(fetchRedisFacts('redis://127.0.0.1:1')).rejects.toThrow(/ECONNREFUSED/)
})
