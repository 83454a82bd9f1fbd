/**
 * Remembers what earlier checks found in each mail, so that only changed mails are rendered and
 * checked again.
 */
import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import type { Series } from '../../domain/course.ts'
import type { Finding } from '../../domain/finding.ts'
import type { LocatedContent } from './rendering.ts'

export interface FindingsCache {
  of(written: LocatedContent): CachedFindings
  /**
   * Stores the findings of this check and forgets all others. Does nothing if the file cannot be
   * written.
   */
  save(): Promise<void>
}

export interface CachedFindings {
  /** Findings in exactly this mail; undefined if it, or the program that checks it, has changed. */
  readonly findings: readonly Finding[] | undefined
  keep(findings: readonly Finding[]): void
}

/** Positions of findings are relative to the mail's text, which may have moved within its file. */
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
type StoredFindings = z.infer<typeof fileShape>

/** Everything that determines the findings in a mail, other than the mail itself. */
const PROGRAM = [
  '..',
  '../../domain',
  '../../locales',
  '../../../locales',
  '../../../package-lock.json',
].map((path) => fileURLToPath(new URL(path, import.meta.url)))

export interface CacheLocation {
  /** The file of stored findings; if it cannot be read, nothing is remembered. */
  readonly file: string
  /** The folders of layouts, on which the mails depend. */
  readonly templatesDirs: readonly string[]
}

export async function openFindingsCache({
  file,
  templatesDirs,
}: CacheLocation): Promise<FindingsCache> {
  const before = await readFile(file, 'utf8')
    .then((text) => fileShape.parse(JSON.parse(text)))
    .catch((): StoredFindings => ({}))
  const after: StoredFindings = {}
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
 * Equal for equal mails: the templates, and everything else that turns a text into a mail, are part
 * of `program`.
 */
const nameOf = ({ content }: LocatedContent, program: string): string =>
  sha256([
    program,
    JSON.stringify(content, (key, value) => (key === 'series' ? headOf(value) : value)),
  ])

/** Returns what a mail can contain of its series: everything but the texts of other mails. */
const headOf = (series: Series) =>
  series.kind === 'course'
    ? { ...series, lessons: series.lessons.length, welcome: null, completion: null }
    : series.kind === 'daily'
      ? { ...series, inspirations: series.inspirations.length, welcome: null }
      : { ...series, welcome: null }

/** Returns a digest of the files at these paths, including all files in those that are folders. */
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
