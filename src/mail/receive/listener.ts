/**
 * Receives returned mail over SMTP (RFC 5321) or LMTP (RFC 2033), only for recipients it knows. It
 * relays nothing, and answers no mail with another.
 */
import { once } from 'node:events'
import { readFile, rm } from 'node:fs/promises'
import { createConnection } from 'node:net'
import type { Readable } from 'node:stream'
import { SMTPServer, type SMTPServerSession } from 'smtp-server'
import { SECOND } from '../../domain/time.ts'
import type { BounceListen } from '../../platform/bounce-listen.ts'
import { LIMITS, type Limits, openClientLimiter, replyError } from './client-limiter.ts'

/** A completely received mail whose sender waits for an answer. */
export interface ReceivedMail {
  readonly raw: Buffer
  /** The envelope sender; null for the null sender of bounces (RFC 5321, 4.5.5). */
  readonly from: string | null
  /** The local part it was addressed to, as written. */
  readonly localPart: string
}

export interface BounceListener {
  /** Stops accepting connections; mail already being received is still taken. */
  close(): Promise<void>
  /** Reloads the certificate. */
  reloadCertificate(): Promise<void>
  /** The port; null if it listens on a Unix socket. */
  readonly port: number | null
}

export interface ListenTerms {
  /** The domain of all recipients, in lower case, as A-labels. */
  readonly domain: string
  /** The name the server gives for itself. */
  readonly name: string
  /** Returns whether mail for a local part is accepted. Must be cheap, because strangers ask. */
  readonly isOurs: (localPart: string) => boolean
  /** Stores a mail for good. If it rejects, the sender is asked to try again later. */
  readonly take: (mail: ReceivedMail) => Promise<void>
  /** Maximum size of a mail in bytes. */
  readonly most: number
  /** PEM files; null if STARTTLS is not offered. */
  readonly tls: { readonly certFile: string; readonly keyFile: string } | null
  /** Called with the reason why a mail was put off. */
  readonly putOff: (cause: unknown) => void
  readonly limits?: Partial<Limits>
}

/** How long closing waits for mail being received. */
const CLOSE_TIMEOUT_MS = SECOND

/** Starts listening. Throws the system's error if it cannot, or the certificate's fault. */
export async function listen(where: BounceListen, terms: ListenTerms): Promise<BounceListener> {
  const limits = { ...LIMITS, ...terms.limits }
  const certificate = terms.tls && (await certificateOf(terms.tls))
  const server = serverFor({ where, terms, limits, certificate })
  const { at } = where
  if ('path' in at) await removeStale(at.path)
  // A client that disconnects is not an error here; failure to listen is thrown by `once` below.
  server.on('error', () => {})
  const listening = once(server.server, 'listening')
  if ('path' in at) server.server.listen({ path: at.path, writableAll: true, readableAll: true })
  else server.server.listen(at.port, at.host ?? undefined)
  await listening
  const address = server.server.address()
  return {
    port: typeof address === 'object' ? (address?.port ?? null) : null,
    reloadCertificate: async () => {
      if (terms.tls) server.updateSecureContext(await certificateOf(terms.tls))
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
}

interface Serving {
  readonly where: BounceListen
  readonly terms: ListenTerms
  readonly limits: Limits
  readonly certificate: { readonly key: Buffer; readonly cert: Buffer } | null
}

function serverFor({ where, terms, limits, certificate }: Serving): SMTPServer {
  const caps = openClientLimiter(limits)
  const strangers = new WeakMap<SMTPServerSession, number>()
  const server = new SMTPServer({
    name: terms.name,
    banner: 'takes bounces only',
    lmtp: where.protocol === 'lmtp',
    logger: false,
    size: terms.most,
    rejectOversized: true,
    authOptional: true,
    disabledCommands: certificate ? ['AUTH'] : ['AUTH', 'STARTTLS'],
    ...(certificate ?? {}),
    disableReverseLookup: true,
    hideENHANCEDSTATUSCODES: false,
    maxClients: limits.connections,
    socketTimeout: limits.silenceMs,
    closeTimeout: CLOSE_TIMEOUT_MS,
    onConnect: ({ remoteAddress }, done) => void caps.connection(remoteAddress).then(done),
    onMailFrom: (_address, { remoteAddress }, done) => void caps.mail(remoteAddress).then(done),
    onRcptTo: ({ address }, session, done) => {
      const { rcptTo } = session.envelope
      if (localPartOf(address, terms) === null) {
        const count = (strangers.get(session) ?? 0) + 1
        strangers.set(session, count)
        if (count > limits.unknownRecipients)
          return done(replyError(421, 'Too many unknown recipients'))
        return done(replyError(550, 'No such recipient here'))
      }
      // A returned mail has one recipient; with two it would be read twice.
      done(rcptTo.length > 0 ? replyError(452, 'One recipient at a time, please') : null)
    },
    onData: (stream, session, done) => {
      receiveMail(stream, session, terms).then(
        () => done(null, 'Taken'),
        (cause) => {
          terms.putOff(cause)
          done(replyError(451, 'It cannot be kept now; please try again later'))
        },
      )
    },
  })
  server.server.on('connection', caps.opened)
  return server
}

async function receiveMail(stream: Readable, { envelope }: SMTPServerSession, terms: ListenTerms) {
  const pieces: Buffer[] = []
  let size = 0
  for await (const piece of stream as AsyncIterable<Buffer>) {
    size += piece.length
    // smtp-server itself reports that the mail is too large, after all of it has arrived.
    if (size > terms.most) pieces.length = 0
    else pieces.push(piece)
  }
  if (size > terms.most) return
  const [recipient] = envelope.rcptTo
  const localPart = recipient && localPartOf(recipient.address, terms)
  if (localPart === undefined || localPart === null) throw new Error('there is no recipient')
  const from = envelope.mailFrom ? envelope.mailFrom.address : ''
  await terms.take({ raw: Buffer.concat(pieces, size), from: from || null, localPart })
}

/** Null if mail for it is not accepted. Postmaster needs no domain (RFC 5321, 4.5.1). */
function localPartOf(address: string, { domain, isOurs }: ListenTerms): string | null {
  const at = address.lastIndexOf('@')
  if (at < 0) return isOurs(address) ? address : null
  const host = URL.parse(`http://${address.slice(at + 1)}`)?.hostname.replace(/\.$/, '')
  const localPart = address.slice(0, at)
  return host === domain && isOurs(localPart) ? localPart : null
}

async function certificateOf({ certFile, keyFile }: NonNullable<ListenTerms['tls']>) {
  const [cert, key] = await Promise.all([readFile(certFile), readFile(keyFile)])
  return { cert, key }
}

/** Removes the socket of a process that has ended; a socket still listened on is kept. */
async function removeStale(path: string): Promise<void> {
  const socket = createConnection(path)
  const isTaken = await once(socket, 'connect').then(
    () => true,
    () => false,
  )
  socket.destroy()
  if (!isTaken) await rm(path, { force: true })
}
