/** A minimal SMTP server that answers each step as a test wants. */
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { createInterface } from 'node:readline'

/** `end` is the message's final dot. */
export type Step = 'connect' | 'EHLO' | 'HELO' | 'AUTH' | 'MAIL' | 'RCPT' | 'DATA' | 'end'

/**
 * The answer to a step instead of yes. null: the connection is cut without an answer; `thenCut`:
 * it is cut right after the answer.
 */
export type Answer = string | null | { readonly thenCut: string }
export type Script = Partial<Readonly<Record<Step, Answer>>>

const YES: Readonly<Record<Step, string>> = {
  connect: '220 test',
  EHLO: '250-test\r\n250-SIZE 1000000\r\n250 AUTH PLAIN',
  HELO: '250 test',
  AUTH: '235 welcome',
  MAIL: '250 ok',
  RCPT: '250 ok',
  DATA: '354 go on',
  end: '250 taken',
}
const isStep = (verb: string): verb is Step => verb in YES

export interface ScriptedSmtp extends AsyncDisposable {
  readonly port: number
  /** The commands received, without messages. */
  readonly heard: readonly string[]
}

export async function scriptedSmtp(script: Script): Promise<ScriptedSmtp> {
  const sockets = new Set<Socket>()
  const heard: string[] = []
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {}) // a client that goes away
    void converse(socket, { ...YES, ...script }, heard)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    heard,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

async function converse(socket: Socket, answers: Readonly<Record<Step, Answer>>, heard: string[]) {
  /** Returns whether a message follows. */
  const answer = (step: Step) => {
    const reply = answers[step]
    const words = typeof reply === 'string' ? reply : reply?.thenCut
    if (words !== undefined) socket.write(`${words}\r\n`)
    if (words !== reply) socket.destroy()
    return words?.startsWith('3') ?? false
  }
  let inMessage = false
  answer('connect')
  for await (const line of createInterface({ input: socket })) {
    const verb = line.slice(0, 4).toUpperCase()
    if (!inMessage) heard.push(line)
    if (inMessage) inMessage = line !== '.' || answer('end')
    else if (isStep(verb)) inMessage = answer(verb) && verb === 'DATA'
    else socket.write(verb === 'QUIT' ? '221 bye\r\n' : '250 ok\r\n')
  }
}
