import type { Mail } from './compose.ts'
import { openPool } from './smtp-pool.ts'
import { readServer } from './smtp-server.ts'

/** Hands a mail over. Resolves when it was accepted, with the server's words; rejects with an SmtpFailure. */
export interface Transport {
  send(mail: Mail): Promise<string>
  close(): Promise<void>
}

/** Sends through the SMTP server at `url`. */
export function openSmtp(url: string): Transport {
  const pool = openPool(readServer(url))
  return { send: ({ envelope, raw }) => pool.send(envelope, raw), close: pool.close }
}

/** Gives each mail to `keep`, as SMTP would get it: the sandbox outbox. */
export const openSandbox = (keep: (mail: Mail) => Promise<void>): Transport => ({
  send: async (mail) => {
    await keep(mail)
    return '250 kept in the outbox'
  },
  close: async () => {},
})

/** Deliveries one worker process sends at a time. */
export const CONNECTIONS = 10
