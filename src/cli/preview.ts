import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { type AddressInfo, isIP } from 'node:net'
import { networkInterfaces } from 'node:os'
import { InvalidArgumentError, Option } from 'commander'
import { Problem } from '../domain/problem.ts'
import { readHosts } from '../platform/config-values.ts'
import type { SiteFolder } from '../platform/site-folder.ts'
import { example, type Register } from './command.ts'
import { expectFolder } from './options.ts'

export const previewCommand: Register = (program, { env, site, print, stop, terminal }) =>
  program
    .command('preview')
    .description('show every mail as readers will see it, and update as files are saved')
    .option('--courses <dir>', 'courses folder (default: that of the site)')
    .addOption(
      new Option('--port <number>', 'port to listen on').argParser(portNumber).default(4000),
    )
    .option(
      '--phone',
      'show it to a phone on the same network, at an address that nobody can guess',
    )
    .addOption(
      new Option('--host <address>', 'like --phone, but only at this address of the machine')
        .argParser(hostAddress)
        .implies({ phone: true })
        .default('0.0.0.0', 'all, with --phone'),
    )
    .addHelpText('after', example('dawnpost preview'))
    .action(async (options) => {
      const { environmentOf } = await import('../app/configuration.ts')
      const folder = site()
      const hosts = readHosts(await environmentOf({ env, folder }))
      const { isTTY } = terminal
      await preview({ ...options, site: folder, hosts, isTTY }, print, stop.orderly())
    })

function portNumber(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text)
  throw new InvalidArgumentError('Use a port from 0 to 65535.')
}

function hostAddress(text: string): string {
  if (isIP(text)) return text
  throw new InvalidArgumentError('Use an address of this machine, like 192.168.1.5.')
}

interface PreviewOptions {
  readonly site: SiteFolder
  readonly courses?: string
  readonly port: number
  /** Host names under which it answers besides those of this machine. */
  readonly hosts: readonly string[]
  readonly phone?: true
  /** The address it listens on for a phone. */
  readonly host: string
  readonly isTTY: boolean
}

/** Serves the preview until `signal` is aborted. */
async function preview(
  { site, courses, port, hosts, phone, host, isTTY }: PreviewOptions,
  print: (text: string) => void,
  signal: AbortSignal,
): Promise<void> {
  await expectFolder(courses)
  const { openPreviewer } = await import('../app/previewer.ts')
  const { createPreview } = await import('../http/author/preview.ts')
  const { CONNECTION_LIMITS: CONNECTIONS, openServer } = await import('../http/shared/listen.ts')
  using previewer = openPreviewer(courses, { site })
  const token = phone ? randomBytes(16).toString('base64url') : null
  const server = openServer(await createPreview(previewer, hosts, token), {
    each: CONNECTIONS.each,
  })
  server.listen(port, phone ? host : '127.0.0.1')
  await once(server, 'listening').catch((cause) => {
    const key =
      cause.code === 'EADDRNOTAVAIL' ? 'operator.preview.no-address' : 'operator.preview.port-taken'
    throw new Problem('unavailable', key, { params: { port, host }, cause })
  })
  const { port: opened } = server.address() as AddressInfo
  if (token === null)
    print(`Your courses, as readers will see them: http://localhost:${opened}\nStop with Ctrl-C.`)
  else {
    const { invitation, lanAddresses } = await import('./phone.ts')
    const addresses = lanAddresses(networkInterfaces(), host)
    print(invitation({ addresses, port: opened, token, isTTY }))
  }
  await new Promise<void>((resolve) =>
    signal.addEventListener('abort', () => resolve(), { once: true }),
  )
  const closed = once(server, 'close')
  server.close()
  server.closeAllConnections()
  await closed
}
