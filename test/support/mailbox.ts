/** A real SMTP server that keeps the mail it gets, parsed by a third-party library. */
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import PostalMime, { type Email } from 'postal-mime'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'

export interface Received {
  readonly from: string
  readonly to: readonly string[]
  readonly raw: Buffer
  readonly mail: Email
}

export interface Mailbox extends AsyncDisposable {
  readonly url: string
  readonly received: Received[]
  readonly to: (address: string) => Received[]
}

/** Starts the server on a free port. `script` replaces handlers: refusals, drops, delays. */
export async function openMailbox(script: SMTPServerOptions = {}): Promise<Mailbox> {
  const received: Received[] = []
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    logger: false,
    onData: async (stream, { envelope }, done) => {
      const raw = Buffer.concat(await Array.fromAsync(stream as AsyncIterable<Buffer>))
      const from = envelope.mailFrom ? envelope.mailFrom.address : ''
      received.push({
        from,
        to: envelope.rcptTo.map(({ address }) => address),
        raw,
        mail: await PostalMime.parse(raw),
      })
      done()
    },
    ...script,
  })
  server.on('error', () => {}) // clients that disconnect are part of some tests
  server.listen(0, '127.0.0.1')
  await once(server.server, 'listening')
  const { port } = server.server.address() as AddressInfo
  return {
    url: `smtp://127.0.0.1:${port}`,
    received,
    to: (address) => received.filter(({ to }) => to.includes(address)),
    [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())),
  }
}

/**
 * A mailbox whose server does not reply to RCPT until `release`; `asked` counts the mails it was
 * offered.
 */
export async function holdingMailbox() {
  const silence = Promise.withResolvers<void>()
  let asked = 0
  const mailbox = await openMailbox({
    onRcptTo: (_address, _session, done) => {
      asked++
      void silence.promise.then(() => done())
    },
  })
  return { ...mailbox, asked: () => asked, release: () => silence.resolve() }
}

/** All links of a mail: from the HTML, the text and the List-Unsubscribe header. */
export function linksOf({ mail }: Pick<Received, 'mail'>): string[] {
  const header = mail.headers.find(({ key }) => key === 'list-unsubscribe')?.value ?? ''
  const found =
    `${mail.html ?? ''} ${mail.text ?? ''} ${header}`.match(/https?:\/\/[^\s"<>]+/g) ?? []
  return [...new Set(found)]
}
