/** Where the servers relay what they have accepted: keeps every mail as it arrived. */
import { type Door, openDoor } from '../chaos/door.ts'

export interface Arrived {
  readonly to: string
  /** Without the stuffed dots of RFC 5321, 4.5.2. */
  readonly raw: Buffer
}

export interface Sink {
  readonly port: number
  readonly arrived: Arrived[]
  close(): void
}

export async function openSink(): Promise<Sink> {
  const arrived: Arrived[] = []
  const yes = () => undefined
  const door: Door = await openDoor({
    ready: async () => {},
    recipient: yes,
    data: yes,
    answered: yes,
    take: async ({ to }, raw) => {
      arrived.push({ to, raw: Buffer.from(`${raw}\r\n`.replace(/^\./gm, ''), 'latin1') })
      return undefined
    },
  })
  return { port: door.port, arrived, close: door.close }
}
