/**
 * How planning scales: the time to plan and queue a due mail, whatever the number of enrollments
 * that are not due.
 */
import { Redis } from 'ioredis'
import pg from 'pg'
import { openApp } from '../src/app/app.ts'
import { readConfig } from '../src/platform/config.ts'
import { createScratch } from '../src/store/postgres/scratch.ts'
import type { Machines } from './machines.ts'
import { seed } from './seed.ts'

export interface PlanningOutcome {
  readonly active: number
  readonly due: number
  readonly msPerDue: number
  readonly queueBytesPerIdleEnrollment: number
}

/** Mails planned before measuring, since a real worker is warmed up, too. */
const WARM_UP = 1_000

export async function measurePlanning(
  machines: Machines,
  active: number,
  rounds: number,
): Promise<PlanningOutcome> {
  const due = Math.round(active / 100)
  await using stack = new AsyncDisposableStack()
  const scratch = stack.adopt(await createScratch(machines.databaseUrl), (scratch) =>
    scratch.drop(),
  )
  const redis = stack.adopt(new Redis(machines.redisUrl), (redis) => void redis.disconnect())
  await redis.flushall()
  const app = stack.adopt(
    await openApp(
      readConfig({
        DATABASE_URL: scratch.url,
        REDIS_URL: machines.redisUrl,
        SMTP_URL: `smtp://127.0.0.1:${machines.sinkPort}`,
        SECRET_KEY: 'a key for the benchmark and for nothing else',
        LOG_LEVEL: 'warn',
      }),
    ),
    (app) => app.close(),
  )
  const client = new pg.Client(scratch.url)
  await client.connect()
  stack.defer(() => client.end())
  const before = await usedBytes(redis)
  await seed(scratch.url, { active, due, dueAt: Temporal.Now.instant() })
  const idleBytes = Math.max(0, (await usedBytes(redis)) - before)
  const times: number[] = []
  for (let round = -Math.ceil(WARM_UP / due); round < rounds; round++) {
    const begun = performance.now()
    const planned = await app.sender.plan()
    if (round >= 0) times.push((performance.now() - begun) / planned)
    if (planned !== due) throw new Error(`planned ${planned} of ${due}`)
    await rewind(client)
  }
  times.sort((a, b) => a - b)
  return {
    active,
    due,
    msPerDue: times[Math.floor(times.length / 2)] ?? Number.NaN,
    // Redis's own bookkeeping varies by some kilobytes; an enrollment that is not due adds nothing.
    queueBytesPerIdleEnrollment: Math.round(idleBytes / (active - due)),
  }
}

/** Makes the planned enrollments due again. */
async function rewind(client: pg.Client): Promise<void> {
  await client.query(`update enrollments e set due_on = d.local_date, due_at = d.due_at
    from deliveries d where d.enrollment_id = e.id and d.status <> 'sent'`)
  await client.query(`delete from ledger where status <> 'sent'`)
  await client.query('vacuum analyze enrollments, ledger')
}

async function usedBytes(redis: Redis): Promise<number> {
  const info = await redis.info('memory')
  return Number(/used_memory:(\d+)/.exec(info)?.[1] ?? 0)
}
