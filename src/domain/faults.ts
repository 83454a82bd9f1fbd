/** Something wrong in an author's file, with what to do about it. */
export interface Fault {
  /** Path below the courses folder. */
  readonly file: string
  /** From 1. */
  readonly line: number
  /** From 1; 1 where only the line is known. */
  readonly column: number
  /** What part of the format is broken. */
  readonly rule: FaultRule
  readonly message: string
}

export type FaultRule = 'format' | 'front-matter' | 'slot'

/** Content that breaks the format is refused whole; `faults` lists all of it. */
export class ContentError extends Error {
  override name = 'ContentError'
  readonly faults: readonly Fault[]
  constructor(faults: readonly Fault[]) {
    super(faults.map((fault) => `${fault.file}:${fault.line} ${fault.message}`).join('\n'))
    this.faults = faults
  }
}

/** Collects faults while a folder is read. */
export class Faults {
  readonly all: Fault[] = []
  add(
    file: string,
    line: number,
    message: string,
    { column = 1, rule = 'format' }: { column?: number; rule?: FaultRule } = {},
  ) {
    this.all.push({ file, line, column, rule, message })
  }
}
