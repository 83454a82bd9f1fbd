/** Extracts the codes from what a server said. */

const STATUS = /(?<![\d.:/-])#?([245])\.(\d{1,3})\.(\d{1,3})(?![\d.]*\d)/g
/** Excludes times, ports, sizes and parts of addresses. */
const CODE =
  /(?<![\w.:/@#-])([45]\d\d)(?=[ -](?!(?:bytes|kb|mb|hours?|days?|seconds?|minutes?)\b)|$|["',;)\n])/

export interface Codes {
  readonly status: string | null
  readonly code: number | null
}

/** Whether a status says more than that the mail failed. */
export const isSpecificStatus = (status: string) =>
  !/^\d\.\d{1,3}\.0$/.test(status) && !/\.0\.\d+$/.test(status)

/** Returns the most specific enhanced code and the first basic one. */
export function codesIn(text: string): Codes {
  const looked = text.slice(0, 2_000)
  const found = [...looked.matchAll(STATUS)]
    .map(([, digit, subject, detail]) => `${digit}.${Number(subject)}.${Number(detail)}`)
    .filter((status) => !status.startsWith('2'))
  return {
    status: found.find(isSpecificStatus) ?? found[0] ?? null,
    code: Number(CODE.exec(looked)?.[1] ?? 0) || null,
  }
}

/** Returns the status of a field without what follows it, as in `5.1.1 (no such user)`. */
export const statusIn = (value: string): string | null =>
  /(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?!\d)/.exec(value)?.[0] ?? null
