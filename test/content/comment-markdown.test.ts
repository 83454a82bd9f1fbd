/** What members write, as a page shows it. */
import { load } from 'cheerio'
import { isTag } from 'domhandler'
import { describe, expect, it } from 'vitest'
import { renderComment } from '../../src/content/comment-markdown.ts'
import { readCommentText } from '../../src/domain/comment-text.ts'
import { ALLOWED, HOSTILE } from '../support/hostile-comments.ts'

/** As it would be shown; empty for what is refused. */
const shown = (entered: string) => {
  const read = readCommentText(entered)
  return 'text' in read ? renderComment(read.text).html : ''
}

describe('a comment', () => {
  it.each([
    ['a *b* **c** ~~d~~ `e`', '<p>a <em>b</em> <strong>c</strong> <s>d</s> <code>e</code></p>'],
    ['one\ntwo', '<p>one<br>\ntwo</p>'],
    ['> said', '<blockquote>\n<p>said</p>\n</blockquote>'],
    ['- a\n- b', '<ul>\n<li>a</li>\n<li>b</li>\n</ul>'],
    ['3. a', '<ol>\n<li>a</li>\n</ol>'],
    ['```js\nx < y\n```', '<pre><code>x &lt; y\n</code></pre>'],
    ['# no heading', '<p># no heading</p>'],
    ['fish & <b>chips</b>', '<p>fish &amp; &lt;b&gt;chips&lt;/b&gt;</p>'],
    [
      '[x](https://a.example/?b=1&c=2 "t") <http://b.example>',
      '<p><a href="https://a.example/?b=1&amp;c=2" rel="ugc nofollow noopener">x</a> <a href="http://b.example" rel="ugc nofollow noopener">http://b.example</a></p>',
    ],
    ['www.a.example, https://b.example', '<p>www.a.example, https://b.example</p>'],
  ])('%j is %j', (text, html) => {
    expect(renderComment(text).html).toBe(html)
  })

  it('has its links counted and its words extracted', () => {
    const text = '[x](https://a.example) and\n\n- <https://b.example> `c`'
    expect(renderComment(text)).toMatchObject({ links: 2, words: 'x and\nhttps://b.example c' })
  })

  it.each(HOSTILE)('is harmless, whatever it tries: %j', (entered) => {
    const $ = load(shown(entered), null, false)
    for (const { name, attribs } of $('*').toArray().filter(isTag)) {
      expect(Object.keys(ALLOWED)).toContain(name)
      expect(ALLOWED[name]).toEqual(expect.arrayContaining(Object.keys(attribs)))
      if (name !== 'a') continue
      const url = new URL(attribs.href ?? '')
      expect(['http:', 'https:']).toContain(url.protocol)
      expect(url.username + url.password).toBe('')
      expect(attribs.rel).toBe('ugc nofollow noopener')
    }
  })
})
