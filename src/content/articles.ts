/**
 * The articles folder of a site: Markdown files with front matter, and the media next to them.
 * Reading finds what has changed; compiling an article takes longer, see compileArticle.
 */
import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join, posix } from 'node:path'
import { RESERVED_SLUGS } from '../domain/article-paths.ts'
import { isSlug } from '../domain/course.ts'
import { Faults, type Finding } from '../domain/finding.ts'
import { messageOf } from '../domain/problem.ts'
import { articleKeys } from './article-keys.ts'
import { decodeText } from './decode-text.ts'
import { TODO, todoPattern, unpublishedIn } from './draft.ts'
import { isIgnoredFile } from './file-names.ts'
import { readPage, splitFrontMatter, type TextFile } from './front-matter.ts'
import { type FoundMedia, readReferenced } from './media.ts'
import { type MediaReference, referencesInText } from './references.ts'

/** An article's file, as found. */
export interface ArticleFile extends TextFile {
  /** The file name without .md; unusable if there are faults. */
  readonly slug: string
  /** Equal for files that compile to the same. */
  readonly digest: string
  /** The pictures and files it refers to. */
  readonly media: readonly FoundMedia[]
  /** Why visitors do not see it; null if they may. */
  readonly draft: string | null
  /** The date, in UTC, on which it is published by itself; null if there is none. */
  readonly comes: string | null
  /** Faults found without compiling it. */
  readonly faults: readonly Finding[]
}

export interface ArticleReadOptions {
  /** Today in UTC. Without it, no publishing date has come yet. */
  readonly today?: Temporal.PlainDate
  /** The site's language, for articles that name none. */
  readonly language: string
}

/** The folder's path in findings, relative to the courses folder. */
const ARTICLES_FOLDER = '../articles'

/** To be incremented when compilation changes: all articles are then compiled again. */
const COMPILER_VERSION = 1
const MAX_CHARACTERS = 500_000

/**
 * Reads every article in `folder`, sorted by slug; null if the folder is missing. Rejects if it
 * cannot be read.
 */
export async function readArticles(
  folder: string,
  reading: ArticleReadOptions,
): Promise<ArticleFile[] | null> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return null
      throw error
    },
  )
  if (entries === null) return null
  const names = entries
    .filter((entry) => !entry.isDirectory() && !isIgnoredFile(entry.name))
    .map(({ name }) => name)
    .filter((name) => LIKE_TEXT.test(name))
    .sort()
  return Promise.all(names.map((name) => readFileOf(folder, name, reading)))
}

/** Other extensions for Markdown, and what editors append to the right one. */
const LIKE_TEXT = /\.(md|markdown|mdown|mkdn?|mdx)(\.(md|txt))*$/i

async function readFileOf(
  folder: string,
  name: string,
  reading: ArticleReadOptions,
): Promise<ArticleFile> {
  const file = `${ARTICLES_FOLDER}/${name.normalize('NFC')}`
  const faults = new Faults()
  const slug = name.replace(/\.md$/, '').normalize('NFC')
  const text = isSlug(slug) ? await textOf(join(folder, name), file, faults) : ''
  if (!isSlug(slug))
    faults.add(
      file,
      1,
      'is not a usable name for an article; use lowercase letters, digits and hyphens, like a-title.md',
    )
  if (RESERVED_SLUGS.includes(slug))
    faults.add(
      file,
      1,
      `has a name that is reserved for a page of all articles; use another than ${slug}.md`,
    )
  const media = await readReferenced(folder, referencesOf({ file, text }), faults)
  const waiting = draftOf({ file, text }, reading.today ?? null)
  return {
    slug,
    file,
    text,
    digest: digestOf(text, media, reading),
    media,
    draft: waiting?.reason ?? null,
    comes: waiting?.on ?? null,
    faults: faults.all,
  }
}

async function textOf(path: string, file: string, faults: Faults): Promise<string> {
  try {
    const text = decodeText(await readFile(path))
    if (typeof text !== 'string') faults.add(file, text.line, text.message, { column: text.column })
    else if (text.length > MAX_CHARACTERS)
      faults.add(file, 1, `has over ${MAX_CHARACTERS} characters; split it into several articles`)
    else return text
  } catch (error) {
    faults.add(file, 1, `cannot be read: ${messageOf(error)}`)
  }
  return ''
}

function draftOf({ file, text }: TextFile, today: Temporal.PlainDate | null) {
  const named = file.replace('../', '')
  const waiting = unpublishedIn({ file: named, text }, today)
  if (waiting) return waiting
  const at = text.search(todoPattern())
  if (at < 0) return null
  const line = text.slice(0, at).split('\n').length
  return { reason: `${TODO} is left at ${named}:${line}`, on: null }
}

function* referencesOf(text: TextFile): Generator<MediaReference> {
  const { yaml, body, offset } = splitFrontMatter(text.text) ?? {
    yaml: '',
    body: text.text,
    offset: 0,
  }
  // Read for its picture only: its faults are reported when it is compiled.
  const page = /^picture:/m.test(yaml) ? readPage(articleKeys, text, new Faults()) : null
  if (page?.data.picture) {
    const { file } = page.data.picture
    const line = page.lineOf('picture', 'file')
    yield { kind: 'image', name: pictureName(file), file: text.file, line, column: 1 }
  }
  yield* referencesInText(text.file, body, offset + 1)
}

/** Normalizes the name of a picture in the front matter to that of its file. */
export const pictureName = (file: string) => posix.normalize(file).normalize('NFC')

const digestOf = (text: string, media: readonly FoundMedia[], { language }: ArticleReadOptions) =>
  createHash('sha256')
    .update(
      JSON.stringify([
        COMPILER_VERSION,
        language,
        text,
        media.map(({ name, hash }) => [name, hash]),
      ]),
    )
    .digest('hex')
    .slice(0, 32)
