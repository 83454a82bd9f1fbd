import type { Found } from '../content/courses.ts'
import { type Change, changeOf, isHarmful } from '../domain/change.ts'
import type { Course, Series } from '../domain/course.ts'
import type { Fault } from '../domain/faults.ts'
import { messageOf } from '../domain/problem.ts'
import { harmInWords } from '../domain/words.ts'
import type { Logger } from '../log.ts'
import type { Editions } from '../mail/compile.ts'
import type * as stores from '../store/index.ts'
import type { Db } from '../store/sql.ts'
import type { LiveCourses } from './live-courses.ts'
import { contentsOf } from './prepare.ts'

export interface Deps {
  readonly db: Db
  readonly now: () => Temporal.Instant
  readonly log: Logger
  readonly stores: Pick<typeof stores, 'courses'>
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
}

/** What a folder is compared with: the series, and what names its content. */
interface Base {
  readonly digest: string
  readonly series: Series | undefined
}

/** Compares what was found in a folder with what is live, and counts the readers it would concern. */
export async function propose(found: readonly Found[], deps: Deps): Promise<Proposal[]> {
  const { db, stores, live } = deps
  await live.refresh()
  const rows = await stores.courses.live(db)
  const base = rows.map(({ slug, digest }) => [slug, { digest, series: live.series.get(slug) }] as const)
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
  const found = all.find((one) => one.slug === slug)
  const title = found?.series?.title ?? base?.series?.title ?? slug
  const told = { slug, title, faults: found?.faults ?? [], readers: 0, change: null }
  if (found && digestOf(found) === base?.digest) return { ...told, state: 'same' }
  const readers = !base ? [] : await stores.courses.readersOf(db, slug)
  const count = readers.reduce((sum, one) => sum + one.count, 0)
  if (!found) return { ...told, state: 'gone', readers: count }
  if (!found.series || found.faults.length > 0) return { ...told, state: 'broken', readers: count }
  if (!base) return { ...told, state: 'new' }
  const from = base.series
  const today = now().toZonedDateTimeISO('UTC').toPlainDate()
  const change = from ? changeOf(from, found.series, readers, today) : null
  const isOlder = await stores.courses.isFormer(db, slug, digestOf(found))
  return { ...told, state: isOlder ? 'older' : 'changed', readers: count, change }
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
  for (const one of await propose(found, deps)) {
    const { slug, state } = one
    const source = found.find((each) => each.slug === slug)
    const reason = (await whyNot(one, source, options, deps)) ?? null
    if (reason !== null) {
      held.push({ slug, reason })
      const digest = source ? deps.digestOf(source) : ''
      await stores.courses.holdBack(db, { slug, digest, reason }, now())
      log.error({ series: slug, reason }, 'a change of a course is held back; what was live goes on')
      continue
    }
    if (state !== 'same') await makeLive(one, source, deps)
    await stores.courses.letGo(db, slug)
  }
  await live.refresh()
  return held
}

async function whyNot(
  { state, faults, readers, change }: Proposal,
  found: Found | undefined,
  { accept = false, older = accept }: TakeUpOptions,
  deps: Deps,
): Promise<string | undefined> {
  if (state === 'same') return
  const [fault] = faults
  if (fault) {
    const more = faults.length > 1 ? ` (and ${faults.length - 1} more)` : ''
    return `${fault.file}:${fault.line} ${fault.message}${more}; dawnpost check tells all`
  }
  if (state === 'gone') return accept ? undefined : 'its folder is gone; dawnpost diff --accept ends it'
  if (state === 'older' && !older)
    return 'the folder holds what was live once and is no more; dawnpost diff --accept goes back to it'
  if (!accept && change && isHarmful(change))
    return `${harmInWords(change)}; dawnpost diff tells more, and --accept takes it up all the same`
  // At the very first there is nothing to protect, and somebody who waits for the pages.
  if (state === 'new' && readers === 0 && deps.live.series.size === 0) return
  return found?.series ? whyNoMail(found.series, deps) : undefined
}

/** What keeps a series from being made into mails. */
async function whyNoMail(series: Series, { now, editions }: Deps): Promise<string | undefined> {
  const today = now().toZonedDateTimeISO('UTC').toPlainDate()
  try {
    for (const content of contentsOf(series, today)) await editions(content)
  } catch (error) {
    return `it cannot be made into a mail: ${messageOf(error)}`
  }
  return
}

async function makeLive(
  { slug, state, change }: Proposal,
  found: Found | undefined,
  deps: Deps,
): Promise<void> {
  const { db, now, log, stores } = deps
  await db.transaction().execute(async (tx) => {
    await stores.courses.holdAlone(tx)
    if (!found) return stores.courses.withdraw(tx, slug)
    await stores.courses.put(tx, { slug, digest: deps.digestOf(found), files: deps.filesOf(found) }, now())
    const gone = change?.kind === 'course' ? change.gone.map(({ id }) => id) : []
    if (gone.length > 0) await stores.courses.skipLessons(tx, slug, gone, TAKEN_OUT)
  })
  const lessons = (found?.series as Course | undefined)?.lessons?.length
  // What is new stands in the banner, or was asked for by a command.
  log[state === 'new' ? 'debug' : 'info'](
    { series: slug, lessons },
    found ? 'a course is live' : 'a course has ended',
  )
}

export const TAKEN_OUT = 'taken out of the course before it left'
