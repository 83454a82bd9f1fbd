/**
 * Courses on disk. A folder holds course.yaml and Markdown: for a course, numbered lessons,
 * welcome.md and completion.md; for a daily, welcome.md and pages of level-2 sections, one
 * inspiration each.
 */
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { withArticleLinks } from '../domain/article.ts'
import { isSlug, type Series } from '../domain/course.ts'
import { ContentError, Faults, type Finding } from '../domain/finding.ts'
import { mapHtml } from '../domain/media.ts'
import { draftIn, type UnpublishedText, unpublishedIn } from './draft.ts'
import { isText } from './file-names.ts'
import { readSlugs, readTexts, textsInOrder } from './files.ts'
import type { TextFile } from './front-matter.ts'
import { lessonIn } from './lessons.ts'
import {
  describeMedia,
  type FoundMedia,
  parseMediaDescription,
  readMedia,
  withMediaUrls,
} from './media.ts'
import { type FolderTexts, readSeries, type SeriesFiles } from './series.ts'
import { kindOf } from './source.ts'

/** A folder of a series as found: its files, and the series made from them. */
export interface CourseFolder {
  readonly slug: string
  /** Null, or incomplete, if there are faults. */
  readonly series: Series | null
  /** The texts that were read, without those of lessons left out. */
  readonly texts: readonly TextFile[]
  /** The pictures and files that these texts refer to. */
  readonly media: readonly FoundMedia[]
  readonly faults: readonly Finding[]
  /** Why it is a draft, which is not sent to readers; null if it is not one. */
  readonly draft: string | null
  /** The lessons not yet sent to readers, whether read or left out. */
  readonly waiting: readonly UnpublishedText[]
  /** The first date, in UTC, on which something waiting is published; null if there is none. */
  readonly comes: string | null
}

/** How a folder is read. */
export interface ReadOptions {
  /** Today in UTC. Without it, no publishing date has come yet. */
  readonly today?: Temporal.PlainDate
  /**
   * `all`: with waiting lessons, as the author sees it. `published`: as if they did not exist.
   * `live`: as it was published, with gaps in the numbers where they are.
   */
  readonly of?: 'all' | 'published' | 'live'
}

/**
 * Reads every series in `folder`, sorted by slug. Throws ContentError with all faults of all
 * folders.
 */
export async function loadCourses(folder: string): Promise<Series[]> {
  const { folders, faults } = await readCourses(folder)
  if (faults.length > 0) throw new ContentError(faults)
  return folders.map(({ series }) => series).filter((course) => course !== null)
}

/** Reads all folders, broken or not: each with its faults, and all faults together. */
export async function readCourses(
  folder: string,
  reading: ReadOptions = {},
): Promise<{ folders: CourseFolder[]; faults: readonly Finding[] }> {
  const folderFaults = new Faults()
  const slugs = await readSlugs(folder, folderFaults)
  const folders = await Promise.all(slugs.map((slug) => readFolder(folder, slug, reading)))
  if (folderFaults.all.length === 0 && folders.length === 0)
    folderFaults.add('.', 1, 'contains no course; create a folder with a course.yaml')
  return { folders, faults: [...folderFaults.all, ...folders.flatMap(({ faults }) => faults)] }
}

async function readFolder(
  folder: string,
  slug: string,
  reading: ReadOptions,
): Promise<CourseFolder> {
  const faults = new Faults()
  if (!isSlug(slug)) {
    faults.add(slug, 1, 'is not a usable folder name; use lowercase letters, digits and hyphens')
    const nothing = { series: null, texts: [], media: [], draft: null, waiting: [], comes: null }
    return { slug, faults: faults.all, ...nothing }
  }
  const counted = selectTexts({ slug, all: await readTexts(folder, slug, faults) }, reading)
  const media = await readMedia(join(folder, slug), counted.texts, faults)
  return folderOf({ ...counted, media }, faults)
}

/** Reads live files, as returned by `filesOf`. */
export function readFiles(slug: string, files: Readonly<Record<string, string>>): CourseFolder {
  const entries = Object.entries(files)
  const texts = entries
    .filter(([name]) => isText(name))
    .map(([name, text]) => ({ file: `${slug}/${name.normalize('NFC')}`, text }))
  const media = entries
    .filter(([name]) => !isText(name))
    .map(([name, description]) => parseMediaDescription(name, description))
  const counted = selectTexts({ slug, all: textsInOrder(texts) }, { of: 'live' })
  return folderOf({ ...counted, media }, new Faults())
}

