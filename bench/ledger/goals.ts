/** The rows of the table: what was measured, what it is to be, and whether it is. Pure. */

export interface Goal {
  readonly what: string
  readonly measured: string
  readonly goal: string
  /** Null: nothing to be held to. */
  readonly holds: boolean | null
}

/** A goal that a number is to stay within; `unit` as it is written after the number. */
export const atMost = (what: string, value: number, limit: number, terms: Terms = {}): Goal =>
  held(what, value, { ...terms, goal: `<= ${limit}`, holds: rounded(value, terms) <= limit })

/** The same, below and not at the limit. */
export const below = (what: string, value: number, limit: number, terms: Terms = {}): Goal =>
  held(what, value, { ...terms, goal: `< ${limit}`, holds: rounded(value, terms) < limit })

/** A goal that a number is to reach. */
export const atLeast = (what: string, value: number, limit: number, terms: Terms = {}): Goal =>
  held(what, value, { ...terms, goal: `>= ${limit}`, holds: rounded(value, terms) >= limit })

/** The same, and more than the limit. */
export const above = (what: string, value: number, limit: number, terms: Terms = {}): Goal =>
  held(what, value, { ...terms, goal: `> ${limit}`, holds: rounded(value, terms) > limit })

/** Worth knowing beside the goals. */
export const beside = (what: string, measured: string): Goal => ({
  what,
  measured,
  goal: '',
  holds: null,
})

interface Terms {
  readonly unit?: string
  readonly digits?: number
  /** What stands behind the number. */
  readonly note?: string
}

/** As it is printed: what is judged is what a reader sees. */
const rounded = (value: number, { digits = 2 }: Terms) => Number(value.toFixed(digits))

function held(what: string, value: number, terms: Terms & Pick<Goal, 'goal' | 'holds'>): Goal {
  const { unit = '', digits = 2, note, goal, holds } = terms
  const after = unit && ` ${unit}`
  const measured = `${value.toFixed(digits)}${after}${note ? ` (${note})` : ''}`
  return { what, measured, goal: `${goal}${after}`, holds }
}

/** How a figure grows from the smallest ledger to the largest: the last of them by the first. */
export function growth(values: readonly number[]): number {
  const [first = Number.NaN] = values
  return (values.at(-1) ?? Number.NaN) / first
}

/** How much larger the last may be than the first for it to count as flat. */
const FLAT = 1.3

/** Whether what costs `values` at one size after another is flat. */
export function flat(
  what: string,
  values: readonly number[],
  { unit = 'ms', digits = 2, note }: Terms = {},
): Goal {
  const figures = `${values.map((value) => value.toFixed(digits)).join(', ')} ${unit}`
  return atMost(what, growth(values), FLAT, { note: [figures, note].filter(Boolean).join('; ') })
}

/** `1m`, `250k` or a whole number as a number of rows; null when it is neither. */
export function rowsOf(text: string): number | null {
  const [, digits, unit = ''] = /^(\d+(?:\.\d+)?)([km]?)$/i.exec(text.trim()) ?? []
  if (digits === undefined) return null
  const rows = Number(digits) * ({ k: 1e3, m: 1e6 }[unit.toLowerCase()] ?? 1)
  return Number.isSafeInteger(rows) && rows > 0 ? rows : null
}

/** The same for people. */
export function sizeOf(rows: number): string {
  if (rows >= 1e6) return `${Number((rows / 1e6).toFixed(1))} M`
  return rows >= 1e3 ? `${Math.round(rows / 1e3)} k` : String(rows)
}

/** As Markdown. */
export function tableOf(goals: readonly Goal[]): string {
  const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  const said = (holds: boolean | null) => (holds === null ? '' : holds ? 'yes' : 'no')
  return [
    row(['', 'measured', 'goal', 'holds']),
    row(['---', '---', '---', '---']),
    ...goals.map(({ what, measured, goal, holds }) => row([what, measured, goal, said(holds)])),
  ].join('\n')
}
