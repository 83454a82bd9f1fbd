import type { Series } from '../../domain/course.ts'
import { UNUSED_LINK_LIMIT } from '../../domain/sign-in.ts'
import type { Tokens } from '../../security/tokens.ts'
import type * as stores from '../../store/index.ts'
import type { Db } from '../../store/postgres/sql.ts'
import { type Deps as MailDeps, planRequestedMail } from '../shared/plan-requested-mail.ts'
import { processRequests, type Deps as TakeDeps } from '../shared/process-requests.ts'

export interface Deps extends TakeDeps, MailDeps {
  readonly stores: MailDeps['stores'] & Pick<typeof stores, 'members' | 'signIns'>
  readonly series: ReadonlyMap<string, Series>
  readonly tokens: Tokens
  readonly newId: (now: Temporal.Instant) => string
}

/** Mails sign-in links to those who asked for one and may have it. */
export const processSignInRequests = (deps: Deps): Promise<void> =>
  processRequests(deps.stores.signIns, (tx, taken) => mailSignIn(tx, taken, deps), deps)

/**
 * Mails a link to a person who has once confirmed this address; no other address gets anything.
 * Sends no second one while it works, and none once ten in a row were not used within a day, so
 * that a stranger cannot fill anybody's mailbox.
 */
async function mailSignIn(
  tx: Db,
  { addressKey, leadsTo }: stores.signIns.SignInRequest,
  deps: Deps,
): Promise<void> {
  const { stores, series, tokens, newId, now } = deps
  const at = now()
  const { most, within } = UNUSED_LINK_LIMIT
  const since = at.subtract({ milliseconds: within })
  const person = await stores.members.joinCandidate(tx, addressKey, {
    series: [...series.keys()],
    since,
    most,
  })
  const id = newId(at)
  const mail = person && { enrollment: person.enrollment, id, item: id }
  const isSent = await planRequestedMail(tx, { kind: 'sign-in', to: addressKey, mail }, at, deps)
  const [token] = tokens.ofMail(id)
  const tokenHash = tokens.hashOf(token)
  await stores.signIns.add(
    tx,
    isSent && person && tokenHash ? [{ id, ...person, tokenHash, leadsTo }] : [],
    at,
  )
}
