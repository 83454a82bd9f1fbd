import { halved, isBelieved, type Pace, perMinuteAt } from '../../domain/pace.ts'
import { dateIn, HOUR, MINUTE } from '../../domain/time.ts'
import { warmUpCap } from '../../domain/warm-up.ts'
import type { Throttle } from '../../mail/smtp/transport.ts'
import type { Turn } from '../../mail/smtp/turn.ts'
import type { Logger } from '../../platform/log.ts'
import type { SmtpServer } from '../../platform/smtp-server.ts'
import type * as stores from '../../store/index.ts'
import type { Counter } from '../../store/postgres/counters.ts'
import type { Db } from '../../store/postgres/sql.ts'

export interface Deps {
  readonly db: Db
  readonly now: () => Temporal.Instant
  readonly log: Logger
  readonly stores: Pick<typeof stores, 'paces' | 'refusingServers'>
  readonly counters: { readonly second: Counter; readonly minute: Counter; readonly day: Counter }
  /** Mails per minute by provider or domain; `*` applies to those that are not named. */
  readonly providerLimits: ReadonlyMap<string, number>
}

/** How old the knowledge about paces and refusing servers may be. */
const CACHE_TTL_MS = 1_000
/** When a pace is deleted; it has recovered long before. */
const PACE_RETENTION_MS = 24 * HOUR

/**
 * Enforces limits that all workers share: per server and per recipient's provider as configured,
 * and for both what they have asked for themselves. Counts nothing while there is no limit. A mail
 * over a limit gets a place in a later span, in the order of asking.
 */
export function openThrottle({ db, now, log, stores, counters, providerLimits }: Deps): Throttle {
  let paces: ReadonlyMap<string, Pace> = new Map()
  const trust = openTrust({ db, now, stores })
  let readAt = Number.NEGATIVE_INFINITY
  const refresh = async () => {
    if (performance.now() - readAt < CACHE_TTL_MS) return
    readAt = performance.now()
    paces = await stores.paces.all(db)
    await trust.refresh()
  }
  const providerLimit = (provider: string) =>
    providerLimits.get(provider) ?? providerLimits.get('*') ?? null

  const limitsOn = (server: SmtpServer, provider: string): SendLimit[] => {
    const at = now()
    const pace = (name: string, limit: number | null) =>
      perMinuteAt(paces.get(name) ?? null, limit, at)
    const limits: (SendLimit | null)[] = [
      dailyLimitOf(server, at, counters.day),
      limit(counters.minute, `to ${provider}`, pace(`to ${provider}`, providerLimit(provider))),
      limit(counters.minute, server.name, pace(server.name, null)),
      limit(counters.second, server.name, server.perSecond),
    ]
    return limits.filter((entry) => entry !== null)
  }
  return {
    turn: async (server, provider) => {
      await refresh()
      return claimTurn(limitsOn(server, provider), { day: counters.day, now })
    },
    connections: ({ name }) => {
      const learned = paces.get(connectionsTo(name))
      if (!learned) return null
      // One more connection is tried each minute, to find out whether the cap was raised.
      return learned.perMinute + Math.floor(now().since(learned.slowedAt).total('minutes'))
    },
    recordConnectionLimit: async ({ name }, connections) => {
      const pace = { perMinute: Math.max(1, connections), slowedAt: now() }
      await stores.paces.slow(db, connectionsTo(name), pace)
    },
    trustIn: ({ name }) => {
      // Refreshed even while nothing is sent, so that the end of a halt is noticed.
      void refresh().catch(() => {})
      return trust.in(name)
    },
    halt: ({ name }, refused) => trust.halt(name, refused),
    slowDown: async (server, provider, of) => {
      const [name, limit] =
        of === 'server' ? [server.name, null] : [`to ${provider}`, providerLimit(provider)]
      const pace = halved(paces.get(name) ?? null, limit, now())
      if (!(await stores.paces.slow(db, name, pace))) return
      readAt = Number.NEGATIVE_INFINITY
      log.warn(
        { slower: name, perMinute: pace.perMinute },
        'a server or provider asked for less mail; slowing down',
      )
      await stores.paces.purge(db, now().subtract({ milliseconds: PACE_RETENTION_MS }))
    },
  }
}

/** What is known about servers that refuse nearly all mail. */
function openTrust({ db, now, stores }: Pick<Deps, 'db' | 'now' | 'stores'>) {
  let refusing: ReadonlyMap<string, stores.refusingServers.RefusingServer> = new Map()
  return {
    refresh: async () => {
      refusing = await stores.refusingServers.all(db)
    },
    in: (name: string) => {
      const { haltedAt = null, believedAt = null } = refusing.get(name) ?? {}
      if (haltedAt) return 'none'
      return believedAt && isBelieved(believedAt, now()) ? 'full' : 'some'
    },
    /** Takes effect here immediately, and for other workers once it is written. */
    halt: async (name: string, refused: number) => {
      const at = now()
      const believedAt = refusing.get(name)?.believedAt ?? null
      refusing = new Map([...refusing, [name, { haltedAt: at, refused, believedAt }]])
      await stores.refusingServers.halt(db, name, { refused, at })
    },
  }
}

/**
 * Name of the pace that holds how many connections a server accepts from one worker, instead of
 * mails per minute.
 */
const connectionsTo = (server: string) => `connections to ${server}`

interface SendLimit {
  readonly counter: Counter
  readonly key: string
  readonly most: number
}

const limit = (counter: Counter, key: string, most: number | null): SendLimit | null =>
  most === null ? null : { counter, key, most }

interface Day {
  readonly day: Counter
  readonly now: () => Temporal.Instant
}

/**
 * Counts a mail against all limits, or none: if one is reached, returns when there is room again.
 */
async function claimTurn(limits: readonly SendLimit[], { day, now }: Day): Promise<Turn> {
  const taken: SendLimit[] = []
  for (const limit of limits) {
    const { count, endsInMs } = await limit.counter.add(limit.key)
    taken.push(limit)
    if (count <= limit.most) continue
    await Promise.all(taken.slice(0, -1).map(({ counter, key }) => counter.undo(key)))
    if (limit.counter === day) return { inMs: untilMidnight(now()), serverIsFull: true }
    const spans = Math.floor((count - limit.most - 1) / limit.most)
    return { inMs: endsInMs + spans * limit.counter.spanMs, serverIsFull: false }
  }
  return { inMs: 0, serverIsFull: false }
}

/** Daily limit of a server, by its setting and its warm-up. */
function dailyLimitOf(
  { name, perDay, warmUp }: SmtpServer,
  at: Temporal.Instant,
  counter: Counter,
) {
  if (perDay === null && !warmUp) return null
  const date = dateIn('UTC', at)
  const caps = [perDay, warmUp && warmUpCap(warmUp, date)].filter((cap) => cap !== null)
  return caps.length > 0 ? limit(counter, `${name} ${date}`, Math.min(...caps)) : null
}

/** Milliseconds until a minute after midnight; days are counted in UTC. */
function untilMidnight(now: Temporal.Instant): number {
  const local = now.toZonedDateTimeISO('UTC')
  return local.add({ days: 1 }).startOfDay().since(local).total('milliseconds') + MINUTE
}
