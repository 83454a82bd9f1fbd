/** What the check of a courses folder finds, and the rules that find it. */
export type Severity = 'error' | 'warning'

/** Where something is wrong, and what to do about it. */
export interface Spot {
  /** Path below the courses folder. */
  readonly file: string
  /** From 1. */
  readonly line: number
  /** From 1; 1 where only the line is known. */
  readonly column?: number
  readonly message: string
}

export interface Finding extends Required<Spot> {
  readonly severity: Severity
  readonly rule: string
}

/**
 * One thing that may be wrong with a `Subject`. An error fails a build; a warning is for the author
 * to weigh.
 */
export interface Rule<Subject> {
  readonly name: string
  readonly severity: Severity
  readonly find: (subject: Subject) => Iterable<Spot>
}

export const findingsOf = <Subject>(rules: readonly Rule<Subject>[], subject: Subject): Finding[] =>
  rules.flatMap(({ name, severity, find }) =>
    [...find(subject)].map(
      ({ file, line, column = 1, message }): Finding => ({
        file,
        line,
        column,
        severity,
        rule: name,
        message,
      }),
    ),
  )

const before = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)

/** Sorts by file, then from top to bottom. */
export const sortedByPosition = <T extends Pick<Spot, 'file' | 'line' | 'column'>>(
  spots: readonly T[],
): T[] =>
  spots.toSorted(
    (a, b) => before(a.file, b.file) || a.line - b.line || (a.column ?? 1) - (b.column ?? 1),
  )

/** Which part of the format is violated. */
export type FaultRule = 'format' | 'front-matter' | 'slot'

/** Content that violates the format is refused as a whole; `faults` lists every violation. */
export class ContentError extends Error {
  override name = 'ContentError'
  readonly faults: readonly Finding[]
  constructor(faults: readonly Finding[]) {
    super(faults.map((fault) => `${fault.file}:${fault.line} ${fault.message}`).join('\n'))
    this.faults = faults
  }
}

/** Collects violations of the format while a folder is read. */
export class Faults {
  readonly all: Finding[] = []
  add(
    file: string,
    line: number,
    message: string,
    { column = 1, rule = 'format' }: { column?: number; rule?: FaultRule } = {},
  ) {
    this.all.push({ file, line, column, severity: 'error', rule, message })
  }
}
