/** Forwards answers from people to the person responsible for the site. */
import type { AttemptHistory } from '../../domain/delivery.ts'
import { judgeFailure } from '../../domain/judgment.ts'
import { DAY, SECOND } from '../../domain/time.ts'
import type { Mail } from '../../mail/mail.ts'
import type { composeForward } from '../../mail/message/forward.ts'
import type { Transport } from '../../mail/smtp/transport.ts'
import type { Logger } from '../../platform/log.ts'
import type * as stores from '../../store/index.ts'
import type { Db } from '../../store/postgres/sql.ts'

export interface Deps {
  readonly db: Db
  readonly now: () => Temporal.Instant
  readonly log: Logger
  readonly stores: Pick<typeof stores, 'forwards' | 'notices'>
  readonly transport: Transport
  readonly lease: stores.leases.Lease
  readonly lineage: { readonly seen: () => stores.lineage.KnownLineage }
  /** Domain of Message-IDs. */
  readonly domain: string
  readonly answersTo: string
  readonly composeForward: (
    raw: Buffer,
    terms: Pick<Parameters<typeof composeForward>[1], 'to' | 'stamp'>,
  ) => Promise<Mail>
  /** Returns null to give up. */
  readonly nextTry: (tried: AttemptHistory, at: Temporal.Instant) => Temporal.Instant | null
}

type Claimed = stores.forwards.ClaimedForward

/** Milliseconds to wait for a place at a server; the next turn asks again. */
const RESERVE_TIMEOUT_MS = 5 * SECOND
/** How many times a mail whose outcome is unknown may be resent. */
const MAX_UNKNOWN_RESENDS = 5
/** How long a row is kept: the same mail may come in again. */
const FORWARD_RETENTION_MS = 30 * DAY
const NOTICE = 'answers-wait'

/** Sends until nothing is due. */
export async function sendForwards(deps: Deps): Promise<void> {
  while (await sendOne(deps)) {}
  const { db, now, stores } = deps
  if (await stores.forwards.isAnyStuck(db, now())) await stores.notices.record(db, NOTICE)
  else await stores.notices.resolve(db, NOTICE)
}

/** Deletes rows that have been kept long enough. */
export const purgeForwards = (now: Temporal.Instant, { db, stores }: Pick<Deps, 'db' | 'stores'>) =>
  stores.forwards.purge(db, now.subtract({ milliseconds: FORWARD_RETENTION_MS }))

async function sendOne(deps: Deps): Promise<boolean> {
  const { db, now, stores, transport, lease, domain, lineage } = deps
  if (!(await stores.forwards.isAnyDue(db, now()))) return false
  if ((await transport.reserve(1, AbortSignal.timeout(RESERVE_TIMEOUT_MS))) === 0) return false
  try {
    const terms = { now: now(), lease, domain, seen: lineage.seen() }
    const claimed = await stores.forwards.claim(db, terms)
    if (!claimed) return false
    await send(claimed, deps)
    return true
  } finally {
    transport.free(1)
  }
}

/** Only the handover is inside the `try`, as in actions/sending/deliver.ts. */
async function send(claimed: Claimed, deps: Deps): Promise<void> {
  const { now, transport, composeForward, answersTo, log } = deps
  const { id, raw, messageId, firstTriedAt: date } = claimed
  const mail = await composeForward(raw, { to: answersTo, stamp: { messageId, date } })
  try {
    await transport.send(mail, id)
  } catch (thrown) {
    await handleFailure(claimed, thrown, deps)
    return
  }
  await finish(claimed, { status: 'sent', at: now() }, deps)
  log.debug({ mail: id }, 'a reply was forwarded')
}

async function handleFailure(claimed: Claimed, thrown: unknown, deps: Deps): Promise<void> {
  const judgment = judgeFailure(thrown)
  const { verdict, reason } = judgment
  const at = deps.now()
  const retryAt =
    verdict === 'later' && 'inMs' in judgment
      ? at.add({ milliseconds: judgment.inMs })
      : verdict === 'unknown' && claimed.attempts > MAX_UNKNOWN_RESENDS
        ? null
        : // Even a refusal may be fixed: the address is the operator's own.
          deps.nextTry(claimed, at)
  await finish(
    claimed,
    retryAt ? { status: 'waiting', at: retryAt, reason } : { status: 'failed', reason },
    deps,
  )
  const fields = { mail: claimed.id, verdict, reason }
  if (retryAt) deps.log.warn(fields, 'a reply from a reader was not forwarded; it is tried again')
  else
    deps.log.error(fields, 'a reply from a reader could not be forwarded for days; it is given up')
}

const finish = (claimed: Claimed, ending: stores.forwards.ForwardOutcome, deps: Deps) =>
  deps.stores.forwards.finish(deps.db, claimed.id, ending, deps.lease.worker)
