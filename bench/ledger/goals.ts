/** The rows of the table: what was measured, its goal, and whether that is met. Pure. */

export interface Goal {
  readonly what: string
  readonly measured: string
  readonly goal: string
  /** Null: there is no goal. */
  readonly holds: boolean | null
}

/** The goal of staying within a limit; `unit` is printed after the number. */
export const atMost = (what: string, value: number, limit: number, terms: Terms = {}): Goal =>
  held(what, value, { ...terms, goal: `<= ${limit}`, holds: rounded(value, terms) <= limit })

/** The goal of staying below a limit. */
export const below = (what: string, value: number, limit: number, terms: Terms = {}): Goal =>
  held(what, value, { ...terms, goal: `< ${limit}`, holds: rounded(value, terms) < limit })

/** The goal of reaching a limit. */
export const atLeast = (what: string, value: number, limit: number, terms: Terms = {}): Goal =>
  held(what, value, { ...terms, goal: `>= ${limit}`, holds: rounded(value, terms) >= limit })

/** The goal of exceeding a limit. */
export const above = (what: string, value: number, limit: number, terms: Terms = {}): Goal =>
  held(what, value, { ...terms, goal: `> ${limit}`, holds: rounded(value, terms) > limit })

/** Information without a goal. */
export const beside = (what: string, measured: string): Goal => ({
  what,
  measured,
  goal: '',
  holds: null,
})

interface Terms {
  readonly unit?: string
  readonly digits?: number
  /** Printed after the number. */
  readonly note?: string
}

/** As printed, so that the judgment agrees with what is shown. */
const rounded = (value: number, { digits = 2 }: Terms) => Number(value.toFixed(digits))

function held(what: string, value: number, terms: Terms & Pick<Goal, 'goal' | 'holds'>): Goal {
  const { unit = '', digits = 2, note, goal, holds } = terms
  const after = unit && ` ${unit}`
  const measured = `${value.toFixed(digits)}${after}${note ? ` (${note})` : ''}`
  return { what, measured, goal: `${goal}${after}`, holds }
}

/** Growth of a figure from the smallest to the largest ledger: the last divided by the first. */
export function growth(values: readonly number[]): number {
  const [first = Number.NaN] = values
  return (values.at(-1) ?? Number.NaN) / first
}

/** The largest growth that counts as flat. */
const FLAT = 1.3

/** Whether the costs `values` at increasing sizes are flat. */
export function flat(
  what: string,
  values: readonly number[],
  { unit = 'ms', digits = 2, note }: Terms = {},
): Goal {
  const figures = `${values.map((value) => value.toFixed(digits)).join(', ')} ${unit}`
  return atMost(what, growth(values), FLAT, { note: [figures, note].filter(Boolean).join('; ') })
}

/** Parses `1m`, `250k` or a whole number of rows; null if it is none of these. */
export function rowsOf(text: string): number | null {
  const [, digits, unit = ''] = /^(\d+(?:\.\d+)?)([km]?)$/i.exec(text.trim()) ?? []
  if (digits === undefined) return null
  const rows = Number(digits) * ({ k: 1e3, m: 1e6 }[unit.toLowerCase()] ?? 1)
  return Number.isSafeInteger(rows) && rows > 0 ? rows : null
}

/** Formats a number of rows for people. */
export function sizeOf(rows: number): string {
  if (rows >= 1e6) return `${Number((rows / 1e6).toFixed(1))} M`
  return rows >= 1e3 ? `${Math.round(rows / 1e3)} k` : String(rows)
}

/** The goals as a Markdown table. */
export function tableOf(goals: readonly Goal[]): string {
  const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  const said = (holds: boolean | null) => (holds === null ? '' : holds ? 'yes' : 'no')
  return [
    row(['', 'measured', 'goal', 'holds']),
    row(['---', '---', '---', '---']),
    ...goals.map(({ what, measured, goal, holds }) => row([what, measured, goal, said(holds)])),
  ].join('\n')
}
