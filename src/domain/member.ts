/** Somebody who has signed in with a confirmed address. */
export interface Member {
  /** Of the subscriber. */
  readonly id: string
  /** Under which they write; null until they have chosen one. */
  readonly name: string | null
  readonly isBlocked: boolean
}
