/** What benches say of numbers, and of the machine that they were measured on. */
import { cpus, totalmem } from 'node:os'

export const PROCESSORS = `${cpus().length} × ${cpus()[0]?.model.trim()}`
export const MACHINE = `${PROCESSORS}, ${Math.round(totalmem() / 2 ** 30)} GiB`

/** The smallest number that is not less than this share of them, which ascend. NaN of none. */
export const quantile = (ascending: readonly number[], share: number): number =>
  ascending[Math.min(ascending.length - 1, Math.floor(share * ascending.length))] ?? Number.NaN

/** The one in the middle; of an even number the larger of the two. NaN of none. */
export const median = (numbers: readonly number[]): number =>
  numbers.toSorted((x, y) => x - y)[Math.floor(numbers.length / 2)] ?? Number.NaN
