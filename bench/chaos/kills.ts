/** Ways in which workers die. */
import { randomInt } from 'node:crypto'
import { type Loss, mostUnknown } from './count.ts'
import { CONNECTIONS, type Stage } from './stage.ts'

const EVERY_MS = 1_000

/** Kills a worker each second, one that works if there is one, and starts it again. */
export async function killEverySecond(stage: Stage, kills: number): Promise<void> {
  const starting: Promise<void>[] = []
  for (let n = 0; n < kills; n++) {
    await stage.pause(EVERY_MS)
    const seats = Array.from({ length: stage.fleet.size }, (_, worker) => worker)
    const working = seats.filter(stage.fleet.isUp)
    const victim = working[randomInt(Math.max(1, working.length))] ?? randomInt(seats.length)
    await strike(stage, victim)
    starting.push(stage.fleet.start(victim))
  }
  await Promise.all(starting)
}

/**
 * Kills a worker at the moment its server has said 250, before it can have written that down; then waits until
 * it is known how much of what it held has become unknown. As often as `kills`, spread over the run.
 */
export async function killAfterAnswer(stage: Stage, kills: number): Promise<void> {
  const { fleet, recorder, terms } = stage
  for (let n = 1; n <= kills; n++) {
    await stage.until('the next share of mails', () => recorder.count() >= (n * terms.due) / (kills + 2))
    const before = await unknownSoFar(stage)
    const loss = await nextAnswered(stage)
    await leasesOver(stage)
    const became = (await unknownSoFar(stage)) - before
    const most = mostUnknown({
      losses: [loss],
      accepted: recorder.accepted(),
      cuts: 0,
      connections: CONNECTIONS,
    })
    if (became > most)
      stage.violations.push(`one kill made ${became} unknown; at most ${most} were in flight`)
    await fleet.start(loss.worker)
  }
}

async function unknownSoFar({ query }: Stage): Promise<number> {
  const [row] = await query<{ count: string }>(
    `select count(*) from deliveries where status = 'unknown' or resends > 0`,
  )
  return Number(row?.count)
}

/** Kills whoever is answered next. */
async function nextAnswered(stage: Stage): Promise<Loss> {
  const { promise, resolve, reject } = Promise.withResolvers<Loss>()
  let struck = false
  stage.recorder.play({
    answered: ({ worker }) => {
      if (struck) return
      struck = true
      strike(stage, worker).then(resolve, reject)
    },
  })
  await stage.until('a mail to be answered', () => struck)
  return promise
}

/** The leases that ran when the worker died have ended, and what they held is accounted for. */
async function leasesOver({ query, until }: Stage): Promise<void> {
  const [last] = await query<{ at: string | null }>(
    `select max(lease_until)::text as at from deliveries where status = 'sending'`,
  )
  await until('the leases to end', async () => {
    const [row] = await query<{ over: boolean }>(
      `select now() > $1::timestamptz and not exists (
         select from deliveries where status = 'sending' and lease_until < now()) as over`,
      [last?.at ?? '-infinity'],
    )
    return row?.over ?? false
  })
}

async function strike({ fleet, losses }: Stage, worker: number): Promise<Loss> {
  const loss = { worker, at: Date.now() }
  losses.push(loss)
  await fleet.kill(worker)
  return loss
}
