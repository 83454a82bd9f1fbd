/**
 * Handles a mail that came in: it is counted, or forwarded to the person responsible for the site.
 */
import { createHash } from 'node:crypto'
import { isPermanentRejection } from '../../domain/database-error.ts'
import type { Report } from '../../domain/report.ts'
import { DAY } from '../../domain/time.ts'
import type { readReports } from '../../mail/inbound/read-reports.ts'
import type { mayForward } from '../../mail/message/forward.ts'
import type { Logger } from '../../platform/log.ts'
import type * as stores from '../../store/index.ts'
import type { Db } from '../../store/postgres/sql.ts'

/** What is taken in as one piece: see actions/bounces. */
export interface IncomingReports {
  readonly digest: Buffer
  readonly source: 'imap' | 'listener'
  readonly envelopeTo: string | null
  readonly reports: readonly Report[]
}

type ReadResult = Awaited<ReturnType<typeof readReports>>

/** Takes reports, and knows our return paths: see actions/bounces. */
export interface Bounces {
  /** Counts reports. Durable once it resolves. */
  readonly take: (incoming: IncomingReports) => Promise<unknown>
  readonly isReturnPath: (localPart: string) => boolean
  /** Stores the daily summaries of receivers. Durable once it resolves. */
  readonly takeReceiverFiles: (files: ReadResult['files']) => Promise<unknown>
}

export interface Deps extends Bounces {
  readonly db: Db
  readonly log: Logger
  readonly now: () => Temporal.Instant
  readonly stores: Pick<typeof stores, 'forwards'>
  readonly readReports: (raw: Uint8Array) => ReturnType<typeof readReports>
  readonly mayForward: (...given: Parameters<typeof mayForward>) => Promise<boolean>
  /** Where answers from people go. */
  readonly answersTo: string
}

export interface IncomingMail {
  readonly raw: Buffer
  readonly source: IncomingReports['source']
  /** The local part it was addressed to, if the server knows. */
  readonly localPart: string | null
  /** Whether it came with the null sender of bounces; null if that is unknown. */
  readonly isNullSender: boolean | null
}

/** What became of a mail: it was understood, it is an `answer` from a person, or neither. */
export type ReceiveOutcome = 'read' | 'answer' | 'other'

/**
 * The most answers of one day, in number and in bytes; what exceeds them waits where it is
 * (standards.md C18), since all of it leaves in our name.
 */
export const MAX_FORWARDS_PER_DAY = 2_000
export const MAX_FORWARD_BYTES_PER_DAY = 200 * 1024 * 1024
/** How many of these may be mails to addresses that anybody knows: postmaster and the like. */
export const MAX_TO_ROLES_PER_DAY = 50
/** How many of these may be mails to one return path: its reader has one of each mail. */
export const MAX_PER_RETURN_PATH_PER_DAY = 5

/** There are too many answers for one day; this one must be delivered again later. */
export class TooManyAnswers extends Error {
  constructor(what: string) {
    super(`more than ${what} came within a day`)
  }
}

/**
 * Takes in a mail. What it says is durable once this resolves; the same bytes again change nothing.
 * What no database can store is `other`, or it would be delivered again forever.
 */
export async function receive(arrived: IncomingMail, deps: Deps): Promise<ReceiveOutcome> {
  try {
    return await processMail(arrived, deps)
  } catch (error) {
    if (!isPermanentRejection(error)) throw error
    const { source } = arrived
    deps.log.error({ source, err: error }, 'a mail that came back cannot be stored')
    return 'other'
  }
}

async function processMail(
  { raw, source, localPart, isNullSender }: IncomingMail,
  deps: Deps,
): Promise<ReceiveOutcome> {
  const { reports, sentTo, isAutomatic, files } = await deps.readReports(raw)
  const digest = createHash('sha256').update(raw).digest()
  const isToPath = localPart !== null && deps.isReturnPath(localPart)
  const isAnswer =
    reports.some(({ kind }) => kind === 'reply') && !isAutomatic && isNullSender !== true
  const envelopeTo = isToPath ? localPart : (sentTo.find(deps.isReturnPath) ?? null)
  if (isAnswer && (await deps.mayForward(raw, deps.answersTo)))
    await saveForward({ raw, digest, cameTo: recipientKeyOf(localPart, envelopeTo, deps) }, deps)
  await deps.take({ digest, source, envelopeTo, reports })
  if (files.length > 0) await deps.takeReceiverFiles(files)
  if (reports.some(({ kind }) => kind !== 'reply' && kind !== 'other')) return 'read'
  return isAnswer ? 'answer' : 'other'
}

/** A header may name any return path, so the recipient that the server knows takes precedence. */
function recipientKeyOf(localPart: string | null, path: string | null, { isReturnPath }: Deps) {
  if (localPart !== null && !isReturnPath(localPart)) return TO_ROLE
  return path && createHash('sha256').update(path.toLowerCase()).digest('hex')
}

const TO_ROLE = 'role'

async function saveForward(
  forward: stores.forwards.NewForward,
  { db, now, stores }: Deps,
): Promise<void> {
  const { raw, digest, cameTo } = forward
  if (await stores.forwards.isKnown(db, digest)) return
  const since = now().subtract({ milliseconds: DAY })
  const { count, bytes, alike } = await stores.forwards.amountSince(db, since, cameTo)
  if (count >= MAX_FORWARDS_PER_DAY) throw new TooManyAnswers(`${MAX_FORWARDS_PER_DAY} answers`)
  if (bytes + raw.length > MAX_FORWARD_BYTES_PER_DAY)
    throw new TooManyAnswers(`${MAX_FORWARD_BYTES_PER_DAY} bytes of answers`)
  if (cameTo === TO_ROLE && alike >= MAX_TO_ROLES_PER_DAY)
    throw new TooManyAnswers(`${MAX_TO_ROLES_PER_DAY} mails to postmaster and the like`)
  if (cameTo !== null && cameTo !== TO_ROLE && alike >= MAX_PER_RETURN_PATH_PER_DAY)
    throw new TooManyAnswers(`${MAX_PER_RETURN_PATH_PER_DAY} answers to one mail`)
  await stores.forwards.add(db, forward, now())
}
