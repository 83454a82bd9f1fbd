/**
 * SMTP servers that record what they accept, and misbehave when a scenario tells them to. Each
 * worker has its own, so it is known which worker sent a mail.
 */
import { createHash } from 'node:crypto'
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as pause } from 'node:timers/promises'
import { type Envelope, openDoor, type Refusal } from './door.ts'

/** Which worker's server, and which of its servers. Both count from 0. */
export interface Place {
  readonly worker: number
  readonly server: number
}

/** A mail that was accepted. */
export interface Accepted extends Place, Envelope {
  /** Milliseconds on the real clock. */
  readonly at: number
  readonly messageId: string
  readonly subject: string
  /** Hash of all its bytes. */
  readonly digest: string
}

/** A mail that is being received. */
export interface Attempt extends Place, Envelope {
  /** The number of attempts at this step since the script was set, over all workers; from 1. */
  readonly nth: number
}

/** How the servers behave; by default they say yes. */
export interface Script {
  readonly recipient?: (attempt: Attempt) => Refusal | undefined
  readonly data?: (attempt: Attempt) => Refusal | undefined
  /** Connections each server allows at a time. */
  readonly most?: number
  /**
   * Once the whole mail has arrived, nothing is answered until this resolves; then the connection
   * is cut, and nothing is accepted.
   */
  readonly silent?: (attempt: Attempt) => Promise<unknown> | undefined
  /** The mail has been accepted, but this is not answered. */
  readonly dot?: (attempt: Attempt) => 'drop' | undefined
  /** The 250 to the final dot has been written. */
  readonly answered?: (attempt: Attempt) => void
}

type Step = Exclude<keyof Script, 'most'>

export interface Recorder extends AsyncDisposable {
  play(script: Script): void
  port(place: Place): number
  /** How many mails have been accepted so far. */
  count(): number
  /** The longest time so far that the machine kept this process waiting for the processor. */
  heldUpMs(): number
  /** The accepted mails by the file, in order. */
  accepted(): Accepted[]
  /** Refuses connections to these servers until `open`. */
  shut(which: (place: Place) => boolean): void
  open(): Promise<void>
  /** All servers are silent for `ms`. */
  stall(ms: number): Promise<void>
}

interface Options {
  readonly workers: number
  readonly servers: number
  /** Where accepted mails are recorded at once, one JSON line each. */
  readonly file: string
  /** How long each mail takes, so that a fault hits in the middle of many. */
  readonly paceMs: number
}

export async function openRecorder({ workers, servers, file, paceMs }: Options): Promise<Recorder> {
  const handle = openSync(file, 'a')
  const delay = monitorEventLoopDelay({ resolution: 10 })
  delay.enable()
  let count = 0
  let script: Script = {}
  let steps = { recipient: 0, data: 0, silent: 0, dot: 0, answered: 0 }
  let silence: Promise<void> = Promise.resolve()
  let over = false
  const keeperOf = (place: Place) => {
    const ask = <S extends Step>(step: S, envelope: Envelope) =>
      script[step]?.({ ...place, ...envelope, nth: ++steps[step] }) as ReturnType<
        NonNullable<Script[S]>
      >
    return {
      get most() {
        return script.most ?? Number.POSITIVE_INFINITY
      },
      ready: () => silence,
      recipient: (envelope: Envelope) => ask('recipient', envelope),
      data: (envelope: Envelope) => ask('data', envelope),
      take: async (envelope: Envelope, raw: string) => {
        const held = ask('silent', envelope)
        if (held) {
          await held
          return 'drop'
        }
        await pause(paceMs)
        if (over) return 'drop'
        const mail: Accepted = {
          at: Date.now(),
          ...place,
          ...envelope,
          ...headOf(raw),
          digest: digestOf(raw),
        }
        writeSync(handle, `${JSON.stringify(mail)}\n`)
        count += 1
        return ask('dot', envelope)
      },
      answered: (envelope: Envelope) => ask('answered', envelope),
    }
  }
  const places = Array.from({ length: workers * servers }, (_, index) => ({
    worker: Math.floor(index / servers),
    server: index % servers,
  }))
  const doors = await Promise.all(
    places.map(async (place) => ({ place, door: await openDoor(keeperOf(place)) })),
  )
  return {
    play: (next) => {
      script = next
      steps = { recipient: 0, data: 0, silent: 0, dot: 0, answered: 0 }
    },
    port: ({ worker, server }) => doors[worker * servers + server]?.door.port ?? 0,
    count: () => count,
    heldUpMs: () => delay.max / 1e6,
    accepted: () =>
      readFileSync(file, 'utf8')
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line)),
    shut: (which) => {
      for (const { place, door } of doors) if (which(place)) door.shut()
    },
    open: async () => {
      await Promise.all(doors.map(({ door }) => door.open()))
    },
    stall: (ms) => {
      silence = pause(ms)
      return silence
    },
    [Symbol.asyncDispose]: async () => {
      over = true
      delay.disable()
      for (const { door } of doors) door.close()
      closeSync(handle)
    },
  }
}

const digestOf = (raw: string) => createHash('sha1').update(raw, 'latin1').digest('base64url')

/** The two fields that identify a mail. */
function headOf(raw: string): Pick<Accepted, 'messageId' | 'subject'> {
  const head = raw.slice(0, raw.indexOf('\r\n\r\n'))
  const field = (name: string) =>
    new RegExp(`^${name}:[ \\t]*(.*(?:\\r\\n[ \\t].*)*)`, 'im')
      .exec(head)?.[1]
      ?.replace(/\r\n[ \t]+/g, ' ') ?? ''
  return { messageId: field('Message-ID'), subject: field('Subject') }
}
