/** Where a sequence was kept: a folder of mails, or a CSV. Read, never written. */
import { readdir, readFile, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { messageOf, Problem } from '../../domain/problem.ts'
import { decodedText, type Misread } from '../bytes.ts'
import { isLitter } from '../names.ts'
import { dayNotes, readCsv } from './csv.ts'
import { readableName } from './lines.ts'
import { type ImportedMail, importedMail, type SourceMail } from './mail.ts'
import { letterIn, mailsInOrder, numberOf, placeNotes } from './order.ts'

const MAIL = /\.(html?|md|markdown)$/i
const MEGABYTE = 1_000_000
/** A mail of more is no mail; a table holds many. */
const MOST_BYTES = { mail: MEGABYTE, csv: 20 * MEGABYTE }
const MOST_MAILS = 1_000

export interface ImportSource {
  readonly mails: readonly ImportedMail[]
  /** The letters of a course that were kept beside them. */
  readonly welcome: ImportedMail | null
  readonly completion: ImportedMail | null
  readonly notes: readonly string[]
}

/**
 * The mails in order. Throws a Problem `invalid` that says why when there is none, or one cannot be
 * read.
 */
export async function readSource(from: string): Promise<ImportSource> {
  const info = await stat(from).catch((cause) => {
    throw new Problem('invalid', 'operator.import.nothing-there', { params: { from }, cause })
  })
  if (!info.isDirectory() && !(info.isFile() && /\.csv$/i.test(from)))
    throw new Problem('invalid', 'operator.import.neither', { params: { from } })
  const { mails: written, notes } = await (info.isDirectory() ? readFolder(from) : readTable(from))
  if (written.length > MOST_MAILS)
    throw new Problem('invalid', 'operator.import.too-many-mails', {
      params: { from, mails: written.length, most: MOST_MAILS },
    })
  const mails = written.map(importedMail)
  const empty = written.filter((_, index) => mails[index] === null)
  const usable = mails.filter((mail) => mail !== null)
  const isFolder = info.isDirectory()
  const letter = (which: ReturnType<typeof letterIn>) =>
    usable.find((mail) => isFolder && letterIn(mail) === which) ?? null
  const [welcome, completion] = [letter('welcome'), letter('completion')]
  const days = usable.filter((mail) => mail !== welcome && mail !== completion)
  if (days.length === 0) throw new Problem('invalid', 'operator.import.empty', { params: { from } })
  const ordered = isFolder ? mailsInOrder(days) : days
  return {
    mails: ordered,
    welcome,
    completion,
    notes: [
      ...notes,
      ...empty.map(({ name }) => `${name} was skipped: it has no text`),
      ...(isFolder ? folderNotes(ordered) : []),
    ],
  }
}

const folderNotes = (mails: readonly ImportedMail[]) => [
  ...dayNotes(mails.flatMap((mail) => numberOf(mail) || [])),
  ...placeNotes(mails),
]

async function readTable(file: string) {
  const { text, notes } = await readTableText(file)
  const read = readCsv(basename(file), text)
  return { mails: read.mails, notes: [...notes, ...read.notes] }
}

/**
 * Excel saves tables as it likes, and seldom asks: what is not UTF-8 is read all the same, and
 * told.
 */
async function readTableText(file: string): Promise<{ text: string; notes: string[] }> {
  const bytes = await bytesOf(file, MOST_BYTES.csv)
  const utf8 = decodedText(bytes)
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

const notUtf8 = (file: string, { line, message }: Misread) =>
  new Problem('invalid', 'operator.import.not-utf8', { params: { file, line, fault: message } })

async function readFolder(folder: string): Promise<{ mails: SourceMail[]; notes: string[] }> {
  const entries = (await readdir(folder, { withFileTypes: true })).filter(
    ({ name }) => !isLitter(name),
  )
  const isMail = (entry: (typeof entries)[number]) => entry.isFile() && MAIL.test(entry.name)
  const { compare } = new Intl.Collator('en', { numeric: true })
  const names = entries.filter(isMail).map(({ name }) => name)
  const ignored = entries.filter((entry) => !isMail(entry)).map(({ name }) => name)
  const mails: SourceMail[] = []
  // One after another: a folder may hold a thousand.
  for (const name of names.sort(compare))
    mails.push({
      name,
      text: await readText(join(folder, name), MOST_BYTES.mail),
      otherwise: readableName(name),
    })
  return {
    mails,
    notes: ignored
      .sort(compare)
      .map((name) => `${name} was skipped: it is not an .html or .md file`),
  }
}

async function readText(file: string, most: number): Promise<string> {
  const text = decodedText(await bytesOf(file, most))
  if (typeof text === 'string') return text
  throw notUtf8(file, text)
}

async function bytesOf(file: string, most: number): Promise<Uint8Array> {
  try {
    const { size } = await stat(file)
    if (size > most)
      throw new Problem('invalid', 'operator.import.too-large', {
        params: { file, size: Math.ceil(size / MEGABYTE), most: most / MEGABYTE },
      })
    return await readFile(file)
  } catch (cause) {
    if (cause instanceof Problem) throw cause
    throw new Problem('invalid', 'operator.import.unreadable', {
      params: { file, cause: messageOf(cause) },
      cause,
    })
  }
}
