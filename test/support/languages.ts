/**
 * A course and a daily in each language of the program, a reader of both, and their pages.
 */
import { shippedCatalogs } from '../../src/locales/catalogs.ts'
import type { Purpose } from '../../src/security/links.ts'
import { type Files, lesson, letter, settings } from '../content/folder.ts'
import { enrolled, type TestApp } from './app.ts'

export const LANGUAGES = Object.keys(shippedCatalogs())

export const courseIn = (language: string) => `c-${language.toLowerCase()}`
export const dailyIn = (language: string) => `d-${language.toLowerCase()}`
const addressIn = (language: string) => `${language.toLowerCase()}@example.com`

/** All of them are marked as translations of the English ones. */
export const EVERY_LANGUAGE: Files = Object.assign(
  {},
  ...LANGUAGES.map((language): Files => {
    const course = courseIn(language)
    const daily = dailyIn(language)
    const of = (slug: string) => (language === 'en' ? {} : { translations: `[${slug}]` })
    return {
      [`${course}/course.yaml`]: settings({ title: 'Ⅰ', language, ...of('c-en') }),
      [`${course}/welcome.md`]: letter,
      [`${course}/completion.md`]: letter,
      [`${course}/01-one.md`]: lesson({ subject: 'Ⅱ' }),
      [`${course}/02-two.md`]: lesson({ subject: 'Ⅲ' }),
      [`${daily}/course.yaml`]: settings({ kind: 'daily', title: 'Ⅳ', language, ...of('d-en') }),
      [`${daily}/welcome.md`]: letter,
      [`${daily}/01-all.md`]: '## Ⅴ\nⅥ\n\n## Ⅶ\nⅧ\n',
    }
  }),
)

export const SPEECH = { language: 'en', languages: LANGUAGES }

/** A page and its path. */
export type Path = readonly [name: string, path: string, status?: number]

/**
 * For a site whose readers get mail in all languages at once, each with its own layouts.
 */
export const ROOMY = { DATABASE_CONNECTIONS: '10' }

/** Enrolls a reader in both series of each language, and runs until the first lesson is sent. */
export async function readersOf(test: TestApp, languages = LANGUAGES): Promise<void> {
  for (const language of languages)
    await enrolled(test, {
      email: addressIn(language),
      series: [courseIn(language), dailyIn(language)],
    })
  test.clock.set('2027-03-20T06:30:00Z')
  await test.settle()
}

/** The pages that a reader of a language sees, with their personal links. */
export async function pagesIn(language: string, test: TestApp): Promise<Path[]> {
  const { app, db } = test
  const subscriber = await app.operator.subscriberByKey(addressIn(language))
  const rows = await db
    .selectFrom('enrollments')
    .select(['id', 'series'])
    .where('subscriber_id', '=', subscriber?.id ?? '')
    .execute()
  const idIn = (series: string) => rows.find((row) => row.series === series)?.id ?? ''
  const course = idIn(courseIn(language))
  const { id: mail } = await db
    .selectFrom('deliveries')
    .select('id')
    .where('enrollment_id', '=', course)
    .where('kind', '=', 'lesson')
    .orderBy('id')
    .limit(1)
    .executeTakeFirstOrThrow()
  const by = (purpose: Purpose, id: string, rest = '') =>
    `/${purpose}/${app.links.token(purpose, id, app.now())}${rest}`
  const slug = courseIn(language)
  return [
    ['course', `/courses/${slug}`],
    ['daily', `/courses/${dailyIn(language)}`],
    ['inspiration', `/daily/${dailyIn(language)}`],
    ['frame', `/courses/${slug}/embed`],
    ['frame-enrolled', `/courses/${slug}/embed/enrolled`],
    ['code', `/courses/${slug}/embed-code`],
    ['no-theme', `/courses/${slug}/theme.css`, 404],
    ['no-inspiration', `/daily/${dailyIn(language)}/2999-01-01`, 404],
    ['confirmed', by('confirm', subscriber?.id ?? '')],
    ['preferences', by('preferences', course)],
    ['pause', by('preferences', course, '/pause')],
    ['now', by('preferences', course, '/now')],
    ['completion', by('preferences', course, '/completion')],
    ['practice', by('practice', mail)],
    ['days', by('days', course)],
    ['days-daily', by('days', idIn(dailyIn(language)))],
    ['unsubscribe', by('unsubscribe', course)],
    ['data', by('data', subscriber?.id ?? '')],
    ['erase', by('erase', subscriber?.id ?? '')],
  ]
}

/** Pages that belong to no reader and no series, in the visitor's language. */
export const SITE_PAGES: readonly Path[] = [
  ['front', '/'],
  ['link', '/link'],
  ['link-sent', '/link/sent'],
  ['sign-in', '/sign-in'],
  ['sign-in-sent', '/sign-in/sent'],
  ['lost-sign-in', '/sign-in/cut', 404],
  ['signed-out', '/signed-out'],
  ['enrolled', '/enrolled'],
  ['erased', '/erased'],
  ['lost-link', '/preferences/1.a.b.c', 404],
  ['nowhere', '/nowhere', 404],
  ['outbox', '/outbox'],
]
