/** Creates an article: a draft to be overwritten. */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { isSlug } from '../domain/course.ts'
import { messageOf, Problem } from '../domain/problem.ts'
import { dateIn } from '../domain/time.ts'
import { systemClock } from '../platform/clock.ts'
import { SAMPLES } from '../platform/paths.ts'
import { BUILT_IN_SITE, type SiteFolder } from '../platform/site-folder.ts'
import type { Print } from './command.ts'
import { schemaFor, titleOf } from './samples.ts'

export interface NewArticleOptions {
  /** By default the samples that come with Dawnpost. */
  readonly site?: SiteFolder
  readonly title?: string
}

/**
 * Creates an article with today's date in UTC. Throws a Problem, with nothing written, if the name
 * cannot be used or is taken.
 */
export async function newArticle(
  slug: string,
  { site = BUILT_IN_SITE, title = titleOf(slug) }: NewArticleOptions,
  print: Print,
): Promise<void> {
  if (!isSlug(slug))
    throw new Problem('invalid', 'operator.new-article.name', { params: { name: slug } })
  const path = join(site.articles, `${slug}.md`)
  const file = relative(process.cwd(), path)
  const sample = await readFile(join(SAMPLES, 'article', 'article.md'), 'utf8')
  // Replaced by functions, since a title may contain replacement patterns such as `$&`.
  const text = sample
    .replace('SCHEMA', () => schemaFor(site, 'article'))
    .replace('TITLE', () => JSON.stringify(title))
    .replace('DATE', () => String(dateIn('UTC', systemClock())))
  try {
    await mkdir(site.articles, { recursive: true })
    await writeFile(path, text, { flag: 'wx' })
  } catch (cause) {
    const key =
      (cause as NodeJS.ErrnoException).code === 'EEXIST'
        ? 'operator.new-article.taken'
        : 'operator.new-article.not-written'
    throw new Problem('invalid', key, { params: { file, cause: messageOf(cause) }, cause })
  }
  print(
    [
      `${file} is a sample article. Replace its text with your own.`,
      '',
      'dawnpost preview shows it as readers will see it while you write.',
      'dawnpost check shows what to fix before it is published.',
      'It is a draft. Remove the line "draft: true" when readers may see it.',
    ].join('\n'),
  )
}
