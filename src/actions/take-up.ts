import type { Found } from '../content/courses.ts'
import { type Change, changeOf, isHarmful } from '../domain/change.ts'
import type { Series } from '../domain/course.ts'
import type { Fault } from '../domain/faults.ts'
import { messageOf } from '../domain/problem.ts'
import { dateIn } from '../domain/time.ts'
import { harmInWords } from '../domain/words.ts'
import type { Logger } from '../log.ts'
import type { Editions } from '../mail/compile.ts'
import type * as stores from '../store/index.ts'
import type { Db } from '../store/sql.ts'
import type { LiveCourses } from './live-courses.ts'
import { contentsOf } from './prepare.ts'
import { keepShown } from './shown.ts'

export interface Deps {
  readonly db: Db
  readonly now: () => Temporal.Instant
  readonly log: Logger
  readonly stores: Pick<typeof stores, 'courses' | 'shown'>
  readonly live: LiveCourses
  readonly editions: Editions
  readonly digestOf: (found: Found) => string
  readonly filesOf: (found: Found) => stores.courses.Files
}

/** What a folder would make of a live series. */
export interface Proposal {
  readonly slug: string
  /** As readers see it; the slug of one that cannot be read. */
  readonly title: string
  /** `same`: nothing to do; `gone`: there is no such folder any more; `older`: what was live once, and is no more. */
  readonly state: 'new' | 'same' | 'changed' | 'gone' | 'broken' | 'older'
  readonly faults: readonly Fault[]
  /** How many readers are on their way in it. */
  readonly readers: number
  /** What it does to them; null when there is nothing to compare. */
  readonly change: Change | null
  /** Why it is not taken up by itself; null when it is. */
  readonly objection: string | null
  /** What is in the folder; null when there is none. */
  readonly found: Found | null
  /** Names its content. */
  readonly digest: string
}

/** What a folder is compared with: the series, and what names its content. */
interface Base {
  readonly digest: string
  readonly series: Series | undefined
}

/** Compares what was found in a folder with what is live, and counts the readers it would concern. */
export async function propose(found: readonly Found[], deps: Deps): Promise<Proposal[]> {
  const { live } = deps
  await live.refresh()
  const base = [...live.digests].map(
    ([slug, digest]) => [slug, { digest, series: live.series.get(slug) }] as const,
  )
  return compare(new Map(base), found, deps)
}

/** The same, as if something else were live. */
export function proposeAfter(
  before: readonly Found[],
  found: readonly Found[],
  deps: Deps,
): Promise<Proposal[]> {
  const base = before.map(
    (one) => [one.slug, { digest: deps.digestOf(one), series: one.series ?? undefined }] as const,
  )
  return compare(new Map(base), found, deps)
}

function compare(base: ReadonlyMap<string, Base>, found: readonly Found[], deps: Deps): Promise<Proposal[]> {
  const slugs = [...new Set([...found.map(({ slug }) => slug), ...base.keys()])].sort()
  return Promise.all(slugs.map((slug) => proposal(slug, base.get(slug), found, deps)))
}

async function proposal(
  slug: string,
  base: Base | undefined,
  all: readonly Found[],
  { db, now, stores, digestOf }: Deps,
): Promise<Proposal> {
  const found = all.find((one) => one.slug === slug) ?? null
  const digest = found ? digestOf(found) : ''
  const series = found?.faults.length === 0 ? found.series : null
  const readers = base && digest !== base.digest ? await stores.courses.readersOf(db, slug) : []
  const told = {
    ...{ slug, found, digest },
    title: found?.series?.title ?? base?.series?.title ?? slug,
    faults: found?.faults ?? [],
    readers: readers.reduce((sum, { count }) => sum + count, 0),
    change: base?.series && series ? changeOf(base.series, series, readers, dateIn('UTC', now())) : null,
  }
  const state = await stateOf()
  return { ...told, state, objection: objectionTo({ ...told, state }, {}) }

  async function stateOf(): Promise<Proposal['state']> {
    if (!found) return 'gone'
    if (digest === base?.digest) return 'same'
    if (!series) return 'broken'
    if (await stores.courses.isFormer(db, slug, digest)) return 'older'
    return base ? 'changed' : 'new'
  }
}

