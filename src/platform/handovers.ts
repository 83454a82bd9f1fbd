/**
 * What this worker has claimed, of which of it SMTP may have the mail, and which of those a server
 * has taken. The latter two are noted in a file as well, which outlives a kill -9: with it whoever
 * takes over on this machine tells a mail that SMTP never had from one that it may have, and from
 * one that it has. A note costs microseconds, where one in the ledger would cost a fifth of the
 * speed. Where there is no such file, as on another machine or after this one has stopped, all that
 * was claimed counts as handed over.
 */
import {
  closeSync,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { notOurs } from '../domain/deferred.ts'
import { DAY, SECOND } from '../domain/time.ts'
import { isAlive } from './is-alive.ts'

const FOLDER = 'in-flight'
/**
 * Another one after each start of the machine: what it had not yet written to the disk is lost
 * then.
 */
const BOOT_ID = '/proc/sys/kernel/random/boot_id'
/**
 * The file begins with the boot's id and a mark of what follows, since files of older versions hold
 * ids alone and are not believed; then come deliveries, each with its id and the hash of the
 * edition that a server has taken; where there is none, zeros.
 */
const [HEADER, ID_BYTES, ENTRY_BYTES] = [48, 16, 32]
const headerOf = (boot: string) => `${boot} taken`.padEnd(HEADER, '\n')
const HASH = /^[0-9a-f]{32}$/
/**
 * What a worker had when it was killed is settled long before: its lease ends within seconds.
 */
const OLD = DAY

export interface Handovers {
  /** To be called before a claim, of which nobody may hear if we are killed. */
  claiming(): void
  /** They were claimed, to leave in one mail. */
  hold(ids: readonly string[]): Hold
  holds(id: string): boolean
  /** Whether anything is held. */
  isHolding(): boolean
  /**
   * The worker's lease runs from `since` again. `unbroken`: it had held until then; else nothing
   * that was claimed before is ours any more.
   */
  leased(since: number, unbroken: boolean): void
  /** How long ago the lease began to run, in milliseconds. */
  leasedAgoMs(): number
  close(): void
}

/**
 * One claim of a mail. It may be claimed anew, by this worker too, as soon as what became of it
 * stands in the ledger: what is said of the claim before is not of that one.
 */
export interface Hold {
  /**
   * To be called before SMTP can have the mail. Throws when the lease has ended, since another
   * worker may have it then.
   */
  begin(): void
  /**
   * A server has taken it, with the text of this edition: should we be killed before the ledger
   * knows, whoever takes over does.
   */
  taken(edition: string): void
  /** It is through, and that stands in the ledger. */
  release(): void
}

interface Worker {
  readonly worker: string
  readonly seconds: number
}

export function openHandovers(dataDir: string, { worker, seconds }: Worker): Handovers {
  /** By id, of its last claim. */
  const held = new Map<string, symbol>()
  /**
   * Since when the lease runs, and which of our leases it is: each that was broken begins another.
   */
  let lease = { since: Number.NEGATIVE_INFINITY, number: 0 }
  let notes: NoteFile | null | undefined
  const leasedAgoMs = () => performance.now() - lease.since
  return {
    claiming: () => {
      if (notes === undefined) notes = openNotes(dataDir, worker)
    },
    hold: (ids) => {
      const claim = Symbol('claim')
      const { number } = lease
      for (const id of ids) held.set(id, claim)
      const isHeld = (id: string) => held.get(id) === claim
      return {
        begin: () => {
          const isOver = leasedAgoMs() >= seconds * SECOND
          if (isOver || number !== lease.number || !ids.every(isHeld)) throw notOurs()
          if (notes && !notes.add(ids)) notes = null
        },
        taken: (edition) => {
          if (HASH.test(edition)) notes?.mark(ids.filter(isHeld), edition)
        },
        release: () => {
          const those = ids.filter(isHeld)
          for (const id of those) held.delete(id)
          notes?.remove(those)
        },
      }
    },
    holds: (id) => held.has(id),
    isHolding: () => held.size > 0,
    leased: (since, unbroken) => {
      lease = { since, number: lease.number + (unbroken ? 0 : 1) }
    },
    leasedAgoMs,
    close: () => {
      if (held.size === 0) notes?.end()
    },
  }
}

/**
 * What a worker that is gone had handed over, as far as this machine knows, each with the hash of
 * the edition that a server has taken, or null where nobody knows of one; null when it does not.
 */
export async function handedOverBy(
  dataDir: string,
  worker: string,
): Promise<ReadonlyMap<string, string | null> | null> {
  const boot = bootId()
  // One that is cut off from the database goes on, for a while.
  if (isAlive(Number(worker.split(':')[1]))) return null
  const bytes = await readFile(fileOf(dataDir, worker)).catch(() => null)
  if (!boot || bytes?.toString('latin1', 0, HEADER) !== headerOf(boot)) return null
  const handedOver = new Map<string, string | null>()
  for (let at = HEADER; at + ENTRY_BYTES <= bytes.length; at += ENTRY_BYTES) {
    const id = bytes.toString('hex', at, at + ID_BYTES)
    const edition = bytes.toString('hex', at + ID_BYTES, at + ENTRY_BYTES)
    handedOver.set(
      id.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-'),
      edition === NO_EDITION ? null : edition,
    )
  }
  return handedOver
}

const NO_EDITION = '0'.repeat(2 * (ENTRY_BYTES - ID_BYTES))

interface NoteFile {
  /** False: it cannot be noted, and nothing was noted at all. */
  add(ids: readonly string[]): boolean
  /** What was added has been taken. */
  mark(ids: readonly string[], edition: string): void
  remove(ids: readonly string[]): void
  end(): void
}

/** Null where there is no folder for it, or no telling whether the machine was started anew. */
function openNotes(dataDir: string, worker: string): NoteFile | null {
  const boot = bootId()
  const file = fileOf(dataDir, worker)
  let fd: number
  try {
    if (!boot) return null
    makeFolder(join(dataDir, FOLDER))
    fd = openSync(file, 'wx', 0o600)
    writeSync(fd, headerOf(boot), 0)
    tidyUp(join(dataDir, FOLDER), fstatSync(fd).mtimeMs)
  } catch {
    return null
  }
  const places = new Map<string, number>()
  const free: number[] = []
  let used = 0
  const end = () => {
    // First the name: without it nothing is taken from what may be missing.
    rmSync(file, { force: true })
    closeSync(fd)
  }
  return {
    add: (ids) => {
      try {
        for (const id of ids) {
          const place = places.get(id) ?? free.pop() ?? used++
          places.set(id, place)
          const entry = Buffer.from(id.replaceAll('-', '') + NO_EDITION, 'hex')
          writeSync(fd, entry, 0, ENTRY_BYTES, HEADER + place * ENTRY_BYTES)
        }
        return true
      } catch {
        end()
        return false
      }
    },
    mark: (ids, edition) => {
      const hash = Buffer.from(edition, 'hex')
      try {
        for (const id of ids) {
          const place = places.get(id)
          if (place !== undefined)
            writeSync(fd, hash, 0, hash.length, HEADER + place * ENTRY_BYTES + ID_BYTES)
        }
      } catch {
        // Then it stands there as one that a server may have.
      }
    },
    // What stands in a free place is in the ledger.
    remove: (ids) => {
      for (const id of ids) {
        const place = places.get(id)
        if (place !== undefined && places.delete(id)) free.push(place)
      }
    },
    end,
  }
}

function makeFolder(folder: string) {
  try {
    mkdirSync(folder, { mode: 0o700 })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}

function tidyUp(folder: string, nowMs: number) {
  const isOld = (file: string) => nowMs - statSync(file).mtimeMs > OLD
  for (const file of readdirSync(folder).map((name) => join(folder, name)))
    if (isOld(file)) rmSync(file, { force: true })
}

const fileOf = (dataDir: string, worker: string) =>
  join(dataDir, FOLDER, encodeURIComponent(worker))

function bootId(): string | null {
  try {
    return readFileSync(BOOT_ID, 'utf8').trim()
  } catch {
    return null
  }
}
