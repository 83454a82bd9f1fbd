import { NIL_UUID } from '../../domain/uuid.ts'
import type { Logger } from '../../platform/log.ts'
import type * as stores from '../../store/index.ts'
import type { Db } from '../../store/postgres/sql.ts'

/** A note outside the database of how far it had come; a restored backup is behind it. */
export interface Witness {
  /** Returns the mark noted for this lineage; null if there is none, or it cannot be reached. */
  read(id: string): Promise<number | null>
  note(seen: stores.lineage.KnownLineage): Promise<void>
}

export interface Deps {
  readonly db: Db
  readonly now: () => Temporal.Instant
  /** Null for a command, which reports it in its own words. */
  readonly log: Logger | null
  readonly stores: Pick<typeof stores, 'lineage'>
  readonly witnesses: readonly Witness[]
  /** Where the database is; different for each copy. */
  readonly place: string
  /** Whether two places are the same. */
  readonly isSamePlace: (stored: string, current: string) => boolean
  /** Whether anything was due since an instant. */
  readonly isAnythingDue: (since: Temporal.Instant | null) => Promise<boolean>
}

export type LineageGuard = Awaited<ReturnType<typeof openLineage>>

/** No lineage has this id, so nothing can be claimed with it. */
const NONE: stores.lineage.KnownLineage = { id: NIL_UUID, mark: 0 }

/**
 * Notices that the database was restored from a backup, or is a copy: it is behind what was noted
 * elsewhere or has been seen by this process, or it is in another place. Nothing is sent then until
 * an operator has decided, unless nothing was due since.
 */
export async function openLineage(deps: Deps) {
  const { db, now, log, stores, witnesses, place } = deps
  let seen = NONE
  let isLogged = false

  /** Returns how far this lineage is known to have come, by this process and elsewhere. */
  const noted = async (id: string) => {
    const known = seen.id === id ? seen.mark : -1
    const marks = await Promise.all(witnesses.map((witness) => witness.read(id).catch(() => null)))
    return Math.max(known, ...marks.map((mark) => mark ?? -1))
  }
  const checkLineage = async () => {
    const before = await stores.lineage.read(db)
    if (before.id === null) await stores.lineage.begin(db, place)
    // Read first and written last, so that a database that simply goes on is never behind it.
    const mark = before.id === null ? -1 : await noted(before.id)
    const past = await stores.lineage.read(db)
    const { id } = past
    if (id === null) return
    if (past.heldSince === null && id === (before.id ?? id)) await judge({ ...past, id }, mark)
    await follow()
  }
  const judge = async (past: stores.lineage.Lineage & { id: string }, mark: number) => {
    const isBehind = mark > past.mark
    const isCopy = !deps.isSamePlace(past.place ?? '', place)
    if (!isBehind && !isCopy) {
      if (past.place !== place) await stores.lineage.moveTo(db, place)
      return
    }
    if (await deps.isAnythingDue(past.markedAt)) return stores.lineage.hold(db, now(), past.id)
    await stores.lineage.release(db, { place, now: now(), past: past.id })
    log?.info('the database is a copy, or was restored from a backup; nothing was due since')
  }
  /** Continues with the lineage that the database has now. */
  const follow = async () => {
    const { id, mark, heldSince } = await stores.lineage.read(db)
    if (id !== null) seen = { id, mark }
    if (heldSince !== null && !isLogged) {
      log?.error(
        'the database was restored from a backup, or is a copy; nothing is sent until `dawnpost resume-from-backup`',
      )
    }
    isLogged = heldSince !== null
  }

  await checkLineage()
  return {
    seen: () => seen,
    /** A sign of life: advances the mark, and notes it outside. */
    advance: async () => {
      const mark = await stores.lineage.advance(db, seen, now())
      if (mark === null) return checkLineage()
      seen = { ...seen, mark }
      await Promise.all(witnesses.map((witness) => witness.note(seen).catch(() => {})))
    },
    /** Returns since when nothing is sent; null while it may be. */
    heldSince: async () => (await stores.lineage.read(db)).heldSince,
    follow,
  }
}
