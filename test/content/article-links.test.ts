/** Links from lessons to articles: paths on pages, whole addresses in mails. */
import { expect, it } from 'vitest'
import { withSiteUrls } from '../../src/domain/media.ts'
import { load, withLesson, withSettings } from './folder.ts'

const BODY =
  'See [this](article:the-rain), `<a href="article:code">`.\n\n## A practice\n\n1. Read [that](article:a-coat#two).\n'

it('links lead to the article’s page from a lesson’s text and practice', async () => {
  const [course] = await load(withLesson({ subject: 'Two' }, BODY))
  const lesson = course?.kind === 'course' ? course.lessons[1] : undefined
  expect(lesson?.html).toContain('See <a href="/articles/the-rain">this</a>')
  expect(lesson?.html).toContain('article:code')
  expect(lesson?.practice?.html).toContain('<a href="/articles/a-coat#two">that</a>')
  const mailed = lesson && withSiteUrls({ lesson }, 'https://example.org/mail').lesson
  expect(mailed?.html).toContain('<a href="https://example.org/mail/articles/the-rain">this</a>')
  expect(mailed?.practice?.html).toContain('"https://example.org/mail/articles/a-coat#two"')
})

it('links lead there from the description of a course, too', async () => {
  const [course] = await load(withSettings({ description: '"[Read](article:the-rain)"' }))
  expect(course?.description).toBe('<p><a href="/articles/the-rain">Read</a></p>')
})
