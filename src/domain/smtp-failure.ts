import { tlsFault } from './tls-fault.ts'
import type { SmtpError } from './verdict.ts'

/**
 * A failed send; `handedOver` if the server may have accepted the message, since its final dot had
 * left.
 */
export class SmtpFailure extends Error implements SmtpError {
  override name = 'SmtpFailure'
  readonly code: string
  readonly command: string
  readonly responseCode: number | undefined
  readonly response: string | undefined
  readonly inMail: boolean
  readonly handedOver: boolean
  /** Name of the failed server in the ledger. */
  server: string | null = null
  isDoubted: (() => boolean) | undefined

  constructor(cause: SmtpError, { inMail = false, handedOver = false } = {}) {
    const tls = inMail ? null : tlsFault(cause)
    super(tls ?? cause.message, { cause })
    this.code = tls ? 'ETLS' : (cause.code ?? '')
    this.command = cause.command ?? ''
    this.responseCode = cause.responseCode
    this.response = cause.response
    this.inMail = inMail
    this.handedOver = handedOver
  }
}
