/** What the journeys ask of an engine: real keys, and what a page says of itself. */
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
} as const

/** Stops a program that a test has started, and takes away what it has written. */
export async function scratchProfile() {
  const path = await mkdtemp(join(tmpdir(), 'dawnpost-browser-'))
  return {
    path,
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true, maxRetries: 5 }),
  }
}

/** Resolves once `words` stand in what a program writes. */
export async function line(
  stream: NodeJS.ReadableStream | null,
  words: RegExp,
): Promise<RegExpExecArray> {
  let text = ''
  stream?.on('data', (data) => {
    text += String(data)
  })
  await until(`a program to say ${words}`, () => words.test(text))
  return words.exec(text) as RegExpExecArray
}
