/** Answers to a reader's comments, included in a mail about something else. */
import { load } from 'cheerio'
import { expect, it } from 'vitest'
import { openLocales } from '../../../src/locales/locale.ts'
import { renderAnswers } from '../../../src/mail/render/comment-answers.ts'
import { CONTENTS, compiled, composed, course, lessonWith } from '../make.ts'

const edition = await lessonWith()
const locales = openLocales()
const answers = renderAnswers(
  {
    comments: [
      {
        author: '<Bob> {{firstName}}',
        under: { label: 'A "quiet" hour', url: 'https://courses.example/articles/a?comment=1&b' },
        note: '',
        text: 'It is <b>so</b>,\n\n.and not\nonly {{unsubscribeUrl}} here',
        links: [],
      },
    ],
    leave: { label: 'Get no more', url: 'https://courses.example/answers/x' },
  },
  edition,
  locales,
)

it('answers stand near the end of both parts, as plain text, with a link to stop them', async () => {
  const { html, text } = await composed(edition, { answers })
  expect(text).toContain(
    [
      '\n\nANSWERS TO YOUR COMMENTS\n\n<Bob> {{firstName}}',
      'It is <b>so</b>, .and not only {{unsubscribeUrl}} here',
      'A "quiet" hour: https://courses.example/articles/a?comment=1&b\n',
      'Get no more: https://courses.example/answers/x\n\n-- \n',
    ].join('\n'),
  )
  expect(html).toContain('Answers to your comments')
  expect(html).toContain('&lt;Bob&gt; {{firstName}}')
  expect(html).toContain('It is &lt;b&gt;so&lt;/b&gt;, .and not only')
  const $ = load(html)
  expect($('a:contains("quiet")').attr('href')).toBe(
    'https://courses.example/articles/a?comment=1&b',
  )
  expect(html.indexOf('Get no more')).toBeGreaterThan(html.lastIndexOf('<h2'))
  expect(html.indexOf('Get no more')).toBeLessThan(html.lastIndexOf('Unsubscribe'))
})

it('a mail without answers has no trace of them', async () => {
  const { html, text } = await composed(edition)
  expect(text).not.toMatch(/ANSWERS TO|\{\{answers/)
  expect(text).toMatch(/[^\n]\n\n-- \n/)
  expect(html).not.toMatch(/Answers to your comments|\{\{answers/)
})

it('answers have a place in the mails of a morning, and in no others', async () => {
  const having: string[] = []
  for (const content of CONTENTS) {
    const source = (await compiled(content)).source()
    const parts = [source.html, source.text].filter((part) => part.includes('{{answers}}'))
    if (parts.length === 2) having.push(content.kind)
    else expect(parts).toEqual([])
  }
  expect([...new Set(having)].sort()).toEqual(['inspiration', 'lesson', 'letter'])
})

it('answers in a right-to-left mail have no added marks in the text part', () => {
  const arabic = renderAnswers(
    { comments: [], leave: { label: 'x', url: 'https://a.example' } },
    { series: { ...course, language: 'ar' } },
    locales,
  )
  expect(arabic.text).toBe('x: https://a.example')
})
