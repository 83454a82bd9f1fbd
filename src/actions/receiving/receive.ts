/** What becomes of a mail that came in: counted, or sent on to whoever answers for the site. */
import { createHash } from 'node:crypto'
import type { Report } from '../../domain/report.ts'
import { DAY } from '../../domain/time.ts'
import type { readReports } from '../../mail/inbound/read.ts'
import type { mayForward } from '../../mail/message/forward.ts'
import type { Logger } from '../../platform/log.ts'
import type * as stores from '../../store/index.ts'
import type { Db } from '../../store/postgres/sql.ts'

/** What is taken in as one: see actions/bounces. */
export interface Incoming {
  readonly digest: Buffer
  readonly source: 'imap' | 'listener'
  readonly envelopeTo: string | null
  readonly reports: readonly Report[]
}

type Reading = Awaited<ReturnType<typeof readReports>>

/** What takes reports, and knows our return paths: see actions/bounces. */
export interface Bounces {
  /** Counts reports. Durable when it resolves. */
  readonly take: (incoming: Incoming) => Promise<unknown>
  readonly isReturnPath: (localPart: string) => boolean
  /** Keeps what receivers sum up of a day. Durable when it resolves. */
  readonly takeReceiverFiles: (files: Reading['files']) => Promise<unknown>
}

export interface Deps extends Bounces {
  readonly db: Db
  readonly log: Logger
  /** Whether it is this mail that the database cannot take, and never will. */
  readonly isBadValue: (error: unknown) => boolean
  readonly now: () => Temporal.Instant
  readonly stores: Pick<typeof stores, 'forwards'>
  readonly readReports: typeof readReports
  readonly mayForward: typeof mayForward
  /** Where answers of people go. */
  readonly answersTo: string
}

export interface Arrived {
  readonly raw: Buffer
  readonly source: Incoming['source']
  /** The local part it was addressed to, where the server knows. */
  readonly localPart: string | null
  /** Whether it came with the null sender of bounces; null: that is not known. */
  readonly isNullSender: boolean | null
}

/** What became of a mail: it was understood, it is an `answer` of a person, or neither. */
export type Became = 'read' | 'answer' | 'other'

/** A day's answers at most: what comes beyond waits where it is (standards.md C18). */
export const MOST_FORWARDS = 2_000

/** There are too many answers for a day: this one is to be brought again. */
export class TooManyAnswers extends Error {
  constructor() {
    super(`more than ${MOST_FORWARDS} answers came within a day`)
  }
}

/**
 * Takes it in. What it says is durable when this resolves; the same bytes again change nothing. What
 * no database can keep is `other`: it would be brought again for ever.
 */
export async function receive(arrived: Arrived, deps: Deps): Promise<Became> {
  try {
    return await takeIn(arrived, deps)
  } catch (error) {
    if (!deps.isBadValue(error)) throw error
    const { source } = arrived
    deps.log.error({ source, err: error }, 'what a mail that came back says cannot be kept')
    return 'other'
  }
}

async function takeIn(
  { raw, source, localPart, isNullSender }: Arrived,
  deps: Deps,
): Promise<Became> {
  const { reports, sentTo, isAutomatic, files } = await deps.readReports(raw)
  const digest = createHash('sha256').update(raw).digest()
  const isToPath = localPart !== null && deps.isReturnPath(localPart)
  const isAnswer =
    reports.some(({ kind }) => kind === 'reply') && !isAutomatic && isNullSender !== true
  if (isAnswer && deps.mayForward(raw, deps.answersTo)) await keep(raw, digest, deps)
  const envelopeTo = isToPath ? localPart : (sentTo.find(deps.isReturnPath) ?? null)
  await deps.take({ digest, source, envelopeTo, reports })
  if (files.length > 0) await deps.takeReceiverFiles(files)
  if (reports.some(({ kind }) => kind !== 'reply' && kind !== 'other')) return 'read'
  return isAnswer ? 'answer' : 'other'
}

async function keep(raw: Buffer, digest: Buffer, { db, now, stores }: Deps): Promise<void> {
  if (await stores.forwards.isKnown(db, digest)) return
  const since = now().subtract({ milliseconds: DAY })
  if ((await stores.forwards.countSince(db, since)) >= MOST_FORWARDS) throw new TooManyAnswers()
  await stores.forwards.add(db, { digest, raw }, now())
}
