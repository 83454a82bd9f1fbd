/**
 * What this worker has claimed, which of it may have reached an SMTP server, and which of that a
 * server has taken. The latter two are also noted in a file that survives a kill -9. From it, a
 * process that takes over on this machine tells mail that never reached SMTP from mail that may
 * have, and from mail that a server has taken. A note costs microseconds; one in the ledger would
 * cost a fifth of the speed. Where the file is missing, as on another machine or after this one has
 * stopped, everything claimed counts as handed over.
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
import { claimLost } from '../domain/deferred.ts'
import { DAY, SECOND } from '../domain/time.ts'
import { isAlive } from './is-alive.ts'

const FOLDER = 'in-flight'
/** Changes at every boot. Whatever had not been flushed to disk by then is lost. */
const BOOT_ID = '/proc/sys/kernel/random/boot_id'
/**
 * The file begins with the boot id and a mark of the format: files of older versions hold ids alone
 * and are ignored. Then comes an entry for each delivery: its id, and the hash of the edition that
 * a server has taken, or zeros.
 */
const [HEADER, ID_BYTES, ENTRY_BYTES] = [48, 16, 32]
const headerOf = (boot: string) => `${boot} taken`.padEnd(HEADER, '\n')
const HASH = /^[0-9a-f]{32}$/
/**
 * The age at which a killed worker's file is stale: a lease ends within seconds, so all of it was
 * settled long before.
 */
const STALE_AFTER_MS = DAY

export interface Handovers {
  /**
   * Must be called before a claim: opens the file first, since a killed process may never see the
   * claim's answer.
   */
  beforeClaim(): void
  /** Holds deliveries that were claimed to leave in one mail. */
  hold(ids: readonly string[]): Hold
  holds(id: string): boolean
  /** Returns whether anything is held. */
  isHolding(): boolean
  /**
   * Records that the lease runs again from `since`. Unless it is `unbroken`, nothing claimed before
   * belongs to this worker any more.
   */
  leased(since: number, unbroken: boolean): void
  /** Milliseconds since the lease began to run. */
  leasedAgoMs(): number
  close(): void
}

/**
 * One claim of a mail. Once its outcome is in the ledger the mail may be claimed again, by this
 * worker too; calls on the old hold do not affect the new claim.
 */
export interface Hold {
  /**
   * Must be called before SMTP can have the mail. Throws if the lease has ended, since another
   * worker may have the mail then.
   */
  beginHandover(): void
  /**
   * Notes that a server has taken the mail, with this edition, so that this is known even if the
   * process is killed before it is in the ledger.
   */
  markAccepted(edition: string): void
  /** Ends the hold: the outcome is in the ledger. */
  release(): void
}

interface Worker {
  readonly worker: string
  readonly seconds: number
}

export function openHandovers(dataDir: string, { worker, seconds }: Worker): Handovers {
  /** The last claim of each delivery, by id. */
  const held = new Map<string, symbol>()
  /**
   * When the lease began to run, and its number: a lease that follows a broken one gets a new one.
   */
  let lease = { since: Number.NEGATIVE_INFINITY, number: 0 }
  let notes: HandoverJournal | null | undefined
  const leasedAgoMs = () => performance.now() - lease.since
  return {
    beforeClaim: () => {
      if (notes === undefined) notes = openJournal(dataDir, worker)
    },
    hold: (ids) => {
      const claim = Symbol('claim')
      const { number } = lease
      for (const id of ids) held.set(id, claim)
      const isHeld = (id: string) => held.get(id) === claim
      return {
        beginHandover: () => {
          const isOver = leasedAgoMs() >= seconds * SECOND
          if (isOver || number !== lease.number || !ids.every(isHeld)) throw claimLost()
          if (notes && !notes.add(ids)) notes = null
        },
        markAccepted: (edition) => {
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
 * Returns what a worker that is gone had handed over, as far as this machine knows: delivery ids,
 * each with the hash of the edition that a server has taken, or null if none is known. Returns null
 * if this machine does not know.
 */
export async function handedOverBy(
  dataDir: string,
  worker: string,
): Promise<ReadonlyMap<string, string | null> | null> {
  const boot = bootId()
  // A worker that is cut off from the database goes on for a while.
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

interface HandoverJournal {
  /** Returns false if nothing can be noted; the file is gone then. */
  add(ids: readonly string[]): boolean
  /** Notes that deliveries added before have been taken. */
  mark(ids: readonly string[], edition: string): void
  remove(ids: readonly string[]): void
  end(): void
}

/** Null if the file cannot be created or the boot id is unknown. */
function openJournal(dataDir: string, worker: string): HandoverJournal | null {
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
    // The name goes first: nobody may rely on a file that may be incomplete.
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
        // The entry still says that a server may have the mail.
      }
    },
    // A free entry is left as it is: its outcome is in the ledger.
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
  const isOld = (file: string) => nowMs - statSync(file).mtimeMs > STALE_AFTER_MS
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