/** Determines which texts count, and what waits. */
function selectTexts({ slug, all }: FolderTexts, reading: ReadOptions) {
  const { today = null, of = 'all' } = reading
  const isCourse = kindOf(slug, all) === 'course'
  const waiting = all.flatMap((text) => {
    const entry =
      isCourse && lessonIn(text.file) && of !== 'live' ? unpublishedIn(text, today) : null
    return entry ? [entry] : []
  })
  const leftOut = new Set(of === 'published' ? waiting.map(({ file }) => file) : [])
  const texts = all.filter(({ file }) => !leftOut.has(file))
  const ready = texts.filter(({ file }) => !waiting.some((entry) => entry.file === file))
  // A course whose lessons all wait has nothing to send.
  const [first] = all.filter(({ file }) => lessonIn(file)).length === waiting.length ? waiting : []
  const draft = draftIn(slug, ready, today) ?? first ?? null
  const dates = [draft?.on ?? null, ...waiting.map(({ on }) => on)].filter((on) => on !== null)
  return {
    slug,
    all,
    texts,
    of: of === 'live' ? ('live' as const) : ('folder' as const),
    draft: draft?.reason ?? null,
    waiting,
    comes: dates.sort()[0] ?? null,
  }
}

type SelectedTexts = ReturnType<typeof selectTexts> & Pick<CourseFolder, 'media'>

function folderOf({ all, of, ...counted }: SelectedTexts, faults: Faults): CourseFolder {
  const { series, faults: found } = cached({ ...counted, all, of }, faults)
  const linked = series && mayLinkToArticles(all) ? mapHtml(series, withArticleLinks) : series
  return { ...counted, series: linked && withMediaUrls(linked, counted.media), faults: found }
}

/** Few series link to articles: the others need not be copied. */
const mayLinkToArticles = (texts: readonly TextFile[]) =>
  texts.some(({ text }) => text.includes('article:'))

type Parsed = Pick<CourseFolder, 'series' | 'faults'>

/**
 * Recent results by their files: the live series is read, and then its folder, which usually is the
 * same.
 */
const cache = new Map<string, Parsed>()
const MAX_CACHED = 16

function cached({ slug, all, texts, of }: SeriesFiles, faults: Faults): Parsed {
  const parse = (how: SeriesFiles['of'], into: Faults): Parsed => ({
    series: readSeries({ slug, all, texts, of: how }, into),
    faults: into.all,
  })
  // Unreadable files are not among the texts, so they are not part of the key.
  if (faults.all.length > 0) return parse(of, faults)
  const names = all.length === texts.length ? [] : all.map(({ file }) => file)
  const files = createHash('sha256')
    .update(JSON.stringify([slug, texts, names]))
    .digest('base64')
  const [live, folder, key] = [`live ${files}`, `folder ${files}`, `${of} ${files}`]
  const known = cache.get(key)
  if (known) return putInCache([key], known)
  if (names.length > 0) return putInCache([key], parse(of, faults))
  // A folder without faults is read the same way once live, and what is live had no faults.
  const inFolder = parse('folder', of === 'folder' ? faults : new Faults())
  if (inFolder.faults.length === 0) return putInCache([live, folder], inFolder)
  return putInCache([key], of === 'folder' ? inFolder : parse(of, faults))
}

function putInCache(keys: readonly string[], parsed: Parsed): Parsed {
  for (const key of keys) {
    cache.delete(key)
    cache.set(key, parsed)
  }
  for (const oldest of [...cache.keys()].slice(0, -MAX_CACHED)) cache.delete(oldest)
  return parsed
}

/** Returns the files of a folder by name; pictures and other files as their descriptions. */
export const filesOf = ({ slug, texts, media }: CourseFolder): Record<string, string> =>
  Object.fromEntries([
    ...texts.map(({ file, text }) => [file.slice(slug.length + 1), text]),
    ...media.map((file) => [file.name, describeMedia(file)]),
  ])

/** Returns a digest of a folder's content: equal for equal files. */
export const digestOf = (folder: CourseFolder): string =>
  createHash('sha256')
    .update(JSON.stringify(Object.entries(filesOf(folder)).sort(([a], [b]) => (a < b ? -1 : 1))))
    .digest('hex')
    .slice(0, 32)
