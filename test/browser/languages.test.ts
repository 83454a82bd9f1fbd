/**
 * The language with the longest words and the right-to-left one on a phone; with `EVERY_LANGUAGE=1`
 * all languages.
 */
import { expect, it } from 'vitest'
import { folder } from '../content/folder.ts'
import {
  browseSite,
  errorsOf,
  outsideOf,
  overflowOf,
  shot,
  violationsOf,
} from '../support/browser.ts'
import {
  courseIn,
  EVERY_LANGUAGE,
  LANGUAGES,
  pagesIn,
  ROOMY,
  readersOf,
  SITE_PAGES,
  SPEECH,
} from '../support/languages.ts'

const LOOKED_AT = LANGUAGES.filter((tag) => process.env.EVERY_LANGUAGE || /^(pl|ar)$/.test(tag))
const courses = await folder(EVERY_LANGUAGE)
const { browser, site } = await browseSite({ coursesDir: courses.path, speech: SPEECH, env: ROOMY })
await readersOf(site, LOOKED_AT)

it.each(LOOKED_AT)(
  '%s: every page fits a phone, keeps its content inside its forms, and is accessible',
  async (language) => {
    await using context = await browser.newContext({
      viewport: { width: 360, height: 740 },
      locale: language.replace(/-x-.*/, ''),
      timezoneId: 'Europe/Berlin',
    })
    const page = await context.newPage()
    errorsOf(page)
    for (const [name, path] of [...(await pagesIn(language, site)), ...SITE_PAGES]) {
      if (['no-theme', 'frame-enrolled'].includes(name)) continue
      await page.goto(site.url + path, { waitUntil: 'load' })
      for (const part of await page.locator('summary').all()) await part.click()
      await shot(page, `${name}-${language}`)
      expect([name, await overflowOf(page)]).toEqual([name, 0])
      expect([name, ...(await outsideOf(page, 'form, .calendar li'))]).toEqual([name])
      expect([name, ...(await violationsOf(page))]).toEqual([name])
    }
    await page.goto(`${site.url}/courses/${courseIn(language)}`)
    expect(await page.locator('html').getAttribute('dir')).toBe(language === 'ar' ? 'rtl' : 'ltr')
  },
)
