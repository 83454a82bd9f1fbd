/**
 * What happens to a run while it is in progress. After each scenario everything must be settled,
 * nothing lost and nothing duplicated.
 */
import type { Policy } from './count.ts'
import { killAfterAnswer, killEverySecond } from './kills.ts'
import { leaveMeanwhile } from './leaving.ts'
import { MORE } from './more-scenarios.ts'
import { quiet, settle } from './settle.ts'
import { type Backend, DUE_AT, type Stage, TIME, ZONE } from './stage.ts'
import { begin, cutEvery, reached } from './steps.ts'

/** The quantities of a run. */
export interface Scale {
  readonly workers: number
  readonly due: number
  readonly kills: number
  readonly answersKilled: number
  readonly refusedMs: number
  readonly stallMs: number
  readonly leavers: number
  readonly limitMs: number
}

export const FULL: Scale = {
  workers: 3,
  due: 2_000,
  kills: 20,
  answersKilled: 10,
  leavers: 500,
  refusedMs: 60_000,
  stallMs: 30_000,
  limitMs: 300_000,
}
export const SHORT: Scale = {
  workers: 3,
  due: 300,
  kills: 5,
  answersKilled: 3,
  leavers: 75,
  refusedMs: 5_000,
  stallMs: 5_000,
  limitMs: 120_000,
}

export interface Scenario {
  readonly name: string
  readonly does: string
  readonly backends?: readonly Backend[]
  readonly policies?: readonly Policy[]
  readonly smtpServers?: number
  /** Needs its own servers, whose disk can be filled. */
  readonly smallDisk?: true
  /** How long the recorder takes for a mail; by default a little. */
  readonly paceMs?: number
  readonly play: (stage: Stage, scale: Scale) => Promise<void>
}

const BOTH: readonly Policy[] = ['resend', 'hold']

