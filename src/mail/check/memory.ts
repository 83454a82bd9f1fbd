/**
 * What earlier checks found in each mail, so that only those that have changed are rendered and
 * looked at again.
 */
import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import type { Series } from '../../domain/course.ts'
import type { Finding } from '../../domain/finding.ts'
import type { Written } from './rendering.ts'

export interface Memory {
  of(written: Written): Remembered
  /**
   * Keeps what this check has seen, and forgets the rest. Where nothing can be written, nothing is
   * kept.
   */
  save(): Promise<void>
}

export interface Remembered {
  /**
   * What was found in this very mail; undefined when it, or the program that looks at it, has
   * changed since.
   */
  readonly findings: readonly Finding[] | undefined
  keep(findings: readonly Finding[]): void
}

/**
 * A finding by its distance from the beginning of the mail's text, which may have moved within its
 * file.
 */
const fileShape = z.record(
  z.string(),
  z.array(
    z.object({
      severity: z.enum(['error', 'warning']),
      rule: z.string(),
      message: z.string(),
      below: z.int(),
      column: z.int(),
    }),
  ),
)
type Kept = z.infer<typeof fileShape>

/** All that decides what is found in a mail, besides the mail. */
const PROGRAM = [
  '..',
  '../../domain',
  '../../locales',
  '../../../locales',
  '../../../package-lock.json',
].map((path) => fileURLToPath(new URL(path, import.meta.url)))

export interface Place {
  /** Where it is kept; a file that cannot be read is an empty memory. */
  readonly file: string
  /** The folders of layouts: others make other mails. */
  readonly templatesDirs: readonly string[]
}

export async function openMemory({ file, templatesDirs }: Place): Promise<Memory> {
  const before = await readFile(file, 'utf8')
    .then((text) => fileShape.parse(JSON.parse(text)))
    .catch((): Kept => ({}))
  const after: Kept = {}
  const program = await digestOf([...PROGRAM, ...templatesDirs])
  return {
    of: (written) => {
      const key = nameOf(written, program)
      const kept = before[key]
      if (kept) after[key] = kept
      return {
        findings: kept?.map(({ below, ...finding }) => ({
          ...finding,
          file: written.file,
          line: written.line + below,
        })),
        keep: (findings) => {
          if (findings.some((finding) => finding.file !== written.file)) return
          after[key] = findings.map(({ file: _, line, ...finding }) => ({
            ...finding,
            below: line - written.line,
          }))
        },
      }
    },
    save: () => replace(file, JSON.stringify(after)).catch(() => {}),
  }
}

/**
 * Equal for equal mails: the templates, and all else that makes a mail of a text, are part of
 * `program`.
 */
const nameOf = ({ content }: Written, program: string): string =>
  sha256([
    program,
    JSON.stringify(content, (key, value) => (key === 'series' ? headOf(value) : value)),
  ])

/** What a mail can say of its series: all but the texts of the others. */
const headOf = (series: Series) =>
  series.kind === 'course'
    ? { ...series, lessons: series.lessons.length, welcome: null, completion: null }
    : series.kind === 'daily'
      ? { ...series, inspirations: series.inspirations.length, welcome: null }
      : { ...series, welcome: null }

/** Of the files at these paths, and of all in them that are folders. */
async function digestOf(paths: readonly string[]): Promise<string> {
  const all = await Promise.all(
    paths.map(async (path) => {
      const info = await stat(path).catch(() => null)
      if (!info?.isDirectory()) return info ? [path] : []
      const names = await readdir(path, { recursive: true, withFileTypes: true })
      return names
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name))
    }),
  )
  const texts = await Promise.all(
    all
      .flat()
      .sort()
      .map((file) => readFile(file)),
  )
  return sha256([process.version, ...texts])
}

function sha256(parts: readonly (string | Buffer)[]): string {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(`${part.length}:`).update(part)
  return hash.digest('hex')
}

async function replace(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  const draft = `${file}.${process.pid}`
  await writeFile(draft, text, { mode: 0o600 })
  await rename(draft, file)
}
