/** How a phone in the same network reaches this machine, and what is printed for it. */
import { isIPv6 } from 'node:net'
import type { NetworkInterfaceInfo } from 'node:os'
import { renderUnicodeCompact } from 'uqr'

type Interfaces = Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>

const PRIVATE = /^(10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.)/
/** Interfaces of networks within this machine, or of tunnels to other places. */
const VIRTUAL =
  /^(docker|br-|veth|virbr|vbox|vmnet|vethernet|tun|tap|utun|wg|tailscale|zt|podman|lxc)/i
/** Link-local addresses, useless without the name of an interface. */
const LINK_LOCAL = /^(169\.254\.|fe[89ab][0-9a-f]:)/i

/**
 * Returns this machine's addresses at which a server on `host` can be reached, the likeliest first.
 */
export function lanAddresses(interfaces: Interfaces, host: string): string[] {
  if (host !== '0.0.0.0' && host !== '::') return [host]
  const rankOf = ({ name, address }: { name: string; address: string }) =>
    (VIRTUAL.test(name) ? 4 : 0) + (isIPv6(address) ? 2 : 0) + (PRIVATE.test(address) ? 0 : 1)
  return Object.entries(interfaces)
    .flatMap(([name, all = []]) => all.map((info) => ({ ...info, name })))
    .filter(
      ({ internal, address }) =>
        !internal && !LINK_LOCAL.test(address) && (host === '::' || !isIPv6(address)),
    )
    .sort((a, b) => rankOf(a) - rankOf(b))
    .map(({ address }) => address)
}

interface InvitationOptions {
  readonly addresses: readonly string[]
  readonly port: number
  readonly token: string
  readonly isTTY: boolean
}

/** Returns the text to print: each address, and the first one as a QR code. */
export function invitation({ addresses, port, token, isTTY }: InvitationOptions): string {
  const urlOf = (address: string) =>
    `http://${isIPv6(address) ? `[${address}]` : address}:${port}/?token=${token}`
  const [first] = addresses
  if (first === undefined)
    return [
      'This machine is on no network that a phone can join. Connect it and start again. Until then, use:',
      `  ${urlOf('localhost')}`,
      'Stop with Ctrl-C.',
    ].join('\n')
  return [
    'Your courses, as readers will see them, on a phone on the same network:',
    ...addresses.map((address) => `  ${urlOf(address)}`),
    '',
    qrCodeOf(urlOf(first), isTTY),
    '',
    'Anyone who has this address can see your drafts until you stop this with Ctrl-C.',
  ].join('\n')
}

/** Light on dark whatever the terminal's colors; uncolored if it is not a terminal. */
function qrCodeOf(url: string, isTTY: boolean): string {
  const lines = renderUnicodeCompact(url, { border: 2 }).split('\n')
  return (isTTY ? lines.map((line) => `\x1b[97;40m${line}\x1b[0m`) : lines).join('\n')
}
