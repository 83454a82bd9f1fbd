import { once } from 'node:events'
import { openPreviewer } from '../app/previewer.ts'
import { Problem } from '../domain/problem.ts'
import { createPreview } from '../http/author/preview.ts'
import { CONNECTIONS, openServer } from '../http/shared/listen.ts'
import { expectFolder } from './options.ts'

export interface PreviewOptions {
  readonly courses?: string
  readonly port: number
  /** Names under which it answers beside those of this machine. */
  readonly hosts: readonly string[]
}

/** Serves the preview until `signal` is aborted. */
export async function preview(
  { courses, port, hosts }: PreviewOptions,
  print: (text: string) => void,
  signal: AbortSignal,
): Promise<void> {
  await expectFolder(courses)
  using previewer = openPreviewer(courses)
  const server = openServer(await createPreview(previewer, hosts), { each: CONNECTIONS.each })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening').catch((cause) => {
    throw new Problem('unavailable', `Port ${port} is in use. Choose another with --port.`, {
      cause,
    })
  })
  print(`Your courses, as readers will see them: http://localhost:${port}\nStop with Ctrl-C.`)
  await new Promise<void>((resolve) =>
    signal.addEventListener('abort', () => resolve(), { once: true }),
  )
  const closed = once(server, 'close')
  server.close()
  server.closeAllConnections()
  await closed
}
