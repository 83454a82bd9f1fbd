/** The mail of a lesson on paper, which people work with. */
import { afterAll, expect, it } from 'vitest'
import type { Lesson } from '../../src/domain/course.ts'
import { compiled, composed, course, daily } from '../mail/make.ts'
import { openBrowser } from '../support/chromium.ts'

/** What a mail client prints above a mail. */
const ABOVE = `<table>${'<tr><td>Subject: From: Date: To:</td></tr>'.repeat(4)}</table><hr>`
const longest = <T extends { readonly html: string }>(texts: readonly T[], count: number) =>
  texts.toSorted((one, other) => other.html.length - one.html.length).slice(0, count)
const lengthOf = (lesson: Lesson) => lesson.html + (lesson.practice?.html ?? '')
const lessons = longest(
  course.lessons.map((lesson) => ({ lesson, html: lengthOf(lesson) })),
  5,
)

const browser = await openBrowser()
afterAll(() => browser.close())
const page = await browser.newPage()

async function show(lesson: Lesson) {
  const [inspiration] = longest(daily.inspirations, 1)
  const companion = inspiration ? { series: daily, inspiration } : null
  const { html } = await composed(
    await compiled({ kind: 'lesson', series: course, lesson, companion }),
  )
  await page.setContent(html.replace(/<body[^>]*>/, (body) => body + ABOVE))
}

it.each(lessons)('$lesson.subject fits on two pages with an inspiration', async ({ lesson }) => {
  await show(lesson)
  const margin = { top: '1cm', right: '1cm', bottom: '1cm', left: '1cm' }
  const pdf = await page.pdf({ format: 'Letter', margin })
  expect(pdf.toString('latin1').match(/\/Type\s*\/Page\b/g)?.length).toBeLessThanOrEqual(2)
})

it('no page breaks inside a box, right below a heading, or before the footer', async () => {
  await show(course.lessons[0] as Lesson)
  await page.emulateMedia({ media: 'print' })
  const styles = await page.evaluate<string[]>(`(() => {
    const last = (selector) => getComputedStyle([...document.querySelectorAll(selector)].at(-1))
    return [last('.tint').breakInside, last('.card .paper').breakInside, last('.whole').breakInside,
      last('.label div').breakAfter, last('.paper').breakBefore, last('.screen').display]
  })()`)
  expect(styles).toEqual(['avoid', 'avoid', 'avoid', 'avoid', 'avoid', 'none'])
})
