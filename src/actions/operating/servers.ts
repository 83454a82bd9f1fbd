import type * as stores from '../../store/index.ts'
import type { Db } from '../../store/postgres/sql.ts'

export interface Deps {
  readonly db: Db
  readonly now: () => Temporal.Instant
  readonly stores: Pick<typeof stores, 'refusingServers' | 'processes'>
}

/** State of the SMTP servers, by name. */
export interface Servers {
  /** Servers that refused this many of the last 50 mails for good; an operator has to look. */
  readonly halted: Readonly<Record<string, { readonly refused: number; readonly since: string }>>
  /** Servers that no live worker finds up. */
  readonly down: readonly string[]
  /** Servers that at least one does. */
  readonly up: readonly string[]
}

export async function servers({ db, stores }: Pick<Deps, 'db' | 'stores'>): Promise<Servers> {
  const halted = await haltedServers({ db, stores })
  const states = Object.entries(statesBy(await stores.processes.alive(db)))
  const those = (wanted: State) =>
    states
      .filter(([name, state]) => state === wanted && !Object.hasOwn(halted, name))
      .map(([name]) => name)
  return { halted, down: those('down'), up: those('up') }
}

export async function haltedServers({ db, stores }: Halting): Promise<Servers['halted']> {
  const refusing = [...(await stores.refusingServers.all(db))]
  return Object.fromEntries(
    refusing.flatMap(([name, { haltedAt, refused }]) =>
      haltedAt ? [[name, { refused: refused ?? 0, since: String(haltedAt) }]] : [],
    ),
  )
}

interface Halting {
  readonly db: Db
  readonly stores: Pick<typeof stores, 'refusingServers'>
}

type State = 'up' | 'down'

/** Returns the state of each server: up as long as one worker finds it so. A halted one is not. */
export function statesBy(
  processes: readonly stores.processes.AliveProcess[],
): Record<string, State> {
  const states: Record<string, State> = {}
  const reports = processes
    .filter(({ plans }) => plans)
    .flatMap(({ servers }) => Object.entries(servers))
  for (const [name, isUp] of reports)
    if (isUp || states[name] === undefined) states[name] = isUp ? 'up' : 'down'
  return states
}

/**
 * Lets halted servers send mail again. `believe`: the addresses they refuse do not exist, and for a
 * day they are not halted for that again. Returns the names of those that were halted.
 */
async function resumeServers(how: 'ask again' | 'believe', deps: Deps): Promise<string[]> {
  const { db, now, stores } = deps
  const believedAt = how === 'believe' ? now() : null
  const names = Object.keys(await haltedServers(deps))
  for (const name of names) await stores.refusingServers.resume(db, name, { believedAt })
  return names
}

export const openServers = (deps: Deps) => ({
  list: () => servers(deps),
  resume: (how: 'ask again' | 'believe') => resumeServers(how, deps),
})
