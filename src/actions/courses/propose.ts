/** What publishing a courses folder would change, and the objections to it. */
import type { CourseFolder } from '../../content/courses.ts'
import { type Change, changeOf, dependsOnReaders, isHarmful } from '../../domain/change.ts'
import type { Daily, Series } from '../../domain/course.ts'
import type { Finding } from '../../domain/finding.ts'
import { dateIn } from '../../domain/time.ts'
import { harmInWords } from '../../domain/words.ts'
import type * as stores from '../../store/index.ts'
import type { Db } from '../../store/postgres/sql.ts'
import type { LiveCourses } from './live-courses.ts'
import { type Deps as RehearsalDeps, whyNoMail } from './rehearse.ts'

export interface Deps extends RehearsalDeps {
  readonly db: Db
  readonly stores: Pick<typeof stores, 'courses' | 'waiting'>
  readonly live: LiveCourses
  readonly digestOf: (folder: CourseFolder) => string
}

/** What a folder would do to a live series. */
export interface Proposal {
  readonly slug: string
  /** Title as readers see it; the slug if it cannot be read. */
  readonly title: string
  /**
   * `same`: nothing to do; `gone`: its folder no longer exists; `older`: a version that was live
   * before; `draft`: it is being written, and is not live.
   */
  readonly state: 'new' | 'same' | 'changed' | 'gone' | 'broken' | 'older' | 'draft'
  readonly faults: readonly Finding[]
  /** Why it is a draft; null if it is not. */
  readonly draft: string | null
  /** Why no mails can be made of it; null if they can, or if it is not to be published anyway. */
  readonly unmailable: string | null
  /** Number of readers on their way through it. */
  readonly readers: number
  /** How many readers wait for a start that no longer exists. */
  readonly restarted: number
  /** What it changes for them; null if there is nothing to compare. */
  readonly change: Change | null
  /** Why it is not published by itself; null if it is. */
  readonly objection: string | null
  /** What is in the folder; null if there is none. */
  readonly folder: CourseFolder | null
  /** Identifies its content. */
  readonly digest: string
}

/** What a folder is compared with: the series, and the digest of its content. */
interface Base {
  readonly digest: string
  readonly series: Series | undefined
}

interface ProposeOptions {
  readonly folders: readonly CourseFolder[]
  /** Slugs to leave out. */
  readonly except?: ReadonlySet<string>
}

/**
 * Compares what was found in a folder with what is live, and counts the readers it would affect.
 */
export async function propose(
  { folders, except = new Set() }: ProposeOptions,
  deps: Deps,
): Promise<Proposal[]> {
  const { live } = deps
  await live.refresh()
  const base = [...live.digests].map(
    ([slug, digest]) => [slug, { digest, series: live.series.get(slug) }] as const,
  )
  return compare(new Map(base), { folders, except }, deps)
}

/** Does the same as if `before` were live. */
export function proposeAfter(
  before: readonly CourseFolder[],
  folders: readonly CourseFolder[],
  deps: Deps,
): Promise<Proposal[]> {
  const base = before.map(
    (folder) =>
      [folder.slug, { digest: deps.digestOf(folder), series: folder.series ?? undefined }] as const,
  )
  return compare(new Map(base), { folders, except: new Set() }, deps)
}

function compare(
  base: ReadonlyMap<string, Base>,
  { folders, except }: { folders: readonly CourseFolder[]; except: ReadonlySet<string> },
  deps: Deps,
): Promise<Proposal[]> {
  const slugs = [...new Set([...folders.map(({ slug }) => slug), ...base.keys()])].sort()
  return Promise.all(
    slugs
      .filter((slug) => !except.has(slug))
      .map((slug) => proposal(slug, base.get(slug), folders, deps)),
  )
}

async function proposal(
  slug: string,
  base: Base | undefined,
  folders: readonly CourseFolder[],
  deps: Deps,
): Promise<Proposal> {
  const { db, now, stores, digestOf } = deps
  const folder = folders.find((folder) => folder.slug === slug) ?? null
  const digest = folder ? digestOf(folder) : ''
  const series = folder?.faults.length === 0 ? folder.series : null
  const readers = base && digest !== base.digest ? await readersOf() : []
  const change =
    base?.series && series ? changeOf(base.series, series, readers, dateIn('UTC', now())) : null
  const described = {
    slug,
    folder,
    digest,
    title: folder?.series?.title ?? base?.series?.title ?? slug,
    faults: folder?.faults ?? [],
    draft: folder?.draft ?? null,
    readers: readers.reduce((sum, { count }) => sum + count, 0),
    change,
    restarted: await restartedBy(change),
  }
  const state = await stateOf()
  const isWanted = series && ['new', 'changed', 'older'].includes(state)
  const rehearsed = isWanted && { series, was: base?.series, dailies: dailiesIn(folders) }
  const unmailable = rehearsed ? await whyNoMail(rehearsed, deps) : null
  const judged = { ...described, state, unmailable }
  return { ...judged, objection: objectionTo(judged, {}) }

  async function readersOf() {
    const matters = base?.series && series && dependsOnReaders(base.series, series)
    return matters
      ? stores.courses.groupReaders(db, slug)
      : [{ had: [], count: await stores.courses.countReaders(db, slug) }]
  }

  async function restartedBy(changed: Change | null) {
    const starts = changed?.kind === 'course' ? (changed.schedule.starts ?? []) : []
    return starts.length === 0 ? 0 : stores.waiting.countBeforeStart(db, slug, starts)
  }

  async function stateOf(): Promise<Proposal['state']> {
    if (!folder) return 'gone'
    if (digest === base?.digest) return 'same'
    if (folder.draft !== null && !base) return 'draft'
    if (!series) return 'broken'
    if (await stores.courses.isFormer(db, slug, digest)) return 'older'
    return base ? 'changed' : 'new'
  }
}

const dailiesIn = (folders: readonly CourseFolder[]): Daily[] =>
  folders.flatMap(({ series, faults }) =>
    series?.kind === 'daily' && faults.length === 0 ? [series] : [],
  )

/** What to make live despite objections. */
export interface Acceptance {
  /** Also what does harm, goes back to what was live before, or ends a series. */
  readonly accept?: boolean
  /** Also what was live before: somebody has just restored it. */
  readonly older?: boolean
}

type Objectionable = Pick<Proposal, 'state' | 'faults' | 'draft' | 'unmailable' | 'change'>

/** Returns why a proposal is not published; null if there is no objection. */
export function objectionTo(
  { state, faults, draft, unmailable, change }: Objectionable,
  { accept = false, older = accept }: Acceptance,
): string | null {
  if (state === 'draft') return null
  const [fault] = faults
  if (fault) {
    const more = faults.length > 1 ? ` (and ${faults.length - 1} more)` : ''
    return `${fault.file}:${fault.line} ${fault.message}${more}; dawnpost check shows them all`
  }
  if (draft !== null && state !== 'same')
    return `it is a draft now: ${draft}; remove that to make it live`
  if (unmailable !== null) return unmailable
  if (state === 'gone' && !accept) return 'its folder is gone; run dawnpost diff --accept to end it'
  if (state === 'older' && !older)
    return 'the folder holds an older version that was live before; run dawnpost diff --accept to go back to it'
  if (change && isHarmful(change) && !accept)
    return `${harmInWords(change)}; dawnpost diff shows more, and --accept makes it live anyway`
  return null
}
