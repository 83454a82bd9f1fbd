/**
 * Connects the detection of a restored database to the places outside it where its past is noted.
 */
import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Deps, openLineage, type Witness } from '../actions/operating/lineage.ts'
import { NIL_UUID } from '../domain/uuid.ts'
import type { Config } from '../platform/config.ts'
import type { Logger } from '../platform/log.ts'
import type { DeliveryQueue } from '../queue/queue.ts'
import * as due from '../store/due.ts'
import * as restored from '../store/restored.ts'

interface Settings extends Pick<Deps, 'db' | 'now' | 'stores'> {
  readonly log: Logger
  /** Where the database is, as `placeFor` returns it. */
  readonly where: string
  readonly series: ReadonlyMap<string, unknown>
  readonly resends: number
  /** Whether all mail stays on this machine. */
  readonly sandbox: boolean
  /** Null if the queue's notes are not used, as in commands that work without the queue. */
  readonly noting: Pick<DeliveryQueue, 'notes'> | null
}

/**
 * Opens the guard that keeps a restored database from sending. See actions/operating/lineage.ts.
 */
export async function openDatabaseLineage(
  { where, series, resends, sandbox, noting, log, ...deps }: Settings,
  { dataDir, databaseUrl }: Pick<Config, 'dataDir' | 'databaseUrl'>,
) {
  const { db, now } = deps
  const file = databaseUrl === null ? await filesIn(join(dataDir, 'postgres')) : ''
  const place = `${where} ${file}`
  const lineage = await openLineage({
    ...deps,
    log: noting && log,
    place,
    witnesses: [inFolder(dataDir), ...(noting?.notes ? [byQueue(noting.notes)] : [])],
    // A copied checkout, or one on a drive without stable inode numbers, does no harm in the
    // sandbox.
    isSamePlace: (stored, current) =>
      stored === current || (sandbox && stored.split(' ')[0] === current.split(' ')[0]),
    isAnythingDue: async (from) => {
      const until = now()
      const sent = await restored.count(db, { from, until, resends })
      const options = { until, from, after: NIL_UUID, limit: 1 }
      return sent.length > 0 || (await due.dueBy(db, [...series.keys()], options)).length > 0
    },
  })
  return { ...lineage, place }
}

/**
 * Returns the inode numbers of files that PostgreSQL never replaces: they tell a folder that was
 * copied back from the original.
 */
async function filesIn(folder: string): Promise<string> {
  const files = ['global/pg_control', 'PG_VERSION', 'base'].map((name) => stat(join(folder, name)))
  return (await Promise.all(files)).map(({ ino }) => ino).join('/')
}

/** A witness in a file in an existing folder. */
function inFolder(folder: string): Witness {
  const file = join(folder, 'lineage')
  return {
    read: async (id) => {
      const [of, mark] = (await readFile(file, 'utf8')).trim().split(' ')
      return of === id && /^\d+$/.test(mark ?? '') ? Number(mark) : null
    },
    note: ({ id, mark }) => writeFile(file, `${id} ${mark}\n`, { mode: 0o600 }),
  }
}

function byQueue({ read, write }: NonNullable<DeliveryQueue['notes']>): Witness {
  const name = (id: string) => `dawnpost:lineage:${id}`
  return {
    read: async (id) => {
      const mark = await read(name(id))
      return mark === null ? null : Number(mark)
    },
    note: ({ id, mark }) => write(name(id), String(mark)),
  }
}
