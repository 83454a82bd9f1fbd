import { describe, expect, it } from 'vitest'
import { openBatch } from '../../src/platform/batch.ts'

const fails = (times: number, written: number[][]) => async (items: readonly number[]) => {
  if (times-- > 0) throw new Error('not now')
  written.push([...items])
}

describe('a batch', () => {
  it('writes items in batches, in order, and retries a failed write', async () => {
    const written: number[][] = []
    const options = { everyMs: 5, atMost: 3, slackMs: 50, onError: () => {}, isPoison: () => false }
    const batch = openBatch({ ...options, write: fails(1, written) })
    for (const item of [1, 2, 3, 4]) batch.add(item)
    await batch.flush()
    expect(written).toEqual([[1, 2, 3], [4]])
  })

  it('is caught up at once when empty, and otherwise once overdue items are written', async () => {
    const release = Promise.withResolvers<void>()
    const options = {
      everyMs: 1,
      atMost: 100,
      slackMs: -1,
      onError: () => {},
      isPoison: () => false,
    }
    const batch = openBatch<number>({ ...options, write: () => release.promise })
    await batch.caughtUp()
    batch.add(1)
    let caughtUp = false
    const waiting = batch.caughtUp().then(() => {
      caughtUp = true
    })
    await new Promise((resolve) => setImmediate(resolve))
    expect(caughtUp).toBe(false)
    release.resolve()
    await waiting
    expect(caughtUp).toBe(true)
  })
})
