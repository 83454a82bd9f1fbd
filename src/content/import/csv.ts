/** A sequence as a table: one row per mail, with day, subject and body. */
import { CsvError, type Info, parse } from 'csv-parse/sync'
import { cutAtWord } from '../../domain/cut.ts'
import { Problem } from '../../domain/problem.ts'
import { oneLine } from './lines.ts'
import type { CopyFile } from './local-files.ts'
import type { SourceMail } from './mail.ts'

/** Other systems' names for them, in lower case without punctuation. */
const COLUMNS = {
  day: ['day', 'position', 'order', 'number', 'step', 'email number', 'send day', 'sequence order'],
  subject: ['subject', 'subject line', 'email subject', 'title', 'betreff'],
  body: [
    'body',
    'content',
    'html',
    'html content',
    'content html',
    'email body',
    'email content',
    'text',
    'message',
    'inhalt',
  ],
  preheader: ['preheader', 'preview text', 'preview', 'preview line', 'preheader text'],
  published: ['published'],
} as const
type Column = keyof typeof COLUMNS
const REQUIRED_COLUMNS = ['subject', 'body'] as const

interface Row {
  readonly day: number
  readonly mail: SourceMail
  readonly note: string | null
}

interface Table {
  /** Name of the file. */
  readonly name: string
  readonly text: string
  readonly take: CopyFile
}

/**
 * Returns the rows by day, or in table order if there are no days. Throws a Problem if it is not
 * such a table.
 */
export function readCsv({ name, text, take }: Table): { mails: SourceMail[]; notes: string[] } {
  const [header, ...records] = recordsOf(name, text)
  const { at, notes } = columnsIn((header?.record ?? []).map(oneLine))
  const missing = REQUIRED_COLUMNS.filter((column) => at[column] === undefined)
  if (missing.length > 0)
    throw new Problem('invalid', 'operator.import.no-column', {
      params: { file: name, columns: missing.join(', ') },
    })
  const width = header?.record.length ?? 0
  const rows = records.flatMap(({ record, line }, index) => {
    const row =
      record.length === width
        ? mailRow({ at, record, index, take }, line)
        : `it has ${record.length} fields instead of ${width}`
    if (typeof row === 'string') {
      notes.push(`line ${line} was skipped: ${row}`)
      return []
    }
    if (row.note) notes.push(row.note)
    return [row]
  })
  const sorted = rows.toSorted((a, b) => a.day - b.day)
  return {
    mails: sorted.map(({ mail }) => mail),
    notes,
  }
}

type ColumnIndexes = Partial<Record<Column, number>>

/** Finds the position of each column; of several with one name, the first. */
function columnsIn(names: readonly string[]): { at: ColumnIndexes; notes: string[] } {
  const at: ColumnIndexes = {}
  const [ignored, doubled]: [string[], string[]] = [[], []]
  for (const [index, name] of names.entries()) {
    const bare = name
      .toLowerCase()
      .replace(/[^\p{L}\d]+/gu, ' ')
      .trim()
    const column = (Object.keys(COLUMNS) as Column[]).find((known) =>
      COLUMNS[known].some((alias) => alias === bare),
    )
    if (!column) ignored.push(bare || name)
    else if (at[column] === undefined) at[column] = index
    else doubled.push(name.toLowerCase() === column ? column : `${column} (${name})`)
  }
  return {
    at,
    notes: [
      ...(ignored.length > 0 ? [`ignored: column ${ignored.join(', ')}`] : []),
      ...[...new Set(doubled)].map(
        (column) => `there are several columns named ${column}; only the first was used`,
      ),
    ],
  }
}

interface Cells {
  readonly at: ColumnIndexes
  readonly record: readonly string[]
  /** Index of the row, from 0. */
  readonly index: number
  readonly take: CopyFile
}

/** Returns a row, or what is wrong with it. */
function mailRow({ at, record, index, take }: Cells, line: number): Row | string {
  const field = (column: Column) => record[at[column] ?? -1]?.trim() ?? ''
  const written = at.day === undefined ? String(index + 1) : field('day')
  const [, day] = /^(?:\p{L}+\s*)?(\d{1,5})$/iu.exec(written) ?? []
  if (day === undefined) return `"${cutAtWord(oneLine(written), 40)}" is not a day`
  if (!field('body')) return 'it has no body'
  const isDraft = /^(false|no|0)$/i.test(field('published'))
  return {
    day: Number(day),
    note: isDraft ? `line ${line} was not published; it is imported as a day` : null,
    mail: {
      name: `line ${line}`,
      number: at.day === undefined ? null : Number(day),
      group: 0,
      text: field('body'),
      subject: oneLine(field('subject')),
      preheader: oneLine(field('preheader')),
      otherwise: `Day ${day}`,
      take,
    },
  }
}

/**
 * Notes days that are not 1, 2, 3 …: they are renumbered, since a course has a lesson every day.
 */
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

interface NumberedRecord {
  readonly record: readonly string[]
  /** The line it begins on. */
  readonly line: number
}

function recordsOf(name: string, text: string): NumberedRecord[] {
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
 * Reads the delimiter from Excel's separate first line, or else takes the most frequent one in the
 * first line.
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

/** The parser reports where a record ends. */
const lineOf = ({ lines }: Info, record: readonly string[]) =>
  lines - record.reduce((sum, field) => sum + field.split('\n').length - 1, 0)
