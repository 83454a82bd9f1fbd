/** A site can replace the program's sentences with its own. */
import { describe, expect, it } from 'vitest'
import { checkFolder } from '../../src/app/checker.ts'
import { openSiteLocales } from '../../src/app/site-locales.ts'
import { Problem } from '../../src/domain/problem.ts'
import { siteAt } from '../../src/platform/site-folder.ts'
import { COURSE, folder } from '../content/folder.ts'

const json = (sentences: object) => JSON.stringify(sentences, null, 2)

describe('a site’s locales folder', () => {
  it('replaces some sentences and adds languages, and leaves the rest', async () => {
    await using own = await folder({
      'en.json': json({ 'date.today': 'this very day' }),
      'FI.json': json({ 'date.today': 'tänään' }),
      'README.md': 'Not a catalog.',
    })
    const { of } = openSiteLocales(own.path)
    expect(of('en-GB').t('date.today')).toBe('this very day')
    expect(of('en-GB').t('date.tomorrow')).toBe('tomorrow')
    expect([of('fi').t('date.today'), of('fi').language]).toEqual(['tänään', 'fi'])
    expect(openSiteLocales(`${own.path}/nowhere`).of('fi').language).toBe('en')
  })

  it('is refused with a list of everything that would break a page', async () => {
    await using own = await folder({
      'en.json': json({ 'date.time': 'on {date}', 'date.gone': 'Gone' }),
      'fi.json': '{',
    })
    const problem = (() => {
      try {
        openSiteLocales(own.path)
      } catch (error) {
        return error
      }
    })()
    expect(problem).toBeInstanceOf(Problem)
    expect((problem as Problem).message.split('\n')).toEqual([
      'The site’s own sentences cannot be used:',
      'en.json:2 date.time: has {date}, but the English sentence has {day}, {time}',
      'en.json:2 date.time: lacks {day}, {time}',
      expect.stringMatching(/^fi\.json:1 is not JSON: /),
    ])
  })

  it('is checked along with the courses', async () => {
    await using own = await folder({
      'dawnpost.yaml': '',
      'locales/en-GB.json': json({ 'date.gone': 'Gone' }),
      ...Object.fromEntries(
        Object.entries(COURSE).map(([name, text]) => [`courses/${name}`, text]),
      ),
    })
    const { findings } = await checkFolder({ site: siteAt(own.path) })
    expect(findings.filter(({ file }) => file.includes('locales'))).toEqual([
      {
        file: '../locales/en-GB.json',
        line: 2,
        column: 3,
        severity: 'warning',
        rule: 'foreign-key',
        message: 'date.gone: is not a key of this version; remove it',
      },
    ])
  })
})
