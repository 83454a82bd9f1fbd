import { createTransport, type SendMailOptions } from 'nodemailer'
import type { Mail } from './compose.ts'

/** Hands a mail over. Resolves when it was accepted, with the server's words; rejects with what SMTP said. */
export interface Transport {
  send(mail: Mail): Promise<string>
  close(): Promise<void>
}

/** Connections to the SMTP server; each worker process holds at most as many sends. */
export const CONNECTIONS = 5

/**
 * A pooled SMTP transport. It never sends again by itself: retries are the ledger's business (standards.md
 * D6). TLS is required unless the relay is on this machine (D25).
 */
export function openSmtp(url: string): Transport {
  const { hostname, protocol } = new URL(url)
  const loopback = ['localhost', '127.0.0.1', '[::1]'].includes(hostname)
  const transporter = createTransport({
    url,
    pool: true,
    maxConnections: CONNECTIONS,
    maxRequeues: 0,
    requireTLS: protocol === 'smtp:' && !loopback,
    ignoreTLS: loopback && protocol === 'smtp:',
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  return {
    send: async (mail) => {
      const info = await transporter.sendMail(optionsFor(mail))
      return info.response
    },
    close: async () => transporter.close(),
  }
}

/** Builds each message as SMTP would get it and gives it to `keep`: the sandbox outbox. */
export function openSandbox(keep: (mail: Mail, raw: Buffer) => Promise<void>): Transport {
  const transporter = createTransport({ streamTransport: true, buffer: true, newline: 'windows' })
  return {
    send: async (mail) => {
      const info = await transporter.sendMail(optionsFor(mail))
      await keep(mail, info.message as Buffer)
      return '250 kept in the outbox'
    },
    close: async () => {},
  }
}

function optionsFor({ list, headers, envelope, to, ...mail }: Mail): SendMailOptions {
  return {
    ...mail,
    to: { ...to },
    from: { ...mail.from },
    envelope: { ...envelope },
    headers: { ...headers },
    ...(list && { list: { id: { ...list.id } } }),
    textEncoding: 'quoted-printable',
    disableFileAccess: true,
    disableUrlAccess: true,
  }
}
