/** What a member who is signed in may do, identified by the cookie of their browser. */
import { maskedAddress } from '../../domain/address.ts'
import { isTransactionConflict } from '../../domain/database-error.ts'
import { readDisplayName } from '../../domain/display-name.ts'
import type { Member } from '../../domain/member.ts'
import { Problem } from '../../domain/problem.ts'
import { sessionCutoffs, VISIT_INTERVAL_MS } from '../../domain/sign-in.ts'
import { isBefore } from '../../domain/time.ts'
import type { Tokens } from '../../security/tokens.ts'
import type * as stores from '../../store/index.ts'
import type { Db } from '../../store/postgres/sql.ts'

export interface Deps {
  readonly db: Db
  readonly now: () => Temporal.Instant
  readonly tokens: Tokens
  readonly stores: Pick<typeof stores, 'members' | 'sessions' | 'subscribers'>
  /** Names that nobody may use. */
  readonly reservedNames: readonly string[]
}

/**
 * Returns whose session it is; null if there is none, or it has ended. Records the visit, at most
 * once an hour.
 */
export async function memberOf(session: string, deps: Deps): Promise<Member | null> {
  const { db, now, stores, tokens } = deps
  const idHash = tokens.hashOf(session)
  if (!idHash) return null
  const at = now()
  const found = await stores.sessions.find(db, idHash, sessionCutoffs(at))
  if (!found) return null
  if (isBefore(found.seenAt, at.subtract({ milliseconds: VISIT_INTERVAL_MS })))
    await stores.sessions.touch(db, idHash, at)
  return found.member
}

/** What a member's own page shows about them. */
export interface Profile {
  readonly name: string | null
  /** Masked. */
  readonly address: string
  readonly language: string | null
  /** Number of browsers in which they are signed in. */
  readonly sessions: number
}

export async function profileOf(
  { id, name }: Pick<Member, 'id' | 'name'>,
  { db, now, stores }: Deps,
): Promise<Profile> {
  const person = await stores.subscribers.byId(db, id)
  const sessions = await stores.sessions.ofSubscriber(db, id, sessionCutoffs(now()))
  return {
    name,
    address: maskedAddress(person?.address ?? ''),
    language: person?.language ?? null,
    sessions: sessions.length,
  }
}

/**
 * Gives the member of a session a name, and the session a new id, which is returned; their other
 * sessions stay.
 *
 * @throws Problem `invalid` with a message at the field `name`, also when another member has a name
 * that looks the same; `expired` when the session has ended.
 */
export async function rename(session: string, text: string, deps: Deps): Promise<string> {
  const { db, now, stores, tokens, reservedNames } = deps
  const wanted = readDisplayName(text, reservedNames)
  if ('fault' in wanted)
    throw new Problem('invalid', wanted.fault.key, {
      params: wanted.fault.params ?? {},
      fields: { name: wanted.fault },
    })
  const fresh = tokens.fresh()
  const [from, to] = [session, fresh].map(tokens.hashOf)
  const run = db.transaction().execute(async (tx) => {
    const found = from && (await stores.sessions.find(tx, from, sessionCutoffs(now())))
    if (!found || !to) throw new Problem('expired', 'page.sign-in.ended')
    if (!(await stores.members.rename(tx, found.member.id, wanted))) throw nameTaken()
    await stores.sessions.rotate(tx, { from, to })
    return fresh
  })
  return run.catch((error) => Promise.reject(isTransactionConflict(error) ? nameTaken() : error))
}

const nameTaken = () =>
  new Problem('invalid', 'page.member.name-taken', {
    fields: { name: { key: 'page.member.name-taken' } },
  })

/** Ends a session; does nothing if it has already ended. */
export async function signOut(session: string, { db, stores, tokens }: Deps): Promise<void> {
  const idHash = tokens.hashOf(session)
  if (idHash) await stores.sessions.end(db, idHash)
}

/** Ends all sessions of the member who has this one. */
export async function signOutEverywhere(session: string, deps: Deps): Promise<void> {
  const member = await memberOf(session, deps)
  if (member) await deps.stores.sessions.endAll(deps.db, member.id)
}
