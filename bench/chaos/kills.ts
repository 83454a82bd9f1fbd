/** Ways in which workers die. */
import { randomInt } from 'node:crypto'
import { handedOverBy } from '../../src/platform/handovers.ts'
import { MESSAGE_ID } from '../../src/store/message-id.ts'
import { mostUnknown } from './count.ts'
import { CONNECTIONS, type Stage } from './stage.ts'

const EVERY_MS = 1_000

/** Kills a worker each second, preferably a working one, and restarts it. */
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
 * Kills a worker right after its server has said 250, before it can record that, and restarts it;
 * `kills` times, spread over the run.
 */
export async function killAfterAnswer(stage: Stage, kills: number): Promise<void> {
  const { fleet, recorder, terms } = stage
  const starting: Promise<void>[] = []
  for (let n = 1; n <= kills; n++) {
    await stage.until(
      'the next share of mails',
      () => recorder.count() >= (n * terms.due) / (kills + 2),
    )
    const victim = await nextAnswered(stage)
    starting.push(fleet.start(victim))
  }
  await Promise.all(starting)
}

/** Kills the worker that is answered next; returns which one that was. */
async function nextAnswered(stage: Stage): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  let struck = false
  stage.recorder.play({
    answered: ({ worker }) => {
      if (struck) return
      struck = true
      strike(stage, worker).then(() => resolve(worker), reject)
    },
  })
  await stage.until('a mail to be answered', () => struck)
  return promise
}

/** Kills a worker, and notes how many mails it left with outcome unknown. */
async function strike(stage: Stage, worker: number): Promise<void> {
  const { fleet, losses, recorder, query, violations, app } = stage
  const pid = fleet.pid(worker)
  const held: (string | null)[] = []
  const loss = { worker, at: Date.now(), held }
  losses.push(loss)
  await fleet.kill(worker)
  const claimed = await query<{ id: string; worker: string; message_id: string | null }>(
    `select id, worker, ${MESSAGE_ID} as message_id from deliveries d where status = 'sending' and worker like $1`,
    [`%:${pid}:%`],
  )
  held.push(...claimed.map((delivery) => delivery.message_id))
  const handedOver = await handedOverBy(app.config.dataDir, claimed[0]?.worker ?? '')
  const left = claimed.filter(({ id }) => handedOver?.has(id) ?? true).length
  const most = mostUnknown({
    losses: [loss],
    accepted: recorder.accepted(),
    cuts: 0,
    connections: CONNECTIONS,
    heldUpMs: recorder.heldUpMs(),
  })
  if (left > most) violations.push(`a kill left ${left} unknown; at most ${most} were in flight`)
}
