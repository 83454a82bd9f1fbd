/** The mail is to be tried again in `inMs` milliseconds; nothing was attempted. */
export class NotNow extends Error {
  override name = 'NotNow'
  readonly inMs: number
  constructor(message: string, inMs: number) {
    super(message)
    this.inMs = inMs
  }
}
