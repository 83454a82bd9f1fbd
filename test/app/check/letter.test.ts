/**
 * A letter that would never have anything to announce is reported, and one that has is previewed.
 */
import { expect, it } from 'vitest'
import { checkFolder } from '../../../src/app/checker.ts'
import { openPreviewer } from '../../../src/app/previewer.ts'
import { siteAt } from '../../../src/platform/site-folder.ts'
import { type Files, folder } from '../../content/folder.ts'
import { article } from '../../support/articles.ts'
import { letters } from '../../support/letters.ts'

const siteOf = (articles: Files) => {
  const courses = Object.entries(letters()).map(([name, text]) => [`courses/${name}`, text])
  return folder({ 'dawnpost.yaml': '', ...Object.fromEntries(courses), ...articles })
}

const said = async (articles: Files) => {
  await using site = await siteOf(articles)
  const { findings } = await checkFolder({ site: siteAt(site.path) })
  return findings.map(({ file, line, severity, rule }) => `${file}:${line} ${severity} ${rule}`)
}
const NONE = ['l/course.yaml:1 warning letter']
const NOT_TOLD = {
  'articles/de.md': article({ title: 'Eins', language: 'de' }),
  'articles/draft.md': article({ draft: 'true' }),
}

it('a letter is reported only if its site has no articles in its language', async () => {
  expect(await said({})).toEqual(NONE)
  expect(await said(NOT_TOLD)).toEqual(NONE)
  expect(await said({ 'articles/a.md': article({ language: 'en-GB' }) })).toEqual([])
})

it('the preview of a letter shows the newest articles, or a sample from its own settings', async () => {
  const told = async (articles: Files) => {
    await using site = await siteOf(articles)
    using previewer = openPreviewer(undefined, { site: siteAt(site.path) })
    const all = (await previewer.folder()).mails.get('l') ?? []
    return all.flatMap(({ id, written: { content } }) =>
      content.kind === 'letter' ? [id, ...content.articles.map(({ title }) => title)] : [],
    )
  }
  expect(await told(NOT_TOLD)).toEqual(['letter', 'New here'])
  expect(
    await told({
      ...NOT_TOLD,
      'articles/a.md': article({ title: 'Older', date: '2027-01-01' }),
      'articles/b.md': article({ title: 'Newer' }),
    }),
  ).toEqual(['letter', 'Newer', 'Older'])
})
