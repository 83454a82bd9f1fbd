/** Keeps reading the bounce mailbox, whatever happens to the connection. */
import type { NoticeName } from '../../domain/notices.ts'
import { MINUTE, SECOND } from '../../domain/time.ts'
import type { Mailbox, MailboxFailure, MailboxFault } from '../../mail/receive/mailbox.ts'
import type * as stores from '../../store/index.ts'
import { type Deps as ReadingDeps, readMailbox } from './read-mailbox.ts'
import { backoff, wait } from './while-leased.ts'

export interface Deps extends ReadingDeps {
  readonly db: Parameters<typeof stores.notices.record>[0]
  readonly stores: Pick<typeof stores, 'notices'>
  /** Name of the mailbox in the log. */
  readonly name: string
  /** Throws a MailboxFailure. */
  readonly openMailbox: () => Promise<Mailbox>
}

/** Notices for the operator, by fault. */
const MAILBOX_NOTICES = {
  login: 'bounce-mailbox-login',
  tls: 'bounce-mailbox-tls',
  folder: 'bounce-mailbox-folder',
  away: 'bounce-mailbox-away',
} as const satisfies Record<MailboxFault, NoticeName>

/** Servers lock out a client that tries a wrong password too often. */
const BACKOFF_MS = {
  soon: { least: 2 * SECOND, most: 5 * MINUTE },
  later: { least: MINUTE, most: 30 * MINUTE },
}

/** Reads until `signal` is aborted. A failure is logged once, and shown in the status. */
export async function followMailbox(signal: AbortSignal, deps: Deps): Promise<void> {
  let failures = 0
  let lastFailure = ''
  while (!signal.aborted) {
    try {
      await using mailbox = await deps.openMailbox()
      await clearNotices(deps)
      if (lastFailure) deps.log.info({ mailbox: deps.name }, 'the bounce mailbox is read again')
      lastFailure = ''
      failures = 0
      await readMailbox(mailbox, signal, deps)
    } catch (error) {
      if (signal.aborted) return
      failures += 1
      const fault = (error as Partial<MailboxFailure>).fault ?? null
      const words = `${fault} ${(error as Error).message}`
      // A connection that was cut once is not worth reporting.
      const isNew = words !== lastFailure && (fault !== 'away' || failures > 1)
      if (isNew) {
        deps.log.error(
          { mailbox: deps.name, fault, err: error },
          'the bounce mailbox cannot be read; it is tried again',
        )
        lastFailure = words
        if (fault) await setNotice(MAILBOX_NOTICES[fault], deps)
      }
      const limits = fault === 'login' || fault === 'folder' ? BACKOFF_MS.later : BACKOFF_MS.soon
      await wait(backoff(failures, limits), signal)
    }
  }
}

async function setNotice(name: NoticeName, deps: Deps): Promise<void> {
  await clearNotices(deps, name).catch(() => {})
  await deps.stores.notices.record(deps.db, name).catch(() => {})
}

/**
 * Removes all notices but one. Throws when the database is unreachable: nothing can be read then.
 */
async function clearNotices({ db, stores }: Deps, but?: NoticeName): Promise<void> {
  for (const name of Object.values(MAILBOX_NOTICES))
    if (name !== but) await stores.notices.resolve(db, name)
}
