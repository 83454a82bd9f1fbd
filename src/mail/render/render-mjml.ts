/**
 * Runs MJML in a child process: it takes 80 MB and longer to load than everything else, for a few
 * pages a day, and a thread would not return the memory. The process starts with the first layout
 * and ends after a while without any.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { SECOND } from '../../domain/time.ts'

export interface RenderRequest {
  readonly id: number
  readonly source: string
}
export type RenderResponse =
  | { readonly id: number; readonly html: string; readonly fault?: undefined }
  | { readonly id: number; readonly fault: string }

// TypeScript in a clone, JavaScript in a package.
const FILE = fileURLToPath(
  new URL(`./render-mjml-child${extname(import.meta.url)}`, import.meta.url),
)
/** Milliseconds the process stays when it has nothing to do. */
let idleTimeoutMs = 20 * SECOND

/** Keeps the process for longer, if several apps are opened in turn and each needs layouts. */
export function setMjmlIdleTimeout(ms: number): void {
  idleTimeoutMs = ms
}

interface Child {
  readonly process: ChildProcess
  readonly pending: Map<number, PromiseWithResolvers<string>>
  idle?: NodeJS.Timeout
}

let current: Child | undefined
let nextId = 0

/** Returns the HTML of an MJML document. Rejects if it is not valid MJML. */
export function mjmlToHtml(source: string): Promise<string> {
  const child = current ?? start()
  current = child
  clearTimeout(child.idle)
  const id = nextId++
  const answer = Promise.withResolvers<string>()
  child.pending.set(id, answer)
  // Only a pending request keeps the program from ending.
  child.process.ref()
  child.process.channel?.ref()
  child.process.send({ id, source } satisfies RenderRequest, (error) => {
    if (error) answer.reject(error)
  })
  return answer.promise
}

function start(): Child {
  const child: Child = {
    process: fork(FILE, { execArgv: [], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] }),
    pending: new Map(),
  }
  child.process.on('message', (message: RenderResponse) => {
    const answer = child.pending.get(message.id)
    child.pending.delete(message.id)
    if (message.fault === undefined) answer?.resolve(message.html)
    else answer?.reject(new Error(message.fault))
    if (child.pending.size === 0) goIdle(child)
  })
  // It ignores SIGINT and SIGTERM, and while loading it does not notice that the parent is gone.
  const kill = () => child.process.kill('SIGKILL')
  process.on('exit', kill)
  const gone = (error: Error) => {
    process.off('exit', kill)
    if (current === child) current = undefined
    for (const answer of child.pending.values()) answer.reject(error)
  }
  child.process.on('error', gone)
  child.process.on('exit', () => gone(new Error('the process that renders the layout has ended')))
  return child
}

function goIdle(child: Child) {
  child.process.unref()
  child.process.channel?.unref()
  child.idle = setTimeout(() => {
    if (current === child) current = undefined
    child.process.disconnect()
  }, idleTimeoutMs).unref()
}
