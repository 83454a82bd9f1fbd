/** The result of reading a mail that came in. */
import type { Report } from '../../domain/report.ts'

/** A receiver's daily report attached to a mail, still packed. */
export interface ReportFile {
  readonly kind: 'tls_report' | 'dmarc_report'
  /** The name given by the mail; '' if there is none. */
  readonly name: string
  readonly bytes: Uint8Array
}

/** A mail that has been read. Reading never fails: a mail that says nothing is of kind `other`. */
export interface ReadResult {
  /** One report for each address the mail is about; at least one. */
  readonly reports: readonly Report[]
  /**
   * Local parts it was addressed to that look like one of our envelope senders, in lower case, most
   * trustworthy first. What the receiving server knows takes precedence over them.
   */
  readonly sentTo: readonly string[]
  /**
   * It was written by a program or has no envelope sender, so it must never be answered (RFC 3834,
   * standards.md C13).
   */
  readonly isAutomatic: boolean
  /** The address in its From; null if there is none. */
  readonly from: string | null
  /** One line of at most 500 characters; '' if there is none. */
  readonly subject: string
  /** Its own Message-ID, `<…@…>`. */
  readonly messageId: string | null
  /** Whether the mail exceeded the size limit, so that only its beginning was read. */
  readonly isCut: boolean
  /** Files of a `tls_report` or `dmarc_report`, to be read by tls-report.ts or dmarc-report.ts. */
  readonly files: readonly ReportFile[]
}
