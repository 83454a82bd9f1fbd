/**
 * Reads returned mails from files, and shows what they would be taken for, without acting on them.
 */
import { readFile } from 'node:fs/promises'
import { buffer } from 'node:stream/consumers'
import { Problem } from '../domain/problem.ts'
import { type DmarcReport, readDmarcReport } from '../mail/inbound/dmarc-report.ts'
import { mailsIn } from '../mail/inbound/mbox.ts'
import { readReports } from '../mail/inbound/read-reports.ts'
import type { ReadResult } from '../mail/inbound/read-result.ts'
import { readTlsReport, type TlsReport } from '../mail/inbound/tls-report.ts'

export interface InspectedMail {
  readonly file: string
  /** Its position in its file, from 1; null if it is the only one. */
  readonly index: number | null
  readonly reading: ReadResult
  /** The readable reports among its files. */
  readonly tls: readonly TlsReport[]
  readonly dmarc: readonly DmarcReport[]
}

/**
 * Yields the mails of a file, or of stdin for `-`: a single one, or those of an mbox. Throws a
 * Problem `not_found` if it cannot be read.
 */
export async function* readMails(file: string): AsyncGenerator<InspectedMail> {
  const mails = mailsIn(await contentOf(file))
  for (const [index, mail] of mails.entries()) {
    const reading = await readReports(mail)
    yield {
      file,
      index: mails.length > 1 ? index + 1 : null,
      reading,
      tls: await readAll(reading, 'tls_report', readTlsReport),
      dmarc: await readAll(reading, 'dmarc_report', readDmarcReport),
    }
  }
}

async function readAll<T>(
  { files }: ReadResult,
  kind: ReadResult['files'][number]['kind'],
  read: (bytes: Uint8Array) => Promise<T | null>,
): Promise<T[]> {
  const found = await Promise.all(
    files.filter((file) => file.kind === kind).map(({ bytes }) => read(bytes)),
  )
  return found.filter((report) => report !== null)
}

async function contentOf(file: string): Promise<Buffer> {
  try {
    return file === '-' ? await buffer(process.stdin) : await readFile(file)
  } catch (error) {
    throw new Problem('not_found', 'cli.bounces.unreadable', {
      params: { file, cause: (error as NodeJS.ErrnoException).code ?? String(error) },
      cause: error,
    })
  }
}
