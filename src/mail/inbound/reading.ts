/** What a mail that came in is read into. */
import type { Report } from '../../domain/report.ts'

/** A file that a mail carries: a report of a receiver's day, still packed. */
export interface ReportFile {
  readonly kind: 'tls_report' | 'dmarc_report'
  /** As the mail names it; '' when it does not. */
  readonly name: string
  readonly bytes: Uint8Array
}

/** A mail, read. It never fails to be read: what says nothing is of the kind `other`. */
export interface Reading {
  /** What it says: one for each address it speaks of, and at least one. */
  readonly reports: readonly Report[]
  /**
   * Local parts of the shape of an envelope sender of ours that it was addressed to, in lower case,
   * the most trustworthy first. What the server that took it knows better goes before them.
   */
  readonly sentTo: readonly string[]
  /**
   * A program wrote it, or it has no envelope sender: nothing may ever be sent in answer (RFC 3834,
   * standards.md C13).
   */
  readonly isAutomatic: boolean
  /** The address it says it is from; null when there is none. */
  readonly from: string | null
  /** In one line of 500 characters at most; '' when there is none. */
  readonly subject: string
  /** Its own Message-ID, `<…@…>`. */
  readonly messageId: string | null
  /** It was larger than what is read of a mail: only its beginning was. */
  readonly isCut: boolean
  /** Files of a `tls_report` or `dmarc_report`, to be read by tls-report.ts and dmarc-report.ts. */
  readonly files: readonly ReportFile[]
}
