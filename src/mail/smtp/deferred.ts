import { SECOND } from '../../domain/time.ts'

/** The mail is to be tried again in `inMs` milliseconds; nothing was attempted. */
export class Deferred extends Error {
  override name = 'Deferred'
  readonly inMs: number
  constructor(message: string, inMs: number) {
    super(message)
    this.inMs = inMs
  }
}

/** Another worker may have the mail by now. */
export const notOurs = () => new Deferred('not ours any more', SECOND)
