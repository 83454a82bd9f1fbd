/** Something wrong in an author's file, with what to do about it. */
export interface Fault {
  /** Path below the courses folder. */
  readonly file: string
  /** From 1. */
  readonly line: number
  readonly message: string
}

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
  add(file: string, line: number, message: string) {
    this.all.push({ file, line, message })
  }
}
