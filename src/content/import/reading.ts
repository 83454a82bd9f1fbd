/** Reads a file of a source, or reports why it cannot. */
import { readFile, stat } from 'node:fs/promises'
import { messageOf, Problem } from '../../domain/problem.ts'
import { type DecodingFault, decodeText } from '../decode-text.ts'

const MEGABYTE = 1_000_000
/** Limits in bytes: a larger file is not a mail; a table holds many. */
export const MAX_BYTES = { mail: MEGABYTE, csv: 20 * MEGABYTE }

export const notUtf8 = (file: string, { line, message }: DecodingFault) =>
  new Problem('invalid', 'operator.import.not-utf8', { params: { file, line, fault: message } })

/** Reads a mail. Throws a Problem `invalid` if it is not text. */
export async function readMail(file: string): Promise<string> {
  const text = decodeText(await readBytes(file, MAX_BYTES.mail))
  if (typeof text === 'string') return text
  throw notUtf8(file, text)
}

/** Reads a file. Throws a Problem `invalid` if it cannot be read or is larger than `most` bytes. */
export async function readBytes(file: string, most: number): Promise<Uint8Array> {
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