export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'kill-9',
    does: 'kill -9 of a random worker every second; each starts again',
    policies: BOTH,
    paceMs: 250,
    play: async (stage, { kills }) => {
      await begin(stage)
      await reached(stage, 0.05)
      await killEverySecond(stage, kills)
      await settle(stage)
    },
  },
  {
    name: 'kill-after-250',
    does: 'kill -9 of the worker between the 250 and the ledger, and again after the next share of mails',
    policies: BOTH,
    paceMs: 50,
    play: async (stage, { answersKilled }) => {
      await begin(stage)
      await killAfterAnswer(stage, answersKilled)
      await settle(stage)
    },
  },
  {
    name: 'redis-flush',
    does: 'FLUSHALL in the middle; later Redis is killed and starts empty',
    backends: ['redis'],
    play: async (stage) => {
      await begin(stage)
      await reached(stage, 0.25)
      await stage.servers.flushRedis()
      await reached(stage, 0.6)
      await stage.servers.crashRedis(1_000)
      await settle(stage)
    },
  },
  {
    name: 'postgres-restart',
    does: 'PostgreSQL stops as in a power cut and is back after seven seconds: longer than a lease',
    play: async (stage) => {
      await begin(stage)
      await reached(stage, 0.4)
      stage.losses.push(...all(stage))
      await stage.servers.crashPostgres(7_000)
      await settle(stage)
    },
  },
  {
    name: 'refused',
    does: 'SMTP refuses connections for a minute',
    play: async (stage, { refusedMs }) => {
      await begin(stage)
      await reached(stage, 0.3)
      stage.recorder.shut(() => true)
      await stage.pause(refusedMs)
      await stage.recorder.open()
      await settle(stage)
    },
  },
  {
    name: 'drop-before-data',
    does: 'every third connection is dropped when DATA comes',
    policies: BOTH,
    play: async (stage) => {
      stage.recorder.play({ data: ({ nth }) => (nth % 3 === 0 ? 'drop' : undefined) })
      await begin(stage)
      await settle(stage)
    },
  },
  {
    name: 'drop-after-dot',
    does: 'every tenth connection is dropped after the final dot; the mail had been accepted',
    policies: BOTH,
    play: async (stage) => {
      stage.recorder.play({ dot: cutEvery(stage, 10, 'drop') })
      await begin(stage)
      await settle(stage)
    },
  },
  {
    name: '4xx',
    does: 'every tenth recipient gets a 451',
    play: async (stage) => {
      stage.recorder.play({
        recipient: ({ nth }) => (nth % 10 === 0 ? '451 4.3.0 later, please' : undefined),
      })
      await begin(stage)
      await settle(stage)
    },
  },
  {
    name: '454-storms',
    does: 'twice everybody gets a 454, for as many attempts as a fifth of the mails',
    play: async (stage) => {
      const storm = (share: number) => share % 0.4 >= 0.2 && share < 0.8
      stage.recorder.play({
        recipient: ({ nth }) => (storm(nth / stage.terms.due) ? '454 4.3.2 slow down' : undefined),
      })
      await begin(stage)
      await settle(stage)
    },
  },
  {
    name: 'stall',
    does: 'SMTP keeps silent for half a minute',
    play: async (stage, { stallMs }) => {
      await begin(stage)
      await reached(stage, 0.4)
      await stage.recorder.stall(stallMs)
      await settle(stage)
    },
  },
  {
    name: 'one-server-dead',
    does: 'one of two SMTP servers dies in the middle and stays dead',
    smtpServers: 2,
    play: async (stage) => {
      await begin(stage)
      await reached(stage, 0.3)
      stage.recorder.shut(({ server }) => server === 1)
      await settle(stage)
    },
  },
  {
    name: 'three-days-on',
    does: 'the clock jumps three days on in the middle, into a night; then morning comes',
    play: async (stage) => {
      await begin(stage)
      await reached(stage, 0.5)
      const night = local('23:30', 3)
      await stage.setClock(night)
      await quiet(stage)
      const before = stage.recorder.count()
      await stage.pause(OBSERVED_MS)
      if (stage.recorder.count() > before) stage.violations.push('mail went out at night')
      await stage.setClock(local(TIME, 4))
      await settle(stage)
      stage.violations.push(...notOneEach(stage, before))
    },
  },
  {
    name: 'one-hour-back',
    does: 'the clock jumps back an hour in the middle, and comes round again',
    play: async (stage) => {
      await begin(stage)
      await reached(stage, 0.5)
      await stage.setClock(stage.now().subtract({ hours: 1 }))
      await quiet(stage)
      await stage.pause(OBSERVED_MS)
      await settle(stage)
    },
  },
  {
    name: 'unsubscribes',
    does: 'people leave while the run is on: half of them while their mail is being handed over',
    paceMs: 100,
    play: async (stage, { leavers }) => {
      await begin(stage)
      await leaveMeanwhile(stage, leavers)
      await settle(stage)
    },
  },
  {
    name: 'two-planners',
    does: 'two more planners than there are workers plan at once',
    play: async (stage) => {
      const [first, second] = [stage.app, await stage.another()]
      await begin(stage)
      await stage.until('nobody to be due', async () => {
        const planned = await Promise.all([
          first.sender.plan(),
          second.sender.plan(),
          first.sender.plan(),
          second.sender.plan(),
        ])
        return planned.every((count) => count === 0)
      })
      await settle(stage)
    },
  },
  ...MORE,
]

/** How long we watch that nothing happens. */
const OBSERVED_MS = 4_000

const all = ({ fleet }: Stage) =>
  Array.from({ length: fleet.size }, (_, worker) => ({ worker, at: Date.now() }))

/** A wall-clock time, `days` after the lessons fell due. */
const local = (time: string, days: number) =>
  DUE_AT.toZonedDateTimeISO(ZONE)
    .add({ days })
    .withPlainTime(Temporal.PlainTime.from(time))
    .toInstant()

/** Reports who has not received exactly one mail since the recorder had `before` mails. */
function notOneEach({ recorder, terms }: Stage, before: number): string[] {
  const since = Map.groupBy(recorder.accepted().slice(before), ({ to }) => to)
  const wrong = [...since].filter(([, mails]) => mails.length !== 1)
  const without = terms.due - since.size
  return [
    ...(wrong.length > 0 ? [`${wrong.length} got more than one mail that morning`] : []),
    ...(without > 0 ? [`${without} got no mail that morning`] : []),
  ]
}
