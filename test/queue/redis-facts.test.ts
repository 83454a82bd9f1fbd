import { expect, inject, it } from 'vitest'
import { fetchRedisFacts } from '../../src/queue/redis-facts.ts'

it('a Redis tells its version, its memory and how it keeps what it holds', async () => {
  expect(await fetchRedisFacts(inject('redisUrl'))).toMatchObject({
    where: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
    version: expect.stringMatching(/^\d+\.\d+/),
    policy: 'noeviction',
    appendOnly: false,
    mostBytes: 0,
    isReplica: false,
  })
})

it('one that is not there is not waited for', async () => {
  await expect(fetchRedisFacts('redis://127.0.0.1:1')).rejects.toThrow(/ECONNREFUSED/)
})
