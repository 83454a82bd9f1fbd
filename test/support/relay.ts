/**
 * An SMTP server that counts commands, has limits, and can be stopped and started.
 */
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { createInterface } from 'node:readline'

/** One connection, as the server sees it. */
export interface Line {
  readonly socket: Socket
  /** Mails begun on it. */
  mails: number
}

/** `end` is the message's final dot. */
export type Step = 'connect' | 'EHLO' | 'AUTH' | 'MAIL' | 'RCPT' | 'DATA' | 'end'

export interface Rules {
  /**
   * The reply to a step: words, `drop` to cut the connection, or nothing to accept it.
   */
  readonly answer?: (
    step: Step,
    line: Line,
    words: string,
  ) => string | undefined | Promise<string | undefined>
  /** The most connections at a time; another one is greeted with a 421. */
  readonly cap?: number
  /** How long a closed connection still counts, as on servers with one process for each. */
  readonly reapedMs?: number
  /** The extensions it offers. */
  readonly offers?: readonly string[]
  /** Awaited before a connection is closed after QUIT. */
  readonly slowGoodbye?: () => Promise<unknown>
}

export interface Relay extends AsyncDisposable {
  readonly url: string
  readonly host: string
  /** Connections open now; `most`: the most so far. */
  open(): number
  most(): number
  /** How often it received each step. */
  readonly asked: Record<Step | 'QUIT' | 'RSET', number>
  /** Connections it rejected because of its cap. */
  sentAway(): number
  /** Recipients of the mails it accepted. */
  readonly taken: string[]
  /** Cuts all connections and refuses new ones. */
  stop(): Promise<void>
  start(): Promise<void>
}

const YES: Readonly<Record<Step, string>> = {
  connect: '220 relay ESMTP',
  EHLO: '250 relay',
  AUTH: '235 welcome',
  MAIL: '250 ok',
  RCPT: '250 ok',
  DATA: '354 go on',
  end: '250 queued as 4711',
}

export async function openRelay(rules: Rules = {}): Promise<Relay> {
  const lines = new Set<Line>()
  const asked = {
    connect: 0,
    EHLO: 0,
    AUTH: 0,
    MAIL: 0,
    RCPT: 0,
    DATA: 0,
    end: 0,
    QUIT: 0,
    RSET: 0,
  }
  const taken: string[] = []
  let [most, sentAway, port] = [0, 0, 0]
  let server: Server | null = null

  const accept = (socket: Socket) => {
    const line: Line = { socket, mails: 0 }
    lines.add(line)
    most = Math.max(most, lines.size)
    socket.on('error', () => {}) // a client that goes away
    socket.once('close', () => {
      if (rules.reapedMs === undefined) lines.delete(line)
      else setTimeout(() => lines.delete(line), rules.reapedMs)
    })
    if (rules.cap !== undefined && lines.size > rules.cap) {
      sentAway += 1
      return void socket.end(
        '421 Too many concurrent SMTP connections; please try again later.\r\n',
      )
    }
    void converse(line, { rules, asked, taken }).catch(() => socket.destroy())
  }
  const start = async () => {
    server = createServer({ allowHalfOpen: true }, accept)
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
    port = (server.address() as AddressInfo).port
  }
  const stop = async () => {
    const ending = server && once(server, 'close')
    server?.close()
    server = null
    for (const { socket } of lines) socket.destroy()
    await ending
  }
  await start()
  return {
    host: `127.0.0.1:${port}`,
    url: `smtp://127.0.0.1:${port}`,
    open: () => lines.size,
    most: () => most,
    sentAway: () => sentAway,
    asked,
    taken,
    stop,
    start,
    [Symbol.asyncDispose]: stop,
  }
}

interface Books extends Pick<Relay, 'asked' | 'taken'> {
  readonly rules: Rules
}

async function converse(line: Line, { rules, asked, taken }: Books): Promise<void> {
  const { socket } = line
  const say = (words: string) => socket.write(`${words}\r\n`)
  /** Returns whether the reply was positive. */
  const answer = async (step: Step, words = '') => {
    asked[step] += 1
    const reply = (await rules.answer?.(step, line, words)) ?? yes(step, rules)
    if (reply === 'drop') socket.destroy()
    else say(reply)
    if (reply.startsWith('421')) socket.end()
    return /^[23]/.test(reply)
  }
  let [from, to] = [false, '']
  let inMessage = false
  await answer('connect')
  for await (const text of createInterface({ input: socket })) {
    const verb = text.slice(0, 4).toUpperCase()
    if (inMessage) {
      if (text !== '.') continue
      inMessage = false
      if (await answer('end', to)) taken.push(to)
    } else if (verb === 'QUIT') {
      asked.QUIT += 1
      say('221 bye')
      await rules.slowGoodbye?.()
      break
    } else if (verb === 'RSET') {
      asked.RSET += 1
      say('250 ok')
    } else if (verb === 'MAIL') {
      line.mails += 1
      to = ''
      from = await answer('MAIL', text)
    } else if (verb === 'RCPT') {
      const recipient = /<([^>]*)>/.exec(text)?.[1] ?? ''
      if (!from) say('503 no sender')
      else if (await answer('RCPT', recipient)) to = recipient
    } else if (verb === 'DATA' && !to) say('503 no recipient')
    else if (verb === 'DATA') inMessage = await answer('DATA', to)
    else if (verb === 'EHLO' || verb === 'AUTH') await answer(verb, text)
    else say('502 unknown')
  }
  socket.end()
}

function yes(step: Step, { offers = [] }: Rules): string {
  if (step !== 'EHLO') return YES[step]
  const all = ['relay', ...offers]
  return all.map((one, index) => `250${index < all.length - 1 ? '-' : ' '}${one}`).join('\r\n')
}
