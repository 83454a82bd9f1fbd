/** Reads a mail that came to the mailbox of bounces (standards.md C3 to C15). */
import type { Reading } from './reading.ts'

/** Bytes of a mail that are read, unless told otherwise (standards.md C18). */
export const MOST_BYTES = 1024 * 1024

/**
 * Reads whatever a stranger sent: never throws, and takes time and memory in proportion to `most`
 * bytes at most. A larger mail is read as far as that.
 */
export async function readReports(raw: Uint8Array, most = MOST_BYTES): Promise<Reading> {
  return {
    reports: [
      {
        kind: 'other',
        class: null,
        reason: 'other',
        of: { returnPath: null, providerId: null, messageId: null },
        recipient: null,
        status: null,
        diagnostic: '',
        reportedBy: null,
      },
    ],
    sentTo: [],
    isAutomatic: true,
    from: null,
    subject: '',
    messageId: null,
    isCut: raw.length > most,
    files: [],
  }
}
