import { once } from 'node:events'
import { InvalidArgumentError, Option } from 'commander'
import { Problem } from '../domain/problem.ts'
import { readHosts } from '../platform/config-values.ts'
import type { SiteFolder } from '../platform/site-folder.ts'
import { example, type Register } from './command.ts'
import { expectFolder } from './options.ts'

export const previewCommand: Register = (program, { env, site, print, stop }) =>
  program
    .command('preview')
    .description('show every mail as readers will see it, and update as files are saved')
    .option('--courses <dir>', 'courses folder (default: that of the site)')
    .addOption(
      new Option('--port <number>', 'port to listen on').argParser(portNumber).default(4000),
    )
    .addHelpText('after', example('dawnpost preview'))
    .action(async (options) => {
      const { environmentOf } = await import('../app/configuration.ts')
      const folder = site()
      const hosts = readHosts(await environmentOf({ env, folder }))
      await preview({ ...options, site: folder, hosts }, print, stop.orderly())
    })

function portNumber(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text)
  throw new InvalidArgumentError('Use a port from 0 to 65535.')
}

interface PreviewOptions {
  readonly site: SiteFolder
  readonly courses?: string
  readonly port: number
  /** Names under which it answers beside those of this machine. */
  readonly hosts: readonly string[]
}

/** Serves the preview until `signal` is aborted. */
async function preview(
  { site, courses, port, hosts }: PreviewOptions,
  print: (text: string) => void,
  signal: AbortSignal,
): Promise<void> {
  await expectFolder(courses)
  const { openPreviewer } = await import('../app/previewer.ts')
  const { createPreview } = await import('../http/author/preview.ts')
  const { CONNECTION_LIMITS: CONNECTIONS, openServer } = await import('../http/shared/listen.ts')
  using previewer = openPreviewer(courses, { site })
  const server = openServer(await createPreview(previewer, hosts), { each: CONNECTIONS.each })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening').catch((cause) => {
    throw new Problem('unavailable', 'operator.preview.port-taken', {
      params: { port },
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
