/** Reports how far a step has come that runs while others are at work, and may take long. */
export type Progress = (step: {
  /** Description, such as "months of the ledger". */
  readonly what: string
  readonly done: number
  /** The total, if known. */
  readonly of?: number
}) => void
