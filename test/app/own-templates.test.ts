/** A site's own templates: how it gets them, and what the check reports about them. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Hono } from 'hono'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { expectTemplates } from '../../src/app/own-templates.ts'
import { checkAssets, checkTemplates } from '../../src/content/check/template-rules.ts'
import { sortedByPosition } from '../../src/domain/finding.ts'
import { detectLanguage } from '../../src/http/shared/language.ts'
import { DEFAULT_PAGE_DATA, loadPages, type Pages } from '../../src/http/shared/pages.ts'
import { openLocales } from '../../src/locales/locale.ts'
import { layoutOf } from '../../src/mail/render/compile.ts'
import { loadTemplates } from '../../src/mail/render/templates.ts'
import { ourTemplates } from '../../src/platform/ejected.ts'
import { BUILT_IN_SITE, layersOf, siteAt } from '../../src/platform/site-folder.ts'
import { CONTENTS, letterhead } from '../mail/make.ts'
import { command } from '../support/program.ts'

let root: string
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'dawnpost-templates-'))
  await writeFile(join(root, 'dawnpost.yaml'), '')
})
beforeEach(() => rm(join(root, 'templates'), { recursive: true, force: true }))
afterAll(() => rm(root, { recursive: true }))

async function write(place: string, text: string) {
  const file = join(root, place)
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, text)
}
const textOf = (place: string) => readFile(join(root, place), 'utf8')
const eject = (name: string) => command(['eject', name, '--site', root])
/** The findings in the site's files, as `place:line:column rule message`. */
const found = async () =>
  sortedByPosition([
    ...(await checkTemplates(siteAt(root))),
    ...(await checkAssets(siteAt(root))),
  ]).map(({ file, line, column, rule, message }) => `${file}:${line}:${column} ${rule} ${message}`)

/** A page in English, as served. */
const rendered = async (pages: Pages, name: string, data: object) => {
  const server = new Hono().use(detectLanguage({ locales: openLocales(), languages: ['en'] }))
  return (await server.get('/', (c) => c.html(pages(c, name, data))).request('/')).text()
}

describe('dawnpost eject', () => {
  it('copies templates that render exactly like the built-in ones', async () => {
    for (const place of (await ourTemplates()).keys())
      expect(await eject(place), place).toMatchObject({ code: 0 })
    const made = await Promise.all(
      [BUILT_IN_SITE, siteAt(root)].map(async (site) => {
        const templates = await loadTemplates(layersOf(site).mail)
        const common = { ...DEFAULT_PAGE_DATA, site: 'Mornings', sandbox: false }
        const pages = await loadPages(layersOf(site).pages, () => common)
        const mails = CONTENTS.map((content) => layoutOf(content, templates, letterhead))
        return [
          await rendered(pages, 'problem', { title: 'Not found', message: 'There is nothing.' }),
          ...mails.flatMap(({ mjml, text }) => [mjml, text]),
        ]
      }),
    )
    const [own, ejected] = made
    expect(ejected).toEqual(own)
    expect(await found()).toEqual([])
  })

  it.each([
    ['lesson.mjml', 'mail/lesson.mjml'],
    ['templates/pages/front.hbs', 'pages/front.hbs'],
    ['partials/foot.txt', 'mail/partials/foot.txt'],
  ])('accepts the name %s', async (name, place) => {
    expect((await eject(name)).stdout).toContain(`templates/${place} is yours`)
    expect(await textOf(`templates/${place}`)).toMatch(
      /^\{\{!-- From Dawnpost [\d.]+, [0-9a-f]{16}\./,
    )
  })

  it('does not overwrite files, and refuses unknown names', async () => {
    await write('templates/mail/lesson.txt', 'mine')
    expect((await eject('lesson.txt')).stderr).toContain('already exists')
    expect(await textOf('templates/mail/lesson.txt')).toBe('mine')
    expect(await eject('../../package.json')).toMatchObject({ code: 2 })
    expect((await eject('lesson')).stderr).toContain('dawnpost eject --list')
  })
})

describe('the check of templates', () => {
  it('reports files that are unused, invalid, or refer to something that does not exist', async () => {
    await write('templates/lesson.mjml', '')
    await write('templates/mail/leson.mjml', '')
    await write('templates/mail/lesson.html', '')
    await write('templates/mail/partials/mine.mjml', '{{siteName}}')
    await write('templates/mail/partials/yours.mjml', '{{siteName}}')
    await write('templates/mail/partials/masthead.mjml', '{{> mine}}')
    await write('templates/pages/.front.hbs.swp', 'x')
    await write('templates/pages/front.hbs', '{{#> layout}}\n{{#if a}}\n{{/layout}}')
    await write('templates/pages/now.hbs', 'x\n{{#if}\n')
    await write('templates/pages/erased.hbs', '{{> layuot}}\n  {{shout "x"}} {{t "page.no"}}')
    expect(await found()).toEqual([
      '../templates/lesson.mjml:1:1 template is not used: templates has two folders, mail and pages',
      expect.stringMatching(/^\.\.\/templates\/mail\/leson\.mjml:1:1 template is not used/),
      '../templates/mail/lesson.html:1:1 template is not used: templates/mail contains files ending in .mjml or .txt, and a folder partials',
      expect.stringMatching(/mail\/partials\/yours\.mjml:1:1 template is not used/),
      '../templates/pages/erased.hbs:1:1 template there is no pages/partials/layuot.hbs',
      '../templates/pages/erased.hbs:2:3 template there is no helper "shout"',
      '../templates/pages/erased.hbs:2:21 template there is no sentence "page.no"',
      "../templates/pages/front.hbs:2:4 template is not valid Handlebars: if doesn't match layout",
      '../templates/pages/now.hbs:2:1 template is not valid Handlebars: it cannot be parsed at "x{{#if}"',
    ])
    await expect(expectTemplates(siteAt(root))).rejects.toThrow(
      "templates/pages/front.hbs:2:4 is not valid Handlebars: if doesn't match layout",
    )
  })

  it('reports copies whose original has changed since, until their first line is updated', async () => {
    await eject('front.hbs')
    const text = await textOf('templates/pages/front.hbs')
    await write(
      'templates/pages/front.hbs',
      text.replace(/, [0-9a-f]{16}\./, ', 0123456789abcdef.'),
    )
    const [told = '', ...others] = await found()
    expect(others).toEqual([])
    expect(told).toMatch(
      /front\.hbs:1:1 template-changed was copied from the template of Dawnpost [\d.]+, which has changed/,
    )
    expect(await expectTemplates(siteAt(root))).toHaveLength(1)
    const [first = ''] = /\{\{!--.*--\}\}/.exec(told) ?? []
    await write('templates/pages/front.hbs', text.replace(/^.*/, first))
    expect(await found()).toEqual([])
  })
})

it('the check reports assets that are not served', async () => {
  for (const name of ['logo.png', '.DS_Store', 'page.html', 'a b.png', 'fonts/a.woff2'])
    await write(`assets/${name}`, '')
  expect((await found()).map((told) => told.split(' is not served')[0])).toEqual([
    '../assets/a b.png:1:1 asset',
    '../assets/fonts:1:1 asset',
    '../assets/page.html:1:1 asset',
  ])
})
