/** How far a step has come that is done beside others at work, and may take long. */
export type Progress = (step: {
  /** In words, as "months of the ledger". */
  readonly what: string
  readonly done: number
  /** Of how many, where that is known. */
  readonly of?: number
}) => void
