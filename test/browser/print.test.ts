/** Lessons on paper, as the browser breaks them into pages. */
import { inflateSync } from 'node:zlib'
import { beforeAll, expect, it } from 'vitest'
import { enrolled } from '../support/app.ts'
import { browseSite } from '../support/browser.ts'

const { browser, site } = await browseSite()
const lessons: string[] = []

beforeAll(async () => {
  const { first } = await enrolled(site, { series: ['inner-wisdom', 'daily-inspiration'] })
  await site.settle()
  for (const day of ['20', '21', '22']) {
    site.clock.set(`2027-03-${day}T06:00:00Z`)
    await site.settle()
  }
  const came = await site.db
    .selectFrom('deliveries')
    .select('id')
    .where('kind', '=', 'lesson')
    .where('enrollment_id', '=', first.id)
    .orderBy('id')
    .execute()
  lessons.push(...came.map(({ id }) => site.app.links.url('lessons', id, site.app.now())))
})

/** The number of text runs on each page that Chromium prints. */
function runsOf(pdf: Buffer): number[] {
  const text = pdf.toString('latin1')
  return [...text.matchAll(/\/Type \/Page\n.*?\/Contents (\d+) 0 R/gs)].map(([, id]) => {
    const from = text.indexOf('stream\n', text.indexOf(`\n${id} 0 obj`)) + 'stream\n'.length
    const drawn = inflateSync(pdf.subarray(from, text.indexOf('\nendstream', from)))
    return drawn.toString('latin1').match(/T[jJ]\b/g)?.length ?? 0
  })
}

it.each(['A4', 'Letter'])('on %s each lesson has 1 or 2 pages, none blank', async (format) => {
  await using context = await browser.newContext({ colorScheme: 'dark' })
  const page = await context.newPage()
  expect(lessons).toHaveLength(3)
  for (const url of lessons) {
    await page.goto(url)
    const runs = runsOf(await page.pdf({ format }))
    expect(runs.length).toBeGreaterThan(0)
    expect(runs.length).toBeLessThanOrEqual(2)
    expect(Math.min(...runs), `runs of text: ${runs}`).toBeGreaterThan(0)
  }
})

it('links, buttons and the footer are not printed, so that the footer takes no page alone', async () => {
  await using context = await browser.newContext()
  const page = await context.newPage()
  await page.goto(lessons[1] ?? '')
  const parts = ['nav', 'a', '.button-quiet', '[role="article"] > .paper:last-child']
  const seen = () =>
    Promise.all(parts.map((part) => page.locator(part).filter({ visible: true }).count()))
  expect(Math.min(...(await seen()))).toBeGreaterThan(0)
  await page.emulateMedia({ media: 'print' })
  expect(await seen()).toEqual([0, 0, 0, 0])
  expect(await page.locator('h1').isVisible()).toBe(true)
})
