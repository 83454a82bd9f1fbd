/** Statistics for the benches, and the machine that they ran on. */
import { cpus, totalmem } from 'node:os'

export const PROCESSORS = `${cpus().length} × ${cpus()[0]?.model.trim()}`
export const MACHINE = `${PROCESSORS}, ${Math.round(totalmem() / 2 ** 30)} GiB`

/** The quantile at `share` of ascending numbers; NaN if there are none. */
export const quantile = (ascending: readonly number[], share: number): number =>
  ascending[Math.min(ascending.length - 1, Math.floor(share * ascending.length))] ?? Number.NaN

/** The middle one, or the larger of the two middle ones; NaN if there are none. */
export const median = (numbers: readonly number[]): number =>
  numbers.toSorted((x, y) => x - y)[Math.floor(numbers.length / 2)] ?? Number.NaN
