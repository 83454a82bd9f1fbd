import { MINUTE, SECOND } from './time.ts'

/** Nothing was attempted; the mail should be tried again in `inMs` milliseconds. */
export class Deferred extends Error {
  override name = 'Deferred'
  readonly inMs: number
  constructor(message: string, inMs: number) {
    super(message)
    this.inMs = inMs
  }
}

/** Another worker may have the mail by now. */
export const claimLost = () => new Deferred('not ours any more', SECOND)

/** No server is up; one that could take the mail may be up again shortly. */
export const noServerUp = (needsSmtputf8: boolean) =>
  needsSmtputf8
    ? new Deferred('no SMTP server that takes addresses outside ASCII is up', MINUTE)
    : new Deferred('no SMTP server is up', SECOND)
