import { once } from 'node:events'
import type { Server } from 'node:http'
import { createAdaptorServer } from '@hono/node-server'
import { Problem } from '../domain/problem.ts'
import { createPreview } from '../http/preview.ts'
import { openPreviewer } from '../previewer.ts'
import { expectFolder } from './options.ts'

export interface PreviewOptions {
  readonly courses?: string
  readonly port: number
}

/** Serves the preview until `signal` is aborted. */
export async function preview(
  { courses, port }: PreviewOptions,
  print: (text: string) => void,
  signal: AbortSignal,
): Promise<void> {
  await expectFolder(courses)
  using previewer = openPreviewer(courses)
  const { fetch } = await createPreview(previewer)
  const server = createAdaptorServer({ fetch }) as Server
  server.listen(port, '127.0.0.1')
  await once(server, 'listening').catch((cause) => {
    throw new Problem('unavailable', `Port ${port} is in use; give another with --port.`, { cause })
  })
  print(`Your courses, as they will arrive: http://localhost:${port}\nStop with Ctrl-C.`)
  await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
  const closed = once(server, 'close')
  server.close()
  server.closeAllConnections()
  await closed
}
