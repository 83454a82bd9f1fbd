/**
 * Debian's WebKitGTK: its MiniBrowser on a virtual screen, controlled by its WebDriver
 * (https://www.w3.org/TR/webdriver2).
 */
import { globSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { freePort } from '../support/free-port.ts'
import { until } from '../support/wait.ts'
import {
  answered,
  KEY,
  type OpenTab,
  type Reader,
  scratchProfile,
  start,
  strokesOf,
} from './engine.ts'

/** The buttons of its window are wider than a phone, so they are shrunk to nothing. */
const NO_BUTTONS = '* { min-width: 0; padding: 0; margin: 0; border: 0; font-size: 1px; }'
/** The height that remains of them above the page. */
const ABOVE = 40

/** A screenshot waits for the next repaint, which an idle page does not have by itself. */
const DRAW_ANEW = `for (let times = 1; times <= 10; times++) setTimeout(() => {
  document.documentElement.style.outline = times % 2 ? '1px solid transparent' : ''
}, times * 200)`

export const openWebKit: OpenTab = async (reader) => {
  await using opened = new AsyncDisposableStack()
  const profile = opened.use(await scratchProfile())
  await mkdir(join(profile.path, 'gtk-3.0'))
  await writeFile(join(profile.path, 'gtk-3.0', 'gtk.css'), NO_BUTTONS)
  const screen = opened.use(
    start('Xvfb', ['-displayfd', '1', '-nolisten', 'tcp', '-screen', '0', '1400x1000x24']),
  )
  const [, display] = await screen.said(/^(\d+)\n/m)
  const port = await freePort()
  opened.use(
    start('WebKitWebDriver', [`--port=${port}`], {
      env: { ...process.env, ...surroundings(reader, `:${display}`, profile.path) },
    }),
  )
  const call = callsTo(`http://127.0.0.1:${port}`)
  await until('WebKitWebDriver', () =>
    call('GET', '/status').then(
      () => true,
      () => false,
    ),
  )
  const session = `/session/${await begin(call, reader)}`
  const rect = { x: 0, y: 0, width: reader.width, height: 760 + ABOVE }
  await call('POST', `${session}/window/rect`, rect)
  const stack = opened.move()
  return { ...tabOf(call, session), [Symbol.asyncDispose]: () => stack.disposeAsync() }
}

const surroundings = ({ scheme, zone }: Reader, display: string, home: string) => ({
  DISPLAY: display,
  GDK_BACKEND: 'x11',
  GTK_THEME: scheme === 'dark' ? 'Adwaita:dark' : 'Adwaita',
  HOME: home,
  XDG_CONFIG_HOME: home,
  LANG: 'en_US.UTF-8',
  TZ: zone,
  // There is no sandbox for root, and no graphics card at all.
  WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: '1',
  WEBKIT_DISABLE_COMPOSITING_MODE: '1',
})

async function begin(call: Call, { script }: Reader): Promise<string> {
  const [binary] = globSync('/usr/lib/*/webkit2gtk-4.*/MiniBrowser')
  // Only scripts of the page are switched off: the queries of a test are scripts as well.
  const args = ['--automation', `--enable-javascript-markup=${script}`]
  const options = { 'webkitgtk:browserOptions': { binary, args } }
  const session = await call<{ sessionId: string }>('POST', '/session', {
    capabilities: { alwaysMatch: { ...options, timeouts: { pageLoad: 20_000, script: 10_000 } } },
  })
  return session.sessionId
}

type Call = <T>(method: string, path: string, body?: object) => Promise<T>

const callsTo =
  (base: string): Call =>
  async (method, path, body) => {
    const asked = fetch(base + path, { method, ...(body && { body: JSON.stringify(body) }) })
    const response = await answered(`${method} ${path} of WebKitWebDriver`, asked)
    const { value } = (await response.json()) as { value: { error: string; message: string } }
    if (!response.ok) throw new Error(`${value.error}: ${value.message}`)
    return value as never
  }

const tabOf = (call: Call, session: string) => {
  const post = (what: string, body: object = {}) => call<unknown>('POST', session + what, body)
  return {
    nextPart: KEY.right,
    fresh: async () => {},
    open: async (url: string) => void (await post('/url', { url })),
    evaluate: async <T>(expression: string) => {
      const script = `return JSON.stringify((${expression}) ?? null)`
      return JSON.parse(String(await post('/execute/sync', { script, args: [] }))) as T
    },
    press: async (keys: string) => {
      await post('/actions', { actions: [{ type: 'key', id: 'keys', actions: strokesOf(keys) }] })
    },
    back: async () => void (await post('/back')),
    forward: async () => void (await post('/forward')),
    reload: async () => void (await post('/refresh')),
    picture: async () => {
      await post('/execute/sync', { script: DRAW_ANEW, args: [] })
      return Buffer.from(await call<string>('GET', `${session}/screenshot`), 'base64')
    },
  }
}
