/** Reads the file of `dawnpost suppress import`, and writes the lines of `export`. */
import { parse } from 'csv-parse/sync'
import type { readAddress } from '../domain/address.ts'
import { Problem } from '../domain/problem.ts'
import { SUPPRESSION_REASONS, type SuppressionReason } from '../domain/suppression.ts'

export interface SuppressionRow {
  readonly target: { readonly key: string } | { readonly hash: Buffer }
  /** The reason in the file; null if it has none, or an unknown one. */
  readonly reason: SuppressionReason | null
}

export interface UnreadableLine {
  /** Counted from 1. */
  readonly line: number
  readonly text: string
}

/** Names of the address column in other systems, in lower case. */
const ADDRESS = ['address', 'email', 'email address', 'e-mail', 'recipient', 'subscriber']
/** The quote that `export` puts before text that a spreadsheet would read as a formula. */
const FORMULA_QUOTE = /^'(?=[=+\-@])/
const SHA_256 = /^[0-9a-f]{64}$/i

/**
 * Reads one address per line, or a table whose first line names its columns: one of addresses, or
 * `hash` as `export` writes it, and optionally `reason`. Unreadable entries are returned with their
 * line numbers. Throws a Problem if the file is not a table at all.
 */
export function readSuppressionFile(
  text: string,
  read: typeof readAddress,
): { rows: SuppressionRow[]; faults: UnreadableLine[] } {
  const records = recordsOf(text)
  const names = (records[0]?.record ?? []).map((name) => name.trim().toLowerCase())
  const at = {
    address: names.findIndex((name) => ADDRESS.includes(name)),
    hash: names.indexOf('hash'),
    reason: names.indexOf('reason'),
  }
  const isTable = at.address >= 0 || at.hash >= 0
  const columns = isTable ? at : { address: 0, hash: -1, reason: -1 }
  const rows: SuppressionRow[] = []
  const faults: UnreadableLine[] = []
  for (const { record, line } of records.slice(isTable ? 1 : 0)) {
    const [address = '', hash = '', reason = ''] = [
      columns.address,
      columns.hash,
      columns.reason,
    ].map((column) => record[column]?.trim().replace(FORMULA_QUOTE, '') ?? '')
    const known = read(address)
    const target = known ?? (SHA_256.test(hash) ? { hash: Buffer.from(hash, 'hex') } : null)
    if (target)
      rows.push({
        target,
        reason: SUPPRESSION_REASONS.find((known) => known === reason.toLowerCase()) ?? null,
      })
    else if (address || hash) faults.push({ line, text: address || hash })
  }
  return { rows, faults }
}

function recordsOf(text: string): { record: string[]; line: number }[] {
  try {
    const rows = parse(text, {
      bom: true,
      relaxColumnCount: true,
      relaxQuotes: true,
      skipEmptyLines: true,
      info: true,
    }) as unknown as { record: string[]; info: { lines: number } }[]
    return rows.map(({ record, info }) => ({ record, line: info.lines }))
  } catch (cause) {
    throw new Problem('invalid', 'cli.suppress.no-table', { cause })
  }
}

/**
 * Returns a line of CSV (RFC 4180). Text that a spreadsheet would read as a formula is escaped
 * (standards.md I10).
 */
export const toCsvLine = (cells: readonly string[]) => cells.map(cell).join(',')

function cell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
