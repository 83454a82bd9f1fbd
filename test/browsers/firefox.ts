/**
 * Debian's Firefox, controlled by WebDriver BiDi over its own socket, without a separate driver
 * (https://w3c.github.io/webdriver-bidi).
 */
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { answered, type OpenTab, type Reader, scratchProfile, start, strokesOf } from './engine.ts'

const FIREFOX = process.env.FIREFOX ?? '/usr/bin/firefox-esr'

const preferences = ({ script, scheme }: Reader) => ({
  'remote.prefs.recommended': true,
  'javascript.enabled': script,
  'layout.css.prefers-color-scheme.content-override': scheme === 'dark' ? 0 : 1,
  'accessibility.tabfocus': 7,
})

export const openFirefox: OpenTab = async (reader) => {
  await using opened = new AsyncDisposableStack()
  const profile = opened.use(await scratchProfile())
  const lines = Object.entries(preferences(reader)).map(
    ([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});`,
  )
  await writeFile(join(profile.path, 'user.js'), lines.join('\n'))
  const flags = ['--headless', '--no-remote', '--profile', profile.path]
  const program = opened.use(
    start(FIREFOX, [...flags, '--remote-debugging-port', '0'], {
      env: { ...process.env, HOME: profile.path, TZ: reader.zone, LANG: 'en_US.UTF-8' },
    }),
  )
  const [, url] = await program.said(/WebDriver BiDi listening on (ws:\S+)/)
  const { send, close } = await connect(`${url}/session`)
  opened.defer(close)
  await send('session.new', { capabilities: {} })
  const at = { context: '' }
  const fresh = async () => {
    const made = await send<{ context: string }>('browsingContext.create', { type: 'tab' })
    if (at.context) await send('browsingContext.close', { context: at.context })
    at.context = made.context
    const viewport = { width: reader.width, height: 760 }
    await send('browsingContext.setViewport', { context: at.context, viewport })
  }
  await fresh()
  return { ...tabOf(send, at), fresh, [Symbol.asyncDispose]: move(opened) }
}

function move(opened: AsyncDisposableStack) {
  const stack = opened.move()
  return () => stack.disposeAsync()
}

type Send = <T>(method: string, params: object) => Promise<T>

const tabOf = (send: Send, at: { readonly context: string }) => ({
  nextPart: '',
  open: async (url: string) => {
    await send('browsingContext.navigate', { context: at.context, url, wait: 'complete' })
  },
  evaluate: async <T>(expression: string) => {
    const { result, exceptionDetails } = await send<Evaluated>('script.evaluate', {
      expression: `JSON.stringify((${expression}) ?? null)`,
      target: { context: at.context },
      awaitPromise: false,
    })
    if (!result) throw new Error(exceptionDetails?.text)
    return JSON.parse(result.value) as T
  },
  press: async (keys: string) => {
    await send('input.performActions', {
      context: at.context,
      actions: [{ type: 'key', id: 'keys', actions: strokesOf(keys) }],
    })
    // If a key leads away from the page, its release is lost, and the next press is a repeat.
    await send('input.releaseActions', { context: at.context })
  },
  back: async () => {
    await send('browsingContext.traverseHistory', { context: at.context, delta: -1 })
  },
  forward: async () => {
    await send('browsingContext.traverseHistory', { context: at.context, delta: 1 })
  },
  reload: async () => {
    await send('browsingContext.reload', { context: at.context, wait: 'complete' })
  },
  picture: async () => {
    const { data } = await send<{ data: string }>('browsingContext.captureScreenshot', {
      context: at.context,
    })
    return Buffer.from(data, 'base64')
  },
})

interface Evaluated {
  readonly result?: { readonly value: string }
  readonly exceptionDetails?: { readonly text: string }
}

/** Sends commands over a socket and matches the answers to them. */
async function connect(url: string) {
  const socket = new WebSocket(url)
  await answered(`a socket at ${url}`, once(socket, 'open'))
  const waiting = new Map<number, PromiseWithResolvers<unknown>>()
  socket.addEventListener('message', ({ data }) => {
    const { id, result, error, message } = JSON.parse(String(data))
    const asked = waiting.get(id)
    waiting.delete(id)
    if (error) asked?.reject(new Error(`${error}: ${message}`))
    else asked?.resolve(result)
  })
  socket.addEventListener('close', () => {
    for (const asked of waiting.values()) asked.reject(new Error('Firefox has ended'))
  })
  let last = 0
  const send: Send = async (method, params) => {
    const asked = Promise.withResolvers<unknown>()
    waiting.set(++last, asked)
    socket.send(JSON.stringify({ id: last, method, params }))
    return (await answered(`${method} of Firefox`, asked.promise)) as never
  }
  return { send, close: () => socket.close() }
}