export interface TakeUpOptions {
  /** Also what does harm, goes back to what was live once, or ends a series. */
  readonly accept?: boolean
  /** Also what was live once: somebody has just put it back. */
  readonly older?: boolean
}

/** A change that was not taken up, and why. */
export interface Held {
  readonly slug: string
  readonly reason: string
}

/**
 * Makes what was found in a folder live, each series whole or not at all: one that is broken, cannot be made into mails,
 * or would do harm leaves what is live as it is, and is noted and logged. Readers who are on their way go on by the
 * rules of domain/change.ts.
 *
 * @returns what is held back.
 */
export async function takeUp(
  found: readonly Found[],
  options: TakeUpOptions,
  deps: Deps,
): Promise<readonly Held[]> {
  const { db, now, log, stores, live } = deps
  const held: Held[] = []
  const proposals = await propose(found, deps)
  for (const one of proposals) {
    const { slug, state, digest } = one
    const reason = objectionTo(one, options) ?? (await whyNoMail(one, deps))
    if (reason !== null) {
      held.push({ slug, reason })
      await stores.courses.holdBack(db, { slug, digest, reason }, now())
      log.error({ series: slug, reason }, 'a change of a course is held back; what was live goes on')
      continue
    }
    if (state !== 'same') await makeLive(one, deps)
    await stores.courses.letGo(db, slug)
  }
  await stores.courses.forget(
    db,
    proposals.map(({ slug }) => slug),
  )
  await live.refresh()
  return held
}

/** Why a proposal is not taken up; null when nothing speaks against it. */
function objectionTo(
  { state, faults, change }: Pick<Proposal, 'state' | 'faults' | 'change'>,
  { accept = false, older = accept }: TakeUpOptions,
): string | null {
  const [fault] = faults
  if (fault) {
    const more = faults.length > 1 ? ` (and ${faults.length - 1} more)` : ''
    return `${fault.file}:${fault.line} ${fault.message}${more}; dawnpost check tells all`
  }
  if (state === 'gone' && !accept) return 'its folder is gone; dawnpost diff --accept ends it'
  if (state === 'older' && !older)
    return 'the folder holds what was live once and is no more; dawnpost diff --accept goes back to it'
  if (change && isHarmful(change) && !accept)
    return `${harmInWords(change)}; dawnpost diff tells more, and --accept takes it up all the same`
  return null
}

/** What keeps a series from being made into mails; null when nothing does. */
async function whyNoMail({ state, found }: Proposal, { now, editions, live }: Deps): Promise<string | null> {
  // At the very first there is nothing to protect, and somebody who waits for the pages.
  const isFirst = state === 'new' && live.series.size === 0
  if (!found?.series || state === 'same' || isFirst) return null
  try {
    for (const content of contentsOf(found.series, dateIn('UTC', now()))) await editions(content)
    return null
  } catch (error) {
    return `it cannot be made into a mail: ${messageOf(error)}`
  }
}

async function makeLive({ slug, state, change, found, digest }: Proposal, deps: Deps): Promise<void> {
  const { db, now, log, stores, live } = deps
  await db.transaction().execute(async (tx) => {
    await stores.courses.holdAlone(tx)
    const before = live.series.get(slug)
    if (before?.kind === 'daily') await keepShown(tx, before, now(), deps)
    if (!found) return stores.courses.withdraw(tx, slug)
    await stores.courses.put(tx, { slug, digest, files: deps.filesOf(found) }, now())
    const gone = change?.kind === 'course' ? change.gone.map(({ id }) => id) : []
    if (gone.length > 0) await stores.courses.skipLessons(tx, slug, gone, TAKEN_OUT)
  })
  // What is new stands in the banner, or was asked for by a command.
  log[state === 'new' ? 'debug' : 'info']({ series: slug }, found ? 'a course is live' : 'a course has ended')
}

export const TAKEN_OUT = 'taken out of the course before it left'
