import { maskedAddress, newUntil } from '../../domain/address.ts'
import { Problem } from '../../domain/problem.ts'
import { LINK_WORKS } from '../../domain/sign-in.ts'
import { dateIn, isBefore } from '../../domain/time.ts'
import type { Tokens } from '../../security/tokens.ts'
import type * as stores from '../../store/index.ts'
import type { Db } from '../../store/postgres/sql.ts'

export interface Deps {
  readonly db: Db
  readonly now: () => Temporal.Instant
  readonly tokens: Tokens
  readonly stores: Pick<typeof stores, 'members' | 'signIns' | 'sessions' | 'formMails'>
  readonly addressHashes: (addressKey: string) => [Buffer, ...Buffer[]]
}

/** Whom a link signs in: told before it does, so that nobody signs in as somebody else unawares. */
export interface Invitation {
  readonly memberId: string
  /** Null for somebody who has chosen none yet. */
  readonly name: string | null
  /** Masked. */
  readonly address: string
  /** In which they are spoken to; null where nothing tells. */
  readonly language: string | null
  readonly isUsed: boolean
  /** The page of ours from where they asked. */
  readonly leadsTo: string
}

/**
 * What a link to sign in leads to. Changes nothing.
 *
 * @throws Problem `not_found` when it is none of ours, or long forgotten; `expired` when its 15
 * minutes are over, links were made void since, or the address of a member is new: until a week has
 * passed its old owner may take it back, and nobody writes in their name.
 */
export async function invitationOf(token: string, deps: Deps): Promise<Invitation> {
  const row = await linkOf(deps.db, token, deps)
  return {
    memberId: row.subscriberId,
    name: row.name,
    address: maskedAddress(row.address),
    language: row.language,
    isUsed: row.usedAt !== null,
    leadsTo: row.leadsTo,
  }
}

async function linkOf(db: Db, token: string, { stores, tokens, now }: Deps) {
  const tokenHash = tokens.hashOf(token)
  const row = tokenHash && (await stores.signIns.byToken(db, tokenHash))
  if (!row) throw new Problem('not_found', 'page.sign-in.unknown')
  const at = now()
  const isOver = row.usedAt === null && !isBefore(at, row.askedAt.add({ milliseconds: LINK_WORKS }))
  if (isOver || row.isVoid) throw new Problem('expired', 'page.sign-in.expired')
  const wait = row.isMember ? newUntil(row.addressSince, at) : null
  if (wait)
    throw new Problem('expired', 'page.sign-in.wait', {
      params: { day: { date: String(dateIn('UTC', wait)) } },
    })
  return row
}

export interface SignedIn {
  /** For the cookie. */
  readonly session: string
  readonly leadsTo: string
  /** Whether they have to choose a name yet. */
  readonly isNameless: boolean
}

/**
 * Signs in by a link, once: a session begins, with an id that nobody had before, and `former`, that
 * of the browser, ends. The first time makes a member. Of many who use a link at once, one is
 * signed in.
 *
 * @throws Problem as above; `expired` when the link has been used.
 */
export async function signIn(token: string, former: string | null, deps: Deps): Promise<SignedIn> {
  const { db, now, stores, tokens, addressHashes } = deps
  const session = tokens.fresh()
  const [idHash, formerHash] = [session, former ?? ''].map(tokens.hashOf)
  return db.transaction().execute(async (tx) => {
    const { id, subscriberId, epoch, leadsTo, addressKey, name } = await linkOf(tx, token, deps)
    const at = now()
    if (!idHash || !(await stores.signIns.use(tx, id, at)))
      throw new Problem('expired', 'page.sign-in.used')
    await stores.members.join(tx, subscriberId, at)
    if (formerHash) await stores.sessions.end(tx, formerHash)
    await stores.sessions.begin(tx, { idHash, subscriberId, epoch }, at)
    // They may want another for another browser at once.
    await stores.formMails.settle(tx, 'sign-in', addressHashes(addressKey))
    return { session, leadsTo, isNameless: name === null }
  })
}
