/** The source of a sequence: a folder of mails, or a CSV file. Only read, never written. */
import { stat } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { Problem } from '../../domain/problem.ts'
import { decodeText } from '../decode-text.ts'
import { dayNotes, readCsv } from './csv.ts'
import { readFolder } from './folder.ts'
import { separateLetters } from './letters.ts'
import { type CopiedFile, type LocalFiles, openLocalFiles } from './local-files.ts'
import { type ImportedMail, importMail, type SourceMail } from './mail.ts'
import { mailsInOrder, placeNotes } from './order.ts'
import { MAX_BYTES, notUtf8, readBytes } from './reading.ts'

const MAX_MAILS = 1_000

export interface ImportSource {
  readonly mails: readonly ImportedMail[]
  /** The letters of a course that were kept with them. */
  readonly welcome: ImportedMail | null
  readonly completion: ImportedMail | null
  /** Pictures and files that the mails show or link to. */
  readonly files: readonly CopiedFile[]
  readonly notes: readonly string[]
}

/**
 * Returns the mails in order. Throws a Problem `invalid` with the reason if there are none, or one
 * cannot be read.
 */
export async function readSource(from: string): Promise<ImportSource> {
  const isFolder = await isFolderSource(from)
  const local = openLocalFiles(isFolder ? from : dirname(from))
  const { mails: written, notes } = await (isFolder
    ? readFolder(from, local)
    : readTable(from, local))
  if (written.length > MAX_MAILS)
    throw new Problem('invalid', 'operator.import.too-many-mails', {
      params: { from, mails: written.length, most: MAX_MAILS },
    })
  const mails = written.map(importMail)
  const empty = written.filter((_, index) => mails[index] === null)
  const usable = mails.filter((mail) => mail !== null)
  const ordered = isFolder ? mailsInOrder(usable) : usable
  const { welcome, completion, days, notes: letterNotes } = separateLetters(ordered)
  if (days.length === 0) throw new Problem('invalid', 'operator.import.empty', { params: { from } })
  return {
    mails: days,
    welcome,
    completion,
    files: local.brought(),
    notes: [
      ...notes,
      ...empty.map(({ name }) => `${name} was skipped: it has no text`),
      ...letterNotes,
      ...numberNotes(ordered, days),
      ...(isFolder ? placeNotes(days) : []),
    ],
  }
}

/** Returns whether the source is a folder; otherwise it is a table. */
async function isFolderSource(from: string): Promise<boolean> {
  const info = await stat(from).catch((cause) => {
    throw new Problem('invalid', 'operator.import.nothing-there', { params: { from }, cause })
  })
  if (info.isFile() && /\.zip$/i.test(from))
    throw new Problem('invalid', 'operator.import.archive', { params: { from } })
  if (!info.isDirectory() && !(info.isFile() && /\.csv$/i.test(from)))
    throw new Problem('invalid', 'operator.import.neither', { params: { from } })
  return info.isDirectory()
}

/** Larger numbers are campaign numbers of an export, not days. */
const MAX_DAY_NUMBER = 1_000

function numberNotes(ordered: readonly ImportedMail[], days: readonly ImportedMail[]): string[] {
  const numbers = ordered.flatMap(({ number }) => number ?? [])
  const isRising = new Set(ordered.map(({ group }) => group)).size === 1
  if (!isRising || numbers.some((number) => number > MAX_DAY_NUMBER)) return []
  return dayNotes(days.some(({ number }) => number === 0) ? numbers : numbers.filter(Boolean))
}

async function readTable(file: string, local: LocalFiles) {
  const { text, notes } = await readTableText(file)
  const take = local.takeIn(dirname(file))
  const read = readCsv({ name: basename(file), text, take })
  return { mails: read.mails as readonly SourceMail[], notes: [...notes, ...read.notes] }
}

/** Excel often saves tables in other encodings: what is not UTF-8 is decoded anyway, and noted. */
async function readTableText(file: string): Promise<{ text: string; notes: string[] }> {
  const bytes = await readBytes(file, MAX_BYTES.csv)
  const utf8 = decodeText(bytes)
  if (typeof utf8 === 'string') return { text: utf8, notes: [] }
  const isLittle = bytes[0] === 0xff && bytes[1] === 0xfe
  const isBig = bytes[0] === 0xfe && bytes[1] === 0xff
  const encoding = isLittle ? 'utf-16le' : isBig ? 'utf-16be' : 'windows-1252'
  const text = new TextDecoder(encoding).decode(bytes).replaceAll('\r\n', '\n')
  if (text.includes('\0')) throw notUtf8(file, utf8)
  return {
    text,
    notes: [
      `${basename(file)} is not UTF-8 and was read as ${encoding}; check its special characters`,
    ],
  }
}
