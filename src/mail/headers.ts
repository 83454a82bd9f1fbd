import type { Sender } from '../config.ts'
import type { Edition } from './compile.ts'
import type { Mail, Reader } from './compose.ts'

/** No auto-reply is wanted (RFC 3834; standards.md C12). */
const AUTOMATIC = { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'OOF, AutoReply' }

/**
 * Course mail carries the list headers, with the one-click pair of RFC 8058 (standards.md A1, A2, A15, A16).
 * A confirmation is transactional and carries none of them (A17).
 */
export function headersFor(
  { kind, series }: Pick<Edition, 'kind' | 'series'>,
  reader: Pick<Reader, 'unsubscribeUrl'>,
  from: Sender,
): Pick<Mail, 'headers' | 'list'> {
  if (kind === 'confirm') return { headers: AUTOMATIC, list: null }
  return {
    headers: {
      ...AUTOMATIC,
      Precedence: 'bulk',
      'List-Unsubscribe': `<${reader.unsubscribeUrl}>`,
      'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
    },
    list: { id: { url: `${series.slug}.${domainOf(from)}`, comment: series.title } },
  }
}

export const domainOf = (from: Sender) => from.address.slice(from.address.lastIndexOf('@') + 1)
