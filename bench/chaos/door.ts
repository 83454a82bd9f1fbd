/** One SMTP server on its own port that can be shut and reopened, and answers as it is told. */
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'

export interface Envelope {
  readonly from: string
  readonly to: string
}

/** The answer instead of yes: `drop` ends the connection unanswered, `hang up` after the 354. */
export type Refusal = `4${string}` | `5${string}` | 'drop' | 'hang up'
type Answer = Refusal | undefined

/** What a door asks before each answer, and reports. */
export interface Keeper {
  /** Resolves when it may answer. */
  ready(): Promise<void>
  recipient(envelope: Envelope): Answer
  data(envelope: Envelope): Answer
  /** Takes the mail after its final dot: from here on it counts as accepted. */
  take(envelope: Envelope, raw: string): Promise<Answer>
  /** The yes to the final dot has been written. */
  answered(envelope: Envelope): void
  /** Connections it allows at a time; further ones are refused. */
  readonly most?: number
  sentAway?(): void
}

export interface Door {
  readonly port: number
  /**
   * Refuses connections from now on, and ends the existing ones; one with a mail after DATA ends
   * after its answer.
   */
  shut(): void
  /** Listens again, on the same port. */
  open(): Promise<void>
  /** Ends everything at once. */
  close(): void
}

interface Line {
  readonly socket: Socket
  /** Between DATA and the answer to the final dot. */
  busy: boolean
}

export async function openDoor(keeper: Keeper): Promise<Door> {
  const lines = new Set<Line>()
  let server: Server | null = null
  let port = 0
  const open = async () => {
    if (server) return
    const mine = createServer((socket) => {
      const line: Line = { socket, busy: false }
      socket.on('error', () => {}) // a client that goes away, or a worker that is killed
      if (lines.size >= (keeper.most ?? Number.POSITIVE_INFINITY)) {
        keeper.sentAway?.()
        return void socket.end('421 4.7.0 too many connections\r\n')
      }
      lines.add(line)
      socket.setNoDelay(true)
      socket.once('close', () => lines.delete(line))
      void converse(line, keeper, () => server !== mine)
    })
    server = mine
    mine.listen(port, '127.0.0.1')
    await once(mine, 'listening')
    port = (mine.address() as AddressInfo).port
  }
  const shut = () => {
    server?.close()
    server = null
    for (const { socket, busy } of lines) if (!busy) socket.destroy()
  }
  await open()
  return {
    port,
    shut,
    open,
    close: () => {
      shut()
      for (const { socket } of lines) socket.destroy()
    },
  }
}

/** The conversation over one connection until either side ends it; `shut`: no new mail begins. */
async function converse(line: Line, keeper: Keeper, shut: () => boolean): Promise<void> {
  const { socket } = line
  const read = readerOf(socket)
  const say = (reply: string) => socket.write(`${reply}\r\n`)
  let from = ''
  let to = ''
  await keeper.ready()
  say('220 recorder ESMTP')
  for (;;) {
    const command = await read('\r\n')
    if (command === null) return
    await keeper.ready()
    const verb = command.slice(0, 4).toUpperCase()
    if (verb === 'QUIT') {
      socket.end('221 bye\r\n')
      return
    }
    if (verb === 'EHLO') say('250-recorder\r\n250-PIPELINING\r\n250-SIZE 52428800\r\n250 8BITMIME')
    else if (verb === 'MAIL') {
      from = addressIn(command)
      to = ''
      say('250 ok')
    } else if (verb === 'RCPT') {
      const refusal = keeper.recipient({ from, to: addressIn(command) })
      if (refusal === 'drop') return void socket.destroy()
      if (!refusal) to = addressIn(command)
      say(refusal ?? '250 ok')
    } else if (verb === 'DATA' && to !== '') {
      const envelope = { from, to }
      const refusal = keeper.data(envelope)
      if (refusal === 'drop') return void socket.destroy()
      if (refusal === 'hang up') return void socket.end('354 go on\r\n')
      say(refusal ?? '354 go on')
      if (refusal) continue
      line.busy = true
      const raw = await read('\r\n.\r\n')
      if (raw === null) return
      const outcome = await keeper.take(envelope, raw)
      await keeper.ready()
      if (outcome === 'drop') return void socket.destroy()
      socket.write(`${outcome ?? '250 taken'}\r\n`, () => keeper.answered(envelope))
      line.busy = false
      to = ''
      if (shut()) return void socket.end()
    } else say(verb === 'DATA' ? '503 no recipient' : '250 ok')
  }
}

const addressIn = (command: string) => /<([^>]*)>/.exec(command)?.[1] ?? ''

/** Reads up to the next `mark`; null when the connection has ended. */
function readerOf(socket: Socket) {
  const chunks = socket.setEncoding('latin1')[Symbol.asyncIterator]() as AsyncIterator<string>
  let rest = ''
  return async (mark: string): Promise<string | null> => {
    for (;;) {
      const end = rest.indexOf(mark)
      if (end >= 0) {
        const found = rest.slice(0, end)
        rest = rest.slice(end + mark.length)
        return found
      }
      const next = await chunks.next().catch(() => null)
      if (!next || next.done) return null
      rest += next.value
    }
  }
}
