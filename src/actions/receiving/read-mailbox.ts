/** Reads what is in the bounce mailbox, and continues for as long as allowed. */
import { MINUTE } from '../../domain/time.ts'
import type { Mailbox, StoredMail } from '../../mail/receive/mailbox.ts'
import type { Logger } from '../../platform/log.ts'
import { type IncomingMail, type ReceiveOutcome, TooManyAnswers } from './receive.ts'

export interface Deps {
  readonly log: Logger
  readonly receive: (arrived: IncomingMail) => Promise<ReceiveOutcome>
  /** Rejects when the database takes no writes. */
  readonly proveDatabase: () => Promise<unknown>
}

/** Mails read before their marks are written. */
const BATCH = 50
/** Milliseconds after which even a silent server is asked again. */
const POLL_INTERVAL_MS = 2 * MINUTE

/**
 * Reads until `signal` is aborted. A mail is marked only once what it says is durable, so one that
 * was being processed when the process died is read again, and counts once. Throws when the mailbox
 * or the database fails.
 */
export async function readMailbox(
  mailbox: Mailbox,
  signal: AbortSignal,
  deps: Deps,
): Promise<void> {
  const reportedUids = new Set<number>()
  while (!signal.aborted) {
    await readAll(mailbox, { signal, reportedUids }, deps)
    if (!signal.aborted) await mailbox.waitForMail(POLL_INTERVAL_MS, signal)
  }
}

interface ReadContext {
  readonly signal: AbortSignal
  /** Mails already logged as impossible to take in. */
  readonly reportedUids: Set<number>
}

/** Reads everything there, except what cannot be taken in now; the next look tries that again. */
async function readAll(mailbox: Mailbox, reading: ReadContext, deps: Deps): Promise<void> {
  const skipped = new Set<number>()
  for (;;) {
    const uids = (await mailbox.unread()).filter((uid) => !skipped.has(uid)).slice(0, BATCH)
    if (uids.length === 0 || reading.signal.aborted) return
    const became = new Map<number, ReceiveOutcome>()
    try {
      for await (const mail of mailbox.read(uids)) {
        if (reading.signal.aborted) break
        const what = await tryReceive(mail, reading, deps)
        if (what) became.set(mail.uid, what)
      }
    } finally {
      const read = [...became].filter(([, what]) => what === 'read').map(([uid]) => uid)
      await mailbox.markProcessed(read)
      await mailbox.keep([...became.keys()].filter((uid) => !read.includes(uid)))
    }
    for (const uid of uids) if (!became.has(uid)) skipped.add(uid)
  }
}

/** Returns null if this mail cannot be taken in but others can. Throws if the database is down. */
async function tryReceive({ uid, raw }: StoredMail, { reportedUids }: ReadContext, deps: Deps) {
  const { receive, proveDatabase, log } = deps
  try {
    return await receive({ raw, source: 'imap', localPart: null, isNullSender: null })
  } catch (error) {
    if (!(error instanceof TooManyAnswers)) await proveDatabase()
    if (!reportedUids.has(uid))
      log.error(
        { err: error, uid },
        'a mail that came back cannot be read; it stays in the mailbox',
      )
    reportedUids.add(uid)
    return null
  }
}
