/** Publishes the contents of a courses folder. */
import type { CourseFolder } from '../../content/courses.ts'
import { affectsWaitingReaders } from '../../domain/change.ts'
import { LESSON_REMOVED_REASON } from '../../domain/delivery.ts'
import type { Logger } from '../../platform/log.ts'
import type * as stores from '../../store/index.ts'
import {
  type Acceptance,
  objectionTo,
  type Proposal,
  type Deps as ProposeDeps,
  propose,
} from './propose.ts'
import { whyNoLayout } from './rehearse.ts'
import { settle } from './settle.ts'
import { recordShown } from './shown.ts'
import { type Deps as MediaDeps, storeMedia } from './store-media.ts'

export interface Deps extends ProposeDeps, MediaDeps {
  readonly log: Logger
  readonly stores: Pick<typeof stores, 'courses' | 'shown' | 'media' | 'waiting'>
  readonly filesOf: (folder: CourseFolder) => stores.courses.Files
}

export interface PublishOptions extends Acceptance {
  /** Whether what another process has just blocked is not compared again. */
  readonly sharing?: boolean
}

/** A change that was not published, and why. */
export interface BlockedCourse {
  readonly slug: string
  readonly reason: string
}

/**
 * Makes what was found in a folder live, each series whole or not at all: one that is broken,
 * cannot be made into mails, or would do harm leaves what is live as it is, and is recorded and
 * logged. A draft is recorded and never live. Readers who are on their way continue by the rules of
 * domain/change.ts.
 *
 * @returns what is blocked.
 */
export function publish(
  folders: readonly CourseFolder[],
  options: PublishOptions,
  deps: Deps,
): Promise<readonly BlockedCourse[]> {
  const { db, stores } = deps
  // All processes see a change at the same moment: one compares, which takes a while, and the
  // others use its result.
  return db.transaction().execute(async (turn) => {
    await stores.courses.lockComparing(turn)
    return publishAlone(folders, options, deps)
  })
}

async function publishAlone(
  folders: readonly CourseFolder[],
  options: PublishOptions,
  deps: Deps,
): Promise<readonly BlockedCourse[]> {
  const { db, now, stores, live } = deps
  const blocked = await blockedByOthers(folders, options, deps)
  const proposals = await propose(
    { folders, except: new Set(blocked.map(({ slug }) => slug)) },
    deps,
  )
  const at = now()
  for (const proposal of proposals) {
    const { slug, state, digest, draft } = proposal
    if (state === 'draft' && draft !== null) {
      await stores.courses.block(db, { slug, digest, reason: draft, draft: true }, at)
      continue
    }
    const reason =
      objectionTo(proposal, options) ??
      (await whyNot(proposal, deps)) ??
      (await whyNoMedia(proposal, deps))
    if (reason !== null) {
      blocked.push({ slug, reason })
      await stores.courses.block(db, { slug, digest, base: baseOf(slug, deps), reason }, at)
      continue
    }
    if (state !== 'same') await makeLive(proposal, deps)
    await stores.courses.unblock(db, slug)
  }
  const waiting = await noteWaiting(proposals, at, deps)
  for (const { slug: series, reason } of blocked) {
    deps.log.error({ series, reason }, 'a change to a course is blocked; the live version stays')
  }
  await stores.courses.pruneBlocked(
    db,
    [...proposals, ...blocked].map(({ slug }) => slug).concat(waiting),
  )
  await live.refresh()
  await settle(await stores.courses.unsettled(db), deps)
  return blocked
}

/** Records the lessons that are not published yet, each by its file; returns their names. */
async function noteWaiting(
  proposals: readonly Proposal[],
  at: Temporal.Instant,
  { db, stores }: Deps,
) {
  const waiting = proposals.flatMap(({ draft, folder }) =>
    draft === null ? (folder?.waiting ?? []) : [],
  )
  for (const { file: slug, reason } of waiting)
    await stores.courses.block(db, { slug, digest: '', reason, draft: true }, at)
  return waiting.map(({ file }) => file)
}

const baseOf = (slug: string, { live }: Pick<Deps, 'live'>) => live.digests.get(slug) ?? null

/** Returns what another process has just compared and blocked. */
async function blockedByOthers(
  folders: readonly CourseFolder[],
  { sharing = false, older = false }: PublishOptions,
  deps: Deps,
): Promise<BlockedCourse[]> {
  const { db, stores, live, digestOf } = deps
  if (!sharing) return []
  await live.refresh()
  const results = folders.map(async (folder) => {
    const { slug } = folder
    // Being older may have been the only objection.
    if (older && (await stores.courses.isFormer(db, slug, digestOf(folder)))) return []
    const reason = await stores.courses.recentBlockReason(db, {
      slug,
      digest: digestOf(folder),
      base: baseOf(slug, deps),
    })
    return reason === null ? [] : [{ slug, reason }]
  })
  return (await Promise.all(results)).flat()
}

/** Returns what keeps a series from being laid out; null if nothing does. */
function whyNot({ state, folder }: Proposal, deps: Deps): Promise<string | null> | null {
  // At the first start there is nothing to protect, and somebody is waiting for the pages.
  const isFirst = state === 'new' && deps.live.series.size === 0
  return folder?.series && state !== 'same' && !isFirst ? whyNoLayout(folder.series, deps) : null
}

/** Returns why its pictures and files cannot be stored; null if they are. */
const whyNoMedia = ({ state, folder }: Proposal, deps: Deps) =>
  folder && state !== 'same' ? storeMedia(folder, deps) : null

async function makeLive(
  { slug, state, change, folder, digest }: Proposal,
  deps: Deps,
): Promise<void> {
  const { db, log, stores, live } = deps
  // Rehearsals may have taken a while: what was shown counts until it changes.
  const at = deps.now()
  await db.transaction().execute(async (tx) => {
    await stores.courses.lockExclusively(tx)
    const before = live.series.get(slug)
    if (before?.kind === 'daily') await recordShown(tx, before, at, deps)
    if (!folder) return stores.courses.withdraw(tx, slug)
    const settled = folder.series !== null && !affectsWaitingReaders(before, folder.series)
    await stores.courses.put(tx, { slug, digest, files: deps.filesOf(folder), settled }, at)
  })
  const gone = change?.kind === 'course' ? change.gone.map(({ id }) => id) : []
  // After the commit, so that planners no longer wait. One of these that leaves in between, or is
  // left by a crash here, is refused for the same reason.
  if (gone.length > 0) await stores.courses.skipLessons(db, slug, gone, LESSON_REMOVED_REASON)
  // What is new is in the banner, or was requested by a command.
  log[state === 'new' ? 'debug' : 'info'](
    { series: slug },
    folder ? 'a course is live' : 'a course has ended',
  )
}
