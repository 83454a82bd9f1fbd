/** What the journeys ask of an engine: real keys, and what a page says of itself. */
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { until } from '../support/wait.ts'

/** Who reads: how wide their window is, what they like to look at, where they are. */
export interface Reader {
  readonly script: boolean
  readonly width: number
  readonly scheme: 'light' | 'dark'
  /** An IANA zone, as the system gives it. */
  readonly zone: string
}

/** One tab of one engine. */
export interface Tab extends AsyncDisposable {
  /** What leads from one part of a date to the next, once it is typed. */
  readonly nextPart: string
  /** Begins without a history, where a tab with one is not to be relied on. */
  fresh(): Promise<void>
  open(url: string): Promise<void>
  /** The value of an expression on the page, as JSON can tell it. */
  evaluate<T>(expression: string): Promise<T>
  /** Presses keys one after another, each a character of WebDriver's (W3C WebDriver, 17.4.2). */
  press(keys: string): Promise<void>
  back(): Promise<void>
  forward(): Promise<void>
  reload(): Promise<void>
  /** A PNG of what the window shows. */
  picture(): Promise<Buffer>
}

export type OpenTab = (reader: Reader) => Promise<Tab>

export const KEY = {
  tab: '\uE004',
  enter: '\uE007',
  space: ' ',
  backspace: '\uE003',
  right: '\uE014',
  delete: '\uE017',
  /** Held while the key after it is pressed. */
  shift: '\uE008',
} as const

/** What fingers do to press keys one after another. */
export const strokesOf = (keys: string) =>
  [...keys.matchAll(/\uE008?(.)/gsu)].flatMap(([pressed, key]) => {
    const stroke = [
      { type: 'keyDown', value: key },
      { type: 'keyUp', value: key },
    ]
    if (pressed === key) return stroke
    return [{ type: 'keyDown', value: KEY.shift }, ...stroke, { type: 'keyUp', value: KEY.shift }]
  })

/** How long an engine may take over one command: many times what a page of ours takes. */
const TIMEOUT_SECONDS = 60

/** An engine that answers no more: it says nothing of that itself. */
export class Hang extends Error {}

/** What is answered. Throws a Hang where nothing is. */
export async function answered<T>(
  what: string,
  answer: Promise<T>,
  seconds = TIMEOUT_SECONDS,
): Promise<T> {
  const late = Promise.withResolvers<never>()
  const said = `the browser hangs: no answer in ${seconds} s to ${what}`
  const timer = setTimeout(() => late.reject(new Hang(said)), seconds * 1_000)
  try {
    return await Promise.race([answer, late.promise])
  } finally {
    clearTimeout(timer)
  }
}

/** A folder for what a browser writes, which goes with it. */
export async function scratchProfile() {
  const path = await mkdtemp(join(tmpdir(), 'dawnpost-browser-'))
  return {
    path,
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true, maxRetries: 5 }),
  }
}

interface Program extends AsyncDisposable {
  /** Resolves once the words stand in what it writes; fails when it ends before. */
  said(words: RegExp): Promise<RegExpExecArray>
}

/**
 * Starts a program, and ends it with all that it has started itself, hung or not. It dies with us,
 * too: a run may be stopped at any moment.
 */
export function start(file: string, args: readonly string[], options: SpawnOptions = {}): Program {
  const stdio = ['ignore', 'pipe', 'pipe'] as const
  const program = spawn('setpriv', ['--pdeathsig', 'KILL', file, ...args], {
    ...options,
    stdio: [...stdio],
    detached: true,
  })
  let text = ''
  for (const stream of [program.stdout, program.stderr]) {
    stream?.on('data', (data) => {
      text += String(data)
    })
  }
  const gone = once(program, 'close')
  let ended = ''
  gone.then(
    ([code, signal]) => {
      ended = `${file} ended with ${code ?? signal}: ${text.slice(-500)}`
    },
    (error: Error) => {
      ended = `${file} did not start: ${error.message}`
    },
  )
  return {
    said: async (words) => {
      await until(
        `${file} to say ${words}`,
        () => words.test(text) || ended !== '',
        TIMEOUT_SECONDS,
      )
      const found = words.exec(text)
      if (!found) throw new Error(ended)
      return found
    },
    [Symbol.asyncDispose]: () => endGroup(program, gone),
  }
}

async function endGroup({ pid }: ChildProcess, gone: Promise<unknown>): Promise<void> {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // All of it has ended by itself.
  }
  await answered(`the end of process ${pid}`, gone)
}
