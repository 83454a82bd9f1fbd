/**
 * Header fields that make the provider keep our Message-ID, and return it in its reports about the
 * mail (standards.md C25).
 */
import { ECHO_HEADERS, type MailProvider } from '../../domain/provider-id.ts'
import type { Signer } from '../mail.ts'

/** Maximum length of the value of an `X-PM-Metadata-…` field. */
const MAX_POSTMARK_VALUE_LENGTH = 80

const FIELDS: Partial<Record<MailProvider, (messageId: string) => readonly string[]>> = {
  postmark: (id) => [
    'X-PM-KeepID: true',
    ...(id.length <= MAX_POSTMARK_VALUE_LENGTH
      ? [`X-PM-Metadata-${ECHO_HEADERS.postmark}: ${id}`]
      : []),
  ],
  brevo: (id) => [`${ECHO_HEADERS.brevo}: ${id}`],
}

/** Returns a signer that adds the provider's fields before signing as `sign` does. */
export function withProviderFields(
  provider: MailProvider | null,
  sign: Signer | null,
): Signer | null {
  const fieldsFor = provider && FIELDS[provider]
  if (!fieldsFor) return sign
  return async ([header, ...body], isForeign) => {
    const [, id = ''] = /^Message-ID: <([^<>\s]+)>/im.exec(header.toString('latin1')) ?? []
    const fields = id === '' ? [] : fieldsFor(id).map((field) => `${field}\r\n`)
    const message = [Buffer.concat([Buffer.from(fields.join('')), header]), ...body] as const
    return sign ? sign(message, isForeign) : message
  }
}
