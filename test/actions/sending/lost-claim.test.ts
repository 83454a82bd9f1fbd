/** A claim that the database has carried out but whose answer never arrived. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openWorkerLease } from '../../../src/actions/sending/worker-lease.ts'
import { openHandovers } from '../../../src/platform/handovers.ts'
import { openLog } from '../../../src/platform/log.ts'
import * as stores from '../../../src/store/index.ts'
import { type TestApp, testApp } from '../../support/app.ts'
import { dueLesson, ledger } from '../../support/ledger.ts'
import { until } from '../../support/wait.ts'

const WORKER = { worker: 'elsewhere:1:a', seconds: 10 }

/** A worker that claims deliveries in the database of `test`. */
async function openClaims(test: TestApp) {
  const stack = new AsyncDisposableStack()
  const folder = stack.adopt(await mkdtemp(join(tmpdir(), 'dawnpost-claims-')), (path) =>
    rm(path, { recursive: true }),
  )
  const handovers = stack.adopt(openHandovers(folder, WORKER), (one) => one.close())
  const { now } = test.clock
  const { db } = test
  const leasing = openWorkerLease({
    db,
    now,
    stores,
    handovers,
    log: openLog('silent'),
    workerLease: WORKER,
  })
  const { id: past, mark } = await stores.lineage.read(db)
  const take = async (id: string, answer?: Promise<void>) => {
    const terms = {
      now: now(),
      lease: WORKER,
      resends: 0,
      domain: 'dawnpost.example',
      seen: { id: String(past), mark },
    }
    const claimed = await stores.deliveries.claim(db, [id], terms)
    await answer
    return claimed.map((delivery) => handovers.hold([delivery.id]))
  }
  return {
    ...leasing,
    holdNothing: async (id: string) => {
      const holds = await take(id)
      for (const hold of holds) hold.release()
      throw new Error('the connection has ended')
    },
    take,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}

describe('a claim that is not answered', () => {
  it('holds nothing: what it claimed is ready again after the next renewal', async () => {
    await using test = await testApp()
    await using claims = await openClaims(test)
    const { id } = await dueLesson(test)
    await expect(claims.claim([id], () => claims.holdNothing(id))).rejects.toThrow('has ended')
    expect(await ledger(test)).toMatchObject([{ status: 'sending', worker: WORKER.worker }])
    await claims.renew()
    const reason = 'its claim was not answered'
    expect(await ledger(test)).toMatchObject([{ status: 'planned', reason }])
  })

  it('is settled before the next claim, which may take the same delivery', async () => {
    await using test = await testApp()
    await using claims = await openClaims(test)
    const { id } = await dueLesson(test)
    await expect(claims.claim([id], () => claims.holdNothing(id))).rejects.toThrow('has ended')
    expect(await claims.claim([id], () => claims.take(id))).toHaveLength(1)
    await claims.renew()
    expect(await ledger(test)).toMatchObject([{ status: 'sending', attempts: 2 }])
  })

  it('takes nothing from a slow claim that is answered while the lost one is settled', async () => {
    await using test = await testApp()
    await using claims = await openClaims(test)
    const { id } = await dueLesson(test)
    const answer = Promise.withResolvers<void>()
    const slow = claims.claim([id], () => claims.take(id, answer.promise))
    await until('it to be claimed', async () => (await ledger(test))[0]?.status === 'sending')
    const failing = claims.claim([id], () => Promise.reject(new Error('the connection has ended')))
    await expect(failing).rejects.toThrow('has ended')
    const renewed = claims.renew()
    // Gives a renewal that does not wait the time to do harm.
    for (let asked = 0; asked < 20; asked++) await ledger(test)
    answer.resolve()
    await Promise.all([slow, renewed])
    expect(await ledger(test)).toMatchObject([{ status: 'sending', attempts: 1 }])
  })
})
