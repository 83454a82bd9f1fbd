/** Where a sequence was kept: a folder of mails, or a CSV. Read, never written. */
import { readdir, readFile, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { messageOf, Problem } from '../../domain/problem.ts'
import { readCsv } from './csv.ts'
import { readable } from './lines.ts'
import { type Mail, mailOf, type Written } from './mail.ts'

const MAIL = /\.(html?|md)$/i
const MEGABYTE = 1_000_000
/** A mail of more is no mail; a table holds many. */
const MOST_BYTES = { mail: MEGABYTE, csv: 20 * MEGABYTE }
const MOST_MAILS = 1_000

export interface Source {
  readonly mails: readonly Mail[]
  readonly notes: readonly string[]
}

/** The mails in order. Throws a Problem `invalid` that says why when there is none, or one cannot be read. */
export async function readSource(from: string): Promise<Source> {
  const found = await stat(from).catch((cause) => {
    throw new Problem('invalid', `There is no folder and no file at ${from}.`, { cause })
  })
  if (!found.isDirectory() && !(found.isFile() && /\.csv$/i.test(from)))
    throw new Problem('invalid', `${from} is neither a folder of mails nor a .csv file.`)
  const { mails: written, notes } = await (found.isDirectory() ? readFolder(from) : readTable(from))
  if (written.length > MOST_MAILS)
    throw new Problem('invalid', `${from} holds ${written.length} mails; a course may have ${MOST_MAILS}.`)
  const mails = written.map(mailOf)
  const empty = written.filter((_, index) => mails[index] === null)
  const usable = mails.filter((mail) => mail !== null)
  if (usable.length === 0)
    throw new Problem('invalid', `${from} holds no mail with a text; nothing was written.`)
  return {
    mails: usable,
    notes: [...notes, ...empty.map(({ name }) => `${name} is left out: it has no text`)],
  }
}

async function readTable(file: string) {
  return readCsv(basename(file), await readText(file, MOST_BYTES.csv))
}

async function readFolder(folder: string): Promise<{ mails: Written[]; notes: string[] }> {
  const entries = (await readdir(folder, { withFileTypes: true })).filter(({ name }) => !name.startsWith('.'))
  const isMail = (entry: (typeof entries)[number]) =>
    entry.isFile() && MAIL.test(entry.name) && entry.name.toLowerCase() !== 'readme.md'
  const { compare } = new Intl.Collator('en', { numeric: true })
  const names = entries.filter(isMail).map(({ name }) => name)
  const others = entries.filter((entry) => !isMail(entry)).map(({ name }) => name)
  const mails: Written[] = []
  // One after another: a folder may hold a thousand.
  for (const name of names.sort(compare))
    mails.push({ name, text: await readText(join(folder, name), MOST_BYTES.mail), otherwise: readable(name) })
  return {
    mails,
    notes: others.sort(compare).map((name) => `${name} is left out: it is no .html or .md file`),
  }
}

async function readText(file: string, most: number): Promise<string> {
  try {
    const { size } = await stat(file)
    if (size > most)
      throw new Problem(
        'invalid',
        `${file} has ${Math.ceil(size / MEGABYTE)} MB; ${most / MEGABYTE} may be read.`,
      )
    // Leaves out the mark at the beginning.
    return new TextDecoder('utf-8', { fatal: true }).decode(await readFile(file)).replaceAll('\r\n', '\n')
  } catch (cause) {
    if (cause instanceof Problem) throw cause
    if (cause instanceof TypeError)
      throw new Problem('invalid', `${file} is not UTF-8 text; save it as UTF-8 and try again.`, { cause })
    throw new Problem('invalid', `${file} cannot be read: ${messageOf(cause)}.`, { cause })
  }
}
