/** A sequence as a table: a row a mail, with day, subject and body. */
import { CsvError, type Info, parse } from 'csv-parse/sync'
import { cutAtWord } from '../../domain/cut.ts'
import { Problem } from '../../domain/problem.ts'
import { oneLine } from './lines.ts'
import type { SourceMail } from './mail.ts'

const NEEDED = ['day', 'subject', 'body'] as const

interface Row {
  readonly day: number
  readonly mail: SourceMail
}

/** The rows in order of their days. Throws a Problem when it is no such table. */
export function readCsv(name: string, text: string): { mails: SourceMail[]; notes: string[] } {
  const notes: string[] = []
  const [header, ...records] = recordsOf(name, text)
  const columns = (header?.record ?? []).map((column) => oneLine(column).toLowerCase())
  const missing = NEEDED.filter((column) => !columns.includes(column))
  if (missing.length > 0)
    throw new Problem('invalid', 'operator.import.no-column', {
      params: { file: name, columns: missing.join(', ') },
    })
  const ignored = columns.filter((column) => ![...NEEDED, 'preheader'].includes(column))
  if (ignored.length > 0) notes.push(`ignored: column ${ignored.join(', ')}`)
  const again = new Set(
    columns.filter((column, at) => columns.indexOf(column) < at && !ignored.includes(column)),
  )
  for (const column of again)
    notes.push(`there are several columns named ${column}; only the first was used`)
  const rows = records.flatMap(({ record, line }) => {
    const row = mailRow(columns, record, line)
    if (typeof row !== 'string') return [row]
    notes.push(`line ${line} was skipped: ${row}`)
    return []
  })
  const sorted = rows.toSorted((a, b) => a.day - b.day)
  const days = sorted.map(({ day }) => day)
  return { mails: sorted.map(({ mail }) => mail), notes: [...notes, ...dayNotes(days)] }
}

/** A row, or what is wrong with it. */
function mailRow(
  columns: readonly string[],
  record: readonly string[],
  line: number,
): Row | string {
  if (record.length !== columns.length)
    return `it has ${record.length} fields instead of ${columns.length}`
  const field = (column: string) => record[columns.indexOf(column)]?.trim() ?? ''
  const [, day] = /^(?:day\s*)?(\d{1,5})$/i.exec(field('day')) ?? []
  if (day === undefined) return `"${cutAtWord(oneLine(field('day')), 40)}" is not a day`
  if (!field('body')) return 'it has no body'
  return {
    day: Number(day),
    mail: {
      name: `line ${line}`,
      text: field('body'),
      subject: oneLine(field('subject')),
      preheader: oneLine(columns.includes('preheader') ? field('preheader') : ''),
      otherwise: `Day ${day}`,
    },
  }
}

/** Days that are not 1, 2, 3 …: they are numbered on, since a course has a lesson every day. */
export function dayNotes(days: readonly number[]): string[] {
  const doubled = [...new Set(days.filter((day, index) => days.indexOf(day) !== index))]
  const unique = [...new Set(days)]
  const gaps = unique.flatMap((day, index) => {
    const before = unique[index - 1] ?? 0
    if (day <= before + 1) return []
    return [day === before + 2 ? `day ${before + 1}` : `days ${before + 1} to ${day - 1}`]
  })
  return [
    ...(doubled.length > 0 ? [`repeated days were renumbered: ${doubled.join(', ')}`] : []),
    ...(gaps.length > 0
      ? [`missing days were closed up by renumbering the rest: ${gaps.join(', ')}`]
      : []),
    ...(days[0] === 0 ? ['day 0 is now day 1'] : []),
  ]
}

interface Numbered {
  readonly record: readonly string[]
  /** Where it begins. */
  readonly line: number
}

function recordsOf(name: string, text: string): Numbered[] {
  const { delimiter, table, before } = delimiterOf(text)
  try {
    const records = parse(table, {
      delimiter,
      info: true,
      skip_empty_lines: true,
      relax_column_count: true,
    }) as unknown as { record: string[]; info: Info }[]
    return records.map(({ record, info }) => ({ record, line: before + lineOf(info, record) }))
  } catch (cause) {
    if (!(cause instanceof CsvError)) throw cause
    throw new Problem('invalid', 'operator.import.not-csv', {
      params: { file: name, cause: cause.message.replace(/\.$/, '') },
      cause,
    })
  }
}

/**
 * What Excel wants to be told in a first line of its own, or else what the first line has most of.
 */
function delimiterOf(text: string): { delimiter: string; table: string; before: number } {
  const [line, given] = /^"?sep=([^\r\n])"?\r?\n/i.exec(text) ?? []
  if (line !== undefined && given !== undefined)
    return { delimiter: given, table: text.slice(line.length), before: 1 }
  const [first = ''] = text.split(/\r?\n/, 1)
  const count = (sign: string) => first.split(sign).length
  const [delimiter = ','] = [',', ';', '\t'].sort((a, b) => count(b) - count(a))
  return { delimiter, table: text, before: 0 }
}

/** The parser tells where a record ends. */
const lineOf = ({ lines }: Info, record: readonly string[]) =>
  lines - record.reduce((sum, field) => sum + field.split('\n').length - 1, 0)
