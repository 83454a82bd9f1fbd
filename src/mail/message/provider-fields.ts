/**
 * Fields for the provider that a mail goes through: that it keeps our Message-ID, and gives it back
 * when it tells what became of the mail (standards.md C25).
 */
import { ECHOED, type MailProvider } from '../../domain/provider-id.ts'
import type { Signer } from '../mail.ts'

/** Of the value of a `X-PM-Metadata-…` field. */
const POSTMARK_ROOM = 80

const FIELDS: Partial<Record<MailProvider, (messageId: string) => readonly string[]>> = {
  postmark: (id) => [
    'X-PM-KeepID: true',
    ...(id.length <= POSTMARK_ROOM ? [`X-PM-Metadata-${ECHOED.postmark}: ${id}`] : []),
  ],
  brevo: (id) => [`${ECHOED.brevo}: ${id}`],
}

/** Signs as `sign` does, with the fields of the provider put in before. */
export function withProviderFields(
  provider: MailProvider | null,
  sign: Signer | null,
): Signer | null {
  const fieldsFor = provider && FIELDS[provider]
  if (!fieldsFor) return sign
  return async ([header, ...body]) => {
    const [, id = ''] = /^Message-ID: <([^<>\s]+)>/im.exec(header.toString('latin1')) ?? []
    const fields = id === '' ? [] : fieldsFor(id).map((field) => `${field}\r\n`)
    const message = [Buffer.concat([Buffer.from(fields.join('')), header]), ...body] as const
    return sign ? sign(message) : message
  }
}
