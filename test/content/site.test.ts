/** What dawnpost.yaml may say, and what series take from it. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readCourses, readFiles } from '../../src/content/courses.ts'
import { readSite, unknownFrontSlugs, withSiteDefaults } from '../../src/content/site.ts'
import { DEFAULT_SITE_SETTINGS, localizedFor } from '../../src/domain/site.ts'
import { BUILT_IN_SITE } from '../../src/platform/site-folder.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dawnpost-yaml-'))
})
afterAll(() => rm(folder, { recursive: true }))

async function siteOf(text: string | Buffer) {
  const file = join(folder, 'dawnpost.yaml')
  await writeFile(file, text)
  return readSite(file)
}
const faultsOf = async (text: string | Buffer) =>
  (await siteOf(text)).faults.map(
    ({ file, line, column, message }) => `${file}:${line}:${column} ${message}`,
  )

describe('dawnpost.yaml', () => {
  it('that is missing, empty or all comments sets nothing', async () => {
    expect((await readSite(join(folder, 'none.yaml'))).settings).toEqual(DEFAULT_SITE_SETTINGS)
    for (const text of ['', '# name: x\n', '---\n'])
      expect(await siteOf(text)).toMatchObject({ settings: DEFAULT_SITE_SETTINGS, faults: [] })
  })

  it('that is built in words the footer of the pages', async () => {
    const { settings, faults, keys } = await readSite(BUILT_IN_SITE.settings)
    expect([faults, keys]).toEqual([[], ['languages', 'front', 'organizations', 'footer']])
    expect(localizedFor(settings.footer, 'en', settings)?.words).toEqual([
      'The courses here are no substitute for professional help. If you are in danger or in crisis, please call your local emergency number or a crisis line now.',
    ])
  })

  it('words its footer per language, and in the site’s own for all others', async () => {
    const { settings } = await siteOf(
      'language: de\nfooter:\n  de: ["Ein \\"Wort\\"."]\n  pt-br: [Uma linha.]\ntagline: Ein Satz.\n',
    )
    const footer = (language: string) => localizedFor(settings.footer, language, settings)
    expect(['de-AT', 'pt-BR', 'ja'].map(footer)).toEqual([
      { words: ['Ein „Wort“.'], language: 'de' },
      { words: ['Uma linha.'], language: 'pt-BR' },
      { words: ['Ein „Wort“.'], language: 'de' },
    ])
    const tagline = localizedFor(settings.tagline ?? '', 'ja', settings)
    expect(tagline).toEqual({ words: 'Ein Satz.', language: 'de' })
  })

  it('names the languages on offer, its own first', async () => {
    const { settings } = await siteOf('language: de-at\nlanguages: [en, de-AT, pt-br]\n')
    expect(settings).toMatchObject({ language: 'de-AT', languages: ['de-AT', 'en', 'pt-BR'] })
  })

  it.each([
    ['- a\n- b\n', '1:1 contains no keys'],
    ['name: "a\\nb"\n', '1:1 name: must be a single line'],
    ['name: a\nname: b\n', '2:1 is not YAML'],
    ['language: english please\n', '1:1 language: must be a language tag'],
    ['links:\n  privacy: javascript:alert(1)\n', '2:3 links.privacy: must be an https:// address'],
    ['links:\n  imprint: //evil.example\n', '2:3 links.imprint: must be an https:// address'],
    ['links:\n', '1:1 links: is empty; use some of imprint and privacy'],
    ['sender: Ada\n', '1:1 sender: must be a sender like'],
    ['replyTo: Ada\n', '1:1 replyTo: must be an email address'],
    ['url: courses.example\n', '1:1 url: must be an address like'],
    ['theme:\n  light: { page: red }\n', '2:12 theme.light.page: must be a color'],
    ['rhythm:\n  weekdays: [Moonday]\n', '2:14 rhythm.weekdays.0: must be one of Monday'],
    ['front: inner-wisdom\n', '1:1 front: must be a list of names'],
    ['footer: a line\n', '1:1 footer: must be a list of lines'],
    ['footer: {}\n', '1:1 footer: must be a list of lines'],
    ['footer: { german please: [a] }\n', '1:1 footer'],
    ['tagline: { en: [a] }\n', '1:1 tagline'],
    [Buffer.from('name: Caf\xe9\n', 'latin1'), '1:10 '],
  ])('with %j is refused at its place', async (text, told) => {
    expect(await faultsOf(text)).toEqual([expect.stringContaining(`../dawnpost.yaml:${told}`)])
  })

  it('that names an unknown series under front is reported at its line', async () => {
    const { folders } = await readCourses(BUILT_IN_SITE.courses)
    const read = await siteOf('front:\n  - inner-wisdom\n  - inner-widsom\n')
    expect(unknownFrontSlugs(read, folders)).toMatchObject([
      { line: 3, message: 'front: there is no courses/inner-widsom' },
    ])
  })
})

it('a series takes what it lacks from its site, always as the same object', async () => {
  const theme = { light: { accent: '#005f5f' } }
  const settings = { ...DEFAULT_SITE_SETTINGS, theme, rhythm: { weekdays: [1 as const] } }
  const welcome = '---\nsubject: a\npreheader: b\n---\nHello.\n'
  const daily = (more: string) =>
    readFiles('daily', {
      'course.yaml': `kind: daily\ntitle: a\nsummary: b\ndescription: c\nauthor: d\nlanguage: en\n${more}`,
      'welcome.md': welcome,
      '01.md': '## One\n\nA text.\n',
    })
  const plain = daily('')
  expect(withSiteDefaults(plain, settings).series).toMatchObject({ theme, weekdays: [1] })
  expect(withSiteDefaults(plain, settings)).toBe(withSiteDefaults(plain, settings))
  expect(withSiteDefaults(plain, DEFAULT_SITE_SETTINGS)).toBe(plain)
  const own = daily('weekdays: [Sunday]\ntheme:\n  footer: Mine\n')
  expect(withSiteDefaults(own, settings).series).toMatchObject({
    theme: { footer: 'Mine' },
    weekdays: [7],
  })
  expect(withSiteDefaults(own, settings).series?.theme).not.toHaveProperty('light')
})
