/**
 * Connects the check of a courses folder to what it uses: files and templates, without a database,
 * settings of the environment or the network.
 */
import { type CheckReport, check } from '../actions/courses/check.ts'
import {
  checkArticleLinks,
  checkArticles,
  type WrittenArticle,
} from '../content/check/article-rules.ts'
import { checkLetters } from '../content/check/letter-rules.ts'
import { checkLogos } from '../content/check/logo-rules.ts'
import { checkRelations } from '../content/check/relation-rules.ts'
import { checkSource } from '../content/check/rules.ts'
import { checkSettings } from '../content/check/site-rules.ts'
import { checkAssets, checkTemplates } from '../content/check/template-rules.ts'
import { readCourses } from '../content/courses.ts'
import { NO_SITE, readSite, unknownFrontSlugs, withSiteDefaults } from '../content/site.ts'
import { settingsOf, sourceOf } from '../content/source.ts'
import { dateIn } from '../domain/time.ts'
import { openLocales } from '../locales/locale.ts'
import { checkCommentMails } from '../mail/check/comment-mails.ts'
import { openFindingsCache } from '../mail/check/findings-cache.ts'
import { type CheckOptions, checkMails } from '../mail/check/rules.ts'
import { loadTemplates } from '../mail/render/templates.ts'
import { systemClock } from '../platform/clock.ts'
import { BUILT_IN_SITE, layersOf, type SiteFolder } from '../platform/site-folder.ts'
import { catalogFindings } from './site-locales.ts'
import { readWrittenArticles } from './written-articles.ts'

export type { CheckReport }

export interface Folders {
  /** The site to check besides the courses. By default none is. */
  readonly site?: SiteFolder | undefined
  /** By default the site's. */
  readonly courses?: string | undefined
  /** Folders of mail layouts; a later one overrides by name. By default the site's. */
  readonly templates?: string | readonly string[] | undefined
  /** The file that caches findings for unchanged mails. By default nothing is cached. */
  readonly memory?: string | undefined
  readonly onProgress?: CheckOptions['onProgress']
}

export async function checkFolder({
  site,
  courses,
  templates: folders = layersOf(site ?? BUILT_IN_SITE).mail,
  memory: file,
  onProgress,
}: Folders = {}): Promise<CheckReport> {
  const { locales, assets } = layersOf(site ?? BUILT_IN_SITE)
  const templatesDirs = [folders].flat()
  const templates = await loadTemplates(templatesDirs)
  const memory = file === undefined ? undefined : await openFindingsCache({ file, templatesDirs })
  const read = site ? await readSite(site.settings) : NO_SITE
  const files = site ? [...(await checkTemplates(site)), ...(await checkAssets(site))] : []
  const { language } = read.settings
  // Articles belong to the site and link to its own courses.
  const written =
    site && courses === undefined
      ? await readWrittenArticles(site.articles, { language, locales: openLocales() })
      : null
  const report = await check(courses ?? (site ?? BUILT_IN_SITE).courses, {
    readCourses: async (folder) => {
      const today = dateIn('UTC', systemClock())
      const { folders, faults } = await readCourses(folder, { today })
      const strays = courses === undefined ? unknownFrontSlugs(read, folders) : []
      const settings = folders
        .flatMap(({ texts }) => texts)
        .filter(({ file }) => file.endsWith('/course.yaml'))
      const logos = await checkLogos([read.source, ...settings].map(settingsOf), assets)
      const ofArticles = written
        ? [...written.faults, ...checkArticles({ courses: folders, ...written })]
        : []
      return {
        folders: folders.map((course) => withSiteDefaults(course, read.settings)),
        faults: [
          ...read.faults,
          ...checkSettings(read.source),
          ...logos,
          ...strays,
          ...files,
          ...ofArticles,
          ...faults,
        ],
      }
    },
    sourceOf,
    checkSource,
    checkRelations: (sources) => [
      ...checkRelations(sources),
      ...(written ? checkArticleLinks(sources, written.articles) : []),
      ...(written ? checkLetters(sources, written.articles) : []),
    ],
    checkCatalogs: () => (locales === undefined ? [] : catalogFindings(locales)),
    checkMails: async (mails) => [
      ...(await checkMails(mails, templates, { memory, onProgress })),
      ...(await checkCommentMails(templates, language)),
    ],
  })
  return { ...report, drafts: [...report.drafts, ...draftsAmong(written?.articles ?? [])] }
}

const draftsAmong = (articles: readonly WrittenArticle[]) =>
  articles.flatMap(({ file: { file: slug, draft: reason } }) =>
    reason === null ? [] : [{ slug, reason }],
  )
