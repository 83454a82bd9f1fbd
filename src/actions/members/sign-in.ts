import { maskedAddress, newUntil } from '../../domain/address.ts'
import { Problem } from '../../domain/problem.ts'
import { LINK_TTL_MS } from '../../domain/sign-in.ts'
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

/** Who a link signs in: shown first, so that nobody unknowingly signs in as somebody else. */
export interface SignInPreview {
  readonly memberId: string
  /** Null for a person who has not chosen one yet. */
  readonly name: string | null
  /** Masked. */
  readonly address: string
  /** Language used with them; null if unknown. */
  readonly language: string | null
  readonly isUsed: boolean
  /** The page of this site from which they asked. */
  readonly leadsTo: string
}

/**
 * Returns what a sign-in link leads to. Changes nothing.
 *
 * @throws Problem `not_found` when it is not ours, or long forgotten; `expired` when its 15 minutes
 * are over, links were made void since, or the address of a member is new: for a week, its old
 * owner may take it back, and nobody may write in their name.
 */
export async function signInPreviewOf(token: string, deps: Deps): Promise<SignInPreview> {
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
  const isOver =
    row.usedAt === null && !isBefore(at, row.askedAt.add({ milliseconds: LINK_TTL_MS }))
  if (isOver || row.isVoid) throw new Problem('expired', 'page.sign-in.expired')
  const wait = row.isMember ? newUntil(row.addressSince, at) : null
  if (wait)
    throw new Problem('expired', 'page.sign-in.wait', {
      params: { day: { date: String(dateIn('UTC', wait)) } },
    })
  return row
}

export interface SignInResult {
  /** Goes into the cookie. */
  readonly session: string
  readonly leadsTo: string
  /** Whether they still have to choose a name. */
  readonly isNameless: boolean
}

/**
 * Signs in by a link, once: a session begins, with an id that nobody had before, and `former`, the
 * browser's previous one, ends. The first time makes the person a member. Of concurrent uses of a
 * link, one signs in.
 *
 * @throws Problem as above; `expired` when the link has been used.
 */
export async function signIn(
  token: string,
  former: string | null,
  deps: Deps,
): Promise<SignInResult> {
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
    // They may soon want another link, for another browser.
    await stores.formMails.allowAnother(tx, 'sign-in', addressHashes(addressKey))
    return { session, leadsTo, isNameless: name === null }
  })
}
