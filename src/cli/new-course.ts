/**
 * Creates a series: a small, complete one to be overwritten, or a course imported from existing
 * mails.
 */
import { randomUUID } from 'node:crypto'
import { copyFile, mkdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { Argument } from 'commander'
import type { CopiedFile } from '../content/import/local-files.ts'
import { isSlug } from '../domain/course.ts'
import { messageOf, Problem } from '../domain/problem.ts'
import { BUILT_IN_SITE, type SiteFolder } from '../platform/site-folder.ts'
import { summaryOf } from './check.ts'
import { example, type Print, type Register } from './command.ts'
import { newArticle } from './new-article.ts'
import { sampleTexts, schemaFor, type Texts, titleOf } from './samples.ts'

export const newSeries: Register = (program, { site, print }) =>
  program
    .command('new')
    .description(
      'create a course, a daily, a letter or an article from a small, complete sample, or import existing mails',
    )
    .addArgument(
      new Argument('<what>', 'what to create').choices(['course', 'daily', 'letter', 'article']),
    )
    .argument(
      '<slug>',
      'its folder or file name, also used in web addresses; cannot be changed later',
    )
    .option('--title <title>', 'title that readers see (default: made from the slug)')
    .option('--courses <dir>', 'courses folder (default: that of the site)')
    .option(
      '--from <folder|csv>',
      'folder of HTML or Markdown mails, or a CSV file with subject and body',
    )
    .addHelpText('after', example('dawnpost new course morning-pages --from ./old-mails'))
    .action((what, slug, options) => {
      const begin = {
        article: newPlainArticle,
        daily: newDaily,
        letter: newLetter,
        course: newCourse,
      }[what as What]
      return begin(slug, { site: site(), ...options }, print)
    })

type What = 'course' | 'daily' | 'letter' | 'article'

/** Creates an article, which takes neither `--from` nor `--courses`. */
async function newPlainArticle(slug: string, options: NewCourseOptions, print: Print) {
  if (options.from !== undefined || options.courses !== undefined)
    throw new Problem('invalid', 'cli.options.article-alone')
  await newArticle(slug, options, print)
}

export interface NewCourseOptions {
  /** By default the samples that come with Dawnpost. */
  readonly site?: SiteFolder
  readonly courses?: string
  readonly title?: string
  /** A folder of mails, or a CSV file. */
  readonly from?: string
}

const DRAFT_HINT =
  'It is a draft. Remove the line "draft: true" from course.yaml when readers may enroll.'

/**
 * Creates a course. Throws a Problem, with nothing written, if the name cannot be used or is taken.
 */
export async function newCourse(
  slug: string,
  options: NewCourseOptions,
  print: Print,
): Promise<void> {
  if (options.from !== undefined) return await importNewCourse(slug, options.from, options, print)
  await createFromSample(
    'course',
    slug,
    options,
    print,
    'is a course of three days that passes the check',
  )
}

/** Creates a daily, as newCourse creates a course. */
async function newDaily(slug: string, options: NewCourseOptions, print: Print): Promise<void> {
  if (options.from !== undefined) throw new Problem('invalid', 'cli.options.from-daily')
  await createFromSample(
    'daily',
    slug,
    options,
    print,
    'is a daily of three inspirations that passes the check',
  )
}

/** Creates a letter of new articles, as newCourse creates a course. */
async function newLetter(slug: string, options: NewCourseOptions, print: Print): Promise<void> {
  if (options.from !== undefined) throw new Problem('invalid', 'cli.options.from-letter')
  await createFromSample('letter', slug, options, print, 'is a letter of new articles')
}

async function createFromSample(
  kind: 'course' | 'daily' | 'letter',
  slug: string,
  options: NewCourseOptions,
  print: Print,
  what: string,
) {
  const folder = await freeFolder(slug, options)
  const title = options.title ?? titleOf(slug)
  const texts = await sampleTexts(kind, { title, schema: schemaFor(options.site) })
  await writeAtomically({ ...folder, slug, texts })
  print(
    [
      `${relativeTo(folder.path)} ${what}. Replace its texts with your own:`,
      ...texts.map(([name]) => `  ${name}`),
      '',
      'dawnpost preview shows it as readers will see it while you write.',
      'dawnpost check shows what to fix before it is sent.',
      DRAFT_HINT,
    ].join('\n'),
  )
}

async function importNewCourse(
  slug: string,
  from: string,
  options: NewCourseOptions,
  print: Print,
) {
  const { importCourse } = await import('../app/importer.ts')
  const { checkFolder } = await import('../app/checker.ts')
  const folder = await freeFolder(slug, options)
  const { texts, files, notes } = await importCourse(from, {
    title: options.title ?? titleOf(slug),
    schema: schemaFor(options.site),
  })
  const report = await writeAtomically({ ...folder, slug, texts, files }, (courses) =>
    checkFolder({ courses }),
  )
  print(
    [
      `${relativeTo(folder.path)} is a course of ${texts.filter(([name]) => /^\d/.test(name)).length} days, imported from ${from}:`,
      ...[...texts.map(([name]) => name), ...files.map(({ name }) => name)].map(
        (name) => `  ${name}`,
      ),
      ...(notes.length > 0 ? ['', 'Please note:', ...notes.map((note) => `  ${note}`)] : []),
      '',
      ...(report.findings.length > 0
        ? [
            'Still to do, according to dawnpost check:',
            ...summaryOf(report).map((line) => `  ${line}`),
          ]
        : ['dawnpost check finds nothing to fix.']),
      '',
      'dawnpost check lists every place; dawnpost preview shows the mails while you write.',
      DRAFT_HINT,
    ].join('\n'),
  )
}

interface TargetFolder {
  readonly courses: string
  readonly path: string
}

/**
 * Returns where a new series can be written. Throws a Problem if the name cannot be used or is
 * taken.
 */
async function freeFolder(
  slug: string,
  { site = BUILT_IN_SITE, courses = site.courses }: NewCourseOptions,
): Promise<TargetFolder> {
  if (!isSlug(slug))
    throw new Problem('invalid', 'operator.new-course.name', { params: { name: slug } })
  const path = join(courses, slug)
  if (await stat(path).catch(() => null)) throw taken(path)
  return { courses, path }
}

const taken = (path: string, cause?: unknown) =>
  new Problem('invalid', 'operator.new-course.taken', {
    params: { folder: relativeTo(path) },
    cause,
  })

interface NewFolder extends TargetFolder {
  readonly slug: string
  readonly texts: Texts
  /** Files that the texts show or link to. */
  readonly files?: readonly CopiedFile[]
}

/**
 * Writes all files or none: first into a hidden folder next to the courses, which loading ignores,
 * and then in one step to their place. Before that, `look` sees them in a courses folder of their
 * own.
 */
async function writeAtomically<T>(
  { courses, path, slug, texts, files = [] }: NewFolder,
  look?: (courses: string) => Promise<T>,
): Promise<T> {
  const staging = join(courses, `.new-${randomUUID()}`)
  try {
    await mkdir(join(staging, slug), { recursive: true })
    for (const [name, text] of texts) await writeFile(join(staging, slug, name), text)
    for (const { name, from } of files)
      await (typeof from === 'string'
        ? copyFile(from, join(staging, slug, name))
        : writeFile(join(staging, slug, name), from))
    const seen = await look?.(staging)
    await rename(join(staging, slug), path)
    return seen as T
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (code === 'EEXIST' || code === 'ENOTEMPTY') throw taken(path, cause)
    if (code === undefined) throw cause
    throw new Problem('unavailable', 'operator.new-course.not-written', {
      params: { folder: relativeTo(path), cause: messageOf(cause) },
      cause,
    })
  } finally {
    await rm(staging, { recursive: true, force: true }).catch(() => {})
  }
}

const relativeTo = (folder: string) => relative(process.cwd(), folder) || '.'
