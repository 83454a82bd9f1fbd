import type * as stores from '../store/index.ts'
import type { Db } from '../store/sql.ts'

export interface Deps {
  readonly db: Db
  readonly now: () => Temporal.Instant
  readonly stores: Pick<typeof stores, 'paces'>
}

/** SMTP servers by which nothing is sent at present, by name. */
export interface Servers {
  /** They refused so many of the last 50 mails for good; an operator has to look. */
  readonly halted: Readonly<Record<string, { readonly refused: number; readonly since: string }>>
  /** They took no mail when they were last asked. */
  readonly down: Readonly<Record<string, { readonly since: string }>>
}

/** A server is asked more often than this while it is down: what was noted earlier is of a worker that is gone. */
const STALE = { minutes: 10 } as const
/** How long refusals are believed once an operator has said so. */
const BELIEVED = { hours: 24 } as const

export async function servers({ db, now, stores: { paces } }: Deps): Promise<Servers> {
  const all = [...(await paces.all(db))].map(([name, pace]) => ({
    name,
    ...pace,
    since: String(pace.slowedAt),
  }))
  const named = (mark: string) => all.filter(({ name }) => name.startsWith(mark))
  const fresh = now().subtract(STALE)
  return {
    halted: Object.fromEntries(
      named(paces.HALTED).map(({ name, perMinute: refused, since }) => [
        name.slice(paces.HALTED.length),
        { refused, since },
      ]),
    ),
    down: Object.fromEntries(
      named(paces.DOWN)
        .filter(({ slowedAt }) => Temporal.Instant.compare(slowedAt, fresh) > 0)
        .map(({ name, since }) => [name.slice(paces.DOWN.length), { since }]),
    ),
  }
}

/**
 * Has mail sent again by servers that were halted. `believe`: the addresses they refuse do not exist, and for a day
 * they are not halted for that again. Returns the names of those that were halted.
 */
async function resumeServers(how: 'ask again' | 'believe', deps: Deps): Promise<string[]> {
  const { db, now, stores } = deps
  const { paces } = stores
  const names = Object.keys((await servers(deps)).halted)
  for (const name of names) {
    if (how === 'believe') await paces.mark(db, paces.BELIEVED + name, { count: 1, at: now() })
    await paces.unmark(db, paces.HALTED + name)
  }
  return names
}

export const openServers = (deps: Deps) => ({
  list: () => servers(deps),
  resume: (how: 'ask again' | 'believe') => resumeServers(how, deps),
})

/** Whether an operator has lately said that a server's refusals are to be believed. */
export const isBelieved = (at: Temporal.Instant, now: Temporal.Instant) =>
  Temporal.Instant.compare(at.add(BELIEVED), now) > 0
