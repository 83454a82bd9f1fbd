/** What the journeys need from an engine: real key presses, and the state of a page. */
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { until } from '../support/wait.ts'

/** A reader: the width of their window, their color scheme, and their time zone. */
export interface Reader {
  readonly script: boolean
  readonly width: number
  readonly scheme: 'light' | 'dark'
  /** An IANA time zone, as the system reports it. */
  readonly zone: string
}

/** One tab of one engine. */
export interface Tab extends AsyncDisposable {
  /** The key that moves from one part of a date to the next after typing. */
  readonly nextPart: string
  /** Starts without a history, in engines where a tab that has one is unreliable. */
  fresh(): Promise<void>
  open(url: string): Promise<void>
  /** The value of an expression on the page, passed as JSON. */
  evaluate<T>(expression: string): Promise<T>
  /** Presses keys one after another, as WebDriver key values (W3C WebDriver, 17.4.2). */
  press(keys: string): Promise<void>
  back(): Promise<void>
  forward(): Promise<void>
  reload(): Promise<void>
  /** A PNG of the window. */
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

/** The key events for pressing keys one after another. */
export const strokesOf = (keys: string) =>
  [...keys.matchAll(/\uE008?(.)/gsu)].flatMap(([pressed, key]) => {
    const stroke = [
      { type: 'keyDown', value: key },
      { type: 'keyUp', value: key },
    ]
    if (pressed === key) return stroke
    return [{ type: 'keyDown', value: KEY.shift }, ...stroke, { type: 'keyUp', value: KEY.shift }]
  })

/** The timeout of one command: many times what one of our pages takes. */
const TIMEOUT_SECONDS = 60

/** Thrown when an engine no longer answers. */
export class Hang extends Error {}

/** The answer; throws a Hang if there is none in time. */
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

/** A folder for the files of a browser, deleted afterwards. */
export async function scratchProfile() {
  const path = await mkdtemp(join(tmpdir(), 'dawnpost-browser-'))
  return {
    path,
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true, maxRetries: 5 }),
  }
}

interface Program extends AsyncDisposable {
  /** Resolves once its output contains the words; fails if it ends before that. */
  said(words: RegExp): Promise<RegExpExecArray>
}

/**
 * Starts a program, and kills it later together with its children, even if it hangs. It also dies
 * with this process, since a run can be stopped at any moment.
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
    // The whole group has already ended.
  }
  await answered(`the end of process ${pid}`, gone)
}
