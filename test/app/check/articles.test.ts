/** Mistakes planted in articles and in links to them, each found at its place. */
import { beforeAll, expect, it } from 'vitest'
import { type CheckReport, checkFolder } from '../../../src/app/checker.ts'
import { siteAt } from '../../../src/platform/site-folder.ts'
import { type Files, folder, withLesson } from '../../content/folder.ts'
import { article } from '../../support/articles.ts'

const link = (target: string) => article({}, `[Words for it](${target})\n`)

/** The files in articles/, each with its text and the expected findings. */
const PLANTED: Readonly<Record<string, readonly [text: string, ...findings: string[]]>> = {
  'a.md': [
    article({ related: '[old-b]', invite: 'none' }),
    'related: old-b was renamed to b; use that name',
    'invite: there is no courses/none',
  ],
  'b.md': [
    article({ aliases: '[old-b, a, b]' }),
    'aliases: a is another article',
    'aliases: b is its current name',
  ],
  'c.md': [article({ aliases: '[old-b]' }), 'aliases: old-b already leads to b'],
  'd.md': [
    article({ related: '[d]', translations: '[a, none]' }),
    'related: d is this article itself',
    'translations: a is in the same language, en',
    'translations: there is no articles/none.md',
  ],
  'de.md': [article({ language: 'de', translations: '[a]' })],
  'Big.md': [article(), 'is not a usable name for an article'],
  'like.markdown': [article(), 'is not a usable name for an article'],
  'reserved.md': [
    article({ aliases: '[was, feed]' }),
    'is reserved for a page of all articles; remove it',
  ],
  'feed.md': [article(), 'has a name that is reserved for a page of all articles'],
  'no-summary.md': [article({ summary: null }), 'summary: is missing'],
  'long.md': [article({ summary: 'x'.repeat(201) }), 'summary: is too long; keep it to 200'],
  'unknown.md': [article({ tag: 'x' }), 'tag: is not a known key'],
  'no-date.md': [article({ date: '2027-02-30' }), 'date: is not a date of the calendar'],
  'bare.md': ['Only text.', 'does not start with front matter'],
  'empty.md': [article({}, ''), 'has no text'],
  'name.md': [
    article({}, 'Dear {{firstName}}, `{{this}}` and \\{{that}}.'),
    'contains {{firstName}}, but an article is the same',
  ],
  'top.md': [article({}, '# Top\n\nText.'), 'has a heading of level 1'],
  'jump.md': [article({}, 'Text.\n\n#### Far down\n'), 'jumps from level 1 to level 4'],
  'block.md': [article({}, '::: exercise\nText.\n:::\n'), 'write ::: practice'],
  'picture.md': [
    article({ picture: '{file: rain.png, alt: Rain}' }),
    'rain.png is not in the folder',
  ],
  'picture-words.md': [article({ picture: '{file: rain.png}' }), 'picture.alt: is missing'],
  'far.md': [article({}, '![Rain](https://example.com/rain.png)'), 'would not be shown'],
  'todo.md': [article({}, 'TODO: the end'), 'is not finished: the end'],
  'links.md': [
    article(
      {},
      '## One `two`\n\n[Words](article:old-b), [words](article:de#x), [words](lesson:c/two), [words](#one-two), [words](/courses/c)',
    ),
  ],
  'draft.md': [article({ draft: 'true' })],
  'to-draft.md': [link('article:draft'), 'the link leads to draft, which is a draft'],
  'to-none.md': [link('article:none'), 'the link leads nowhere: there is no articles/none.md'],
  'to-no-course.md': [link('lesson:x/two'), 'there is no courses/x'],
  'to-no-lesson.md': [link('lesson:c/three'), 'courses/c has no lesson three'],
  'to-no-heading.md': [link('#none'), 'the link leads to no heading here'],
  'relative.md': [link('about'), 'the link to about leads nowhere'],
}

let report: CheckReport

beforeAll(async () => {
  const articles = Object.entries(PLANTED).map(([name, [text]]) => [`articles/${name}`, text])
  const courses = Object.entries(
    withLesson(
      { subject: 'Two' },
      'See [this](article:old-b#x) and [that](article:none).\n\n## A practice\n\n1. Do it.\n',
    ),
  ).map(([name, text]) => [`courses/${name}`, text])
  const files: Files = { 'dawnpost.yaml': '', ...Object.fromEntries([...articles, ...courses]) }
  await using site = await folder(files)
  report = await checkFolder({ site: siteAt(site.path) })
})

it.each(Object.entries(PLANTED))('%s', (name, [, ...wanted]) => {
  const said = report.findings.filter(({ file }) => file === `../articles/${name}`)
  expect(said.map(({ message }) => message)).toEqual(
    wanted.map((one) => expect.stringContaining(one)),
  )
})

it('findings give the position of the mistake, and drafts are listed', () => {
  const placeOf = (name: string) =>
    report.findings
      .filter(({ file }) => file === `../articles/${name}`)
      .map(({ line, column, rule, severity }) => `${line}:${column} ${severity} ${rule}`)
  expect(placeOf('to-draft.md')).toEqual(['7:1 warning article-link'])
  expect(placeOf('name.md')).toEqual(['7:6 error slot'])
  expect(placeOf('top.md')).toEqual(['7:1 error format'])
  expect(placeOf('a.md')).toEqual(['6:1 error related', '7:1 error invite'])
  expect(report.drafts).toEqual([
    { slug: '../articles/draft.md', reason: 'draft: true is set in articles/draft.md:6' },
    { slug: '../articles/todo.md', reason: 'TODO: is left at articles/todo.md:7' },
  ])
})

it('a lesson may link to an article by an old name, but not to a missing article', () => {
  const of = report.findings.filter(({ file }) => file.startsWith('c/') && !file.endsWith('yaml'))
  expect(of.filter(({ rule }) => rule === 'article-link' || rule === 'link-address')).toEqual([
    expect.objectContaining({
      file: 'c/02-two.md',
      line: 8,
      message: expect.stringContaining('there is no articles/none.md'),
    }),
  ])
})
