/**
 * Handles a mail that came in: it is counted, or forwarded to the person responsible for the site.
 */
import { createHash } from 'node:crypto'
import { isNeverTaken } from '../../domain/database-error.ts'
import type { Report } from '../../domain/report.ts'
import { DAY } from '../../domain/time.ts'
import type { readReports } from '../../mail/inbound/read.ts'
import type { mayForward } from '../../mail/message/forward.ts'
import type { Logger } from '../../platform/log.ts'
import type * as stores from '../../store/index.ts'
import type { Db } from '../../store/postgres/sql.ts'

/** What is taken in as one piece: see actions/bounces. */
export interface Incoming {
  readonly digest: Buffer
  readonly source: 'imap' | 'listener'
  readonly envelopeTo: string | null
  readonly reports: readonly Report[]
}

type Reading = Awaited<ReturnType<typeof readReports>>

/** Takes reports, and knows our return paths: see actions/bounces. */
export interface Bounces {
  /** Counts reports. Durable once it resolves. */
  readonly take: (incoming: Incoming) => Promise<unknown>
  readonly isReturnPath: (localPart: string) => boolean
  /** Stores the daily summaries of receivers. Durable once it resolves. */
  readonly takeReceiverFiles: (files: Reading['files']) => Promise<unknown>
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

export interface Arrived {
  readonly raw: Buffer
  readonly source: Incoming['source']
  /** The local part it was addressed to, if the server knows. */
  readonly localPart: string | null
  /** Whether it came with the null sender of bounces; null if that is unknown. */
  readonly isNullSender: boolean | null
}

/** What became of a mail: it was understood, it is an `answer` from a person, or neither. */
export type Became = 'read' | 'answer' | 'other'

/**
 * The most answers of one day, in number and in bytes; what exceeds them waits where it is
 * (standards.md C18), since all of it leaves in our name.
 */
export const MOST_FORWARDS = 2_000
export const MOST_FORWARD_BYTES = 200 * 1024 * 1024
/** How many of these may be mails to addresses that anybody knows: postmaster and the like. */
export const MOST_TO_ROLES = 50
/** How many of these may be mails to one return path: its reader has one of each mail. */
export const MOST_TO_A_PATH = 5

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
export async function receive(arrived: Arrived, deps: Deps): Promise<Became> {
  try {
    return await takeIn(arrived, deps)
  } catch (error) {
    if (!isNeverTaken(error)) throw error
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
  const envelopeTo = isToPath ? localPart : (sentTo.find(deps.isReturnPath) ?? null)
  if (isAnswer && (await deps.mayForward(raw, deps.answersTo)))
    await keep({ raw, digest, cameTo: wayOf(localPart, envelopeTo, deps) }, deps)
  await deps.take({ digest, source, envelopeTo, reports })
  if (files.length > 0) await deps.takeReceiverFiles(files)
  if (reports.some(({ kind }) => kind !== 'reply' && kind !== 'other')) return 'read'
  return isAnswer ? 'answer' : 'other'
}

/** A header may name any return path, so the recipient that the server knows takes precedence. */
function wayOf(localPart: string | null, path: string | null, { isReturnPath }: Deps) {
  if (localPart !== null && !isReturnPath(localPart)) return TO_ROLE
  return path && createHash('sha256').update(path.toLowerCase()).digest('hex')
}

const TO_ROLE = 'role'

async function keep(forward: stores.forwards.NewForward, { db, now, stores }: Deps): Promise<void> {
  const { raw, digest, cameTo } = forward
  if (await stores.forwards.isKnown(db, digest)) return
  const since = now().subtract({ milliseconds: DAY })
  const { count, bytes, alike } = await stores.forwards.amountSince(db, since, cameTo)
  if (count >= MOST_FORWARDS) throw new TooManyAnswers(`${MOST_FORWARDS} answers`)
  if (bytes + raw.length > MOST_FORWARD_BYTES)
    throw new TooManyAnswers(`${MOST_FORWARD_BYTES} bytes of answers`)
  if (cameTo === TO_ROLE && alike >= MOST_TO_ROLES)
    throw new TooManyAnswers(`${MOST_TO_ROLES} mails to postmaster and the like`)
  if (cameTo !== null && cameTo !== TO_ROLE && alike >= MOST_TO_A_PATH)
    throw new TooManyAnswers(`${MOST_TO_A_PATH} answers to one mail`)
  await stores.forwards.add(db, forward, now())
}
