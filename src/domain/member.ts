/** Somebody signed in with a confirmed address. */
export interface Member {
  /** Id of the subscriber. */
  readonly id: string
  /** Name under which they write; null until they have chosen one. */
  readonly name: string | null
  readonly isBlocked: boolean
}
