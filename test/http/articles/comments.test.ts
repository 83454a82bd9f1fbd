/** The comments below an article, as browsers request and send them. */
import { load } from 'cheerio'
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { members } from '../../../src/store/index.ts'
import { enrolled } from '../../support/app.ts'
import {
  commentsWeb,
  cookieOf,
  memberNamed,
  SLUG,
  seenBy,
  sessionFor,
  trusted,
  write,
} from '../../support/comments.ts'
import { hiddenOf, textOf } from '../../support/page.ts'
import type { TestWeb } from '../../support/web.ts'

const PATH = `/articles/${SLUG}`
let web: TestWeb
beforeAll(async () => {
  web = await commentsWeb({ words: ['casino'] }, { env: { PUBLIC_URL: 'https://courses.example' } })
})
afterAll(() => web?.[Symbol.asyncDispose]())
beforeEach(() => sql`delete from comments`.execute(web.db))

/** The comments section, as this visitor sees it. */
async function section(headers = {}, query = '') {
  const html = await (await web.get(`${PATH}${query}`, headers)).text()
  const $ = load(html)
  return { $, html: $('#comments').html() ?? '', text: textOf($('#comments').html() ?? '') }
}

/** The hidden fields of the form on the page. */
async function formOn(headers: { cookie: string }, query = '') {
  const { $ } = await section(headers, query)
  const hidden = hiddenOf($('#write').parent().html() ?? '')
  web.clock.set(web.app.now().add({ seconds: 5 }))
  return hidden
}

/** Submits a comment as a browser does. */
async function send(headers: { cookie: string }, fields: Record<string, string>, query = '') {
  const response = await web.post(
    `${PATH}/comments`,
    { ...(await formOn(headers, query)), ...fields },
    { ...headers, accept: 'text/html' },
  )
  return { response, location: response.headers.get('location') ?? '' }
}

/** Somebody who is signed in and has no name yet. */
async function newcomer(email: string) {
  const { subscriber } = await enrolled(web, { email })
  await members.join(web.db, subscriber.id, web.app.now())
  return { id: subscriber.id, headers: cookieOf(await sessionFor(web, subscriber)) }
}

describe('the comments section', () => {
  it('offers visitors a way to sign in, and gives all of them the same page', async () => {
    const ada = await trusted(web, 'Ada')
    await write(web, ada, 'Quiet *hours*')
    const { text, $ } = await section()
    expect(text).toContain('1 comment')
    expect(text).toContain('Quiet hours')
    expect($('#comments form')).toHaveLength(0)
    const href = $('#comments a[href^="/sign-in"]').attr('href') ?? ''
    expect(new URL(href, 'https://x').searchParams.get('to')).toBe(`${PATH}#comments`)
    const [one, two] = [await web.get(PATH), await web.get(PATH)]
    expect(one.headers.get('etag')).toBe(two.headers.get('etag'))
    await write(web, ada, 'Another')
    expect((await web.get(PATH)).headers.get('etag')).not.toBe(one.headers.get('etag'))
    const own = await web.get(PATH, cookieOf(await sessionFor(web, ada)))
    expect(own.headers.get('cache-control')).toBe('private, no-cache')
    expect(own.headers.get('etag')).toBeNull()
  })

  it('accepts a first comment with a name, shows it to its author, and leads to it', async () => {
    const { headers, id } = await newcomer('first@example.com')
    const { response, location } = await send(headers, {
      name: 'Juno',
      text: 'Hello *all*',
      wants: 'yes',
    })
    expect(response.status).toBe(303)
    expect(location).toMatch(/^\/articles\/a-quiet-hour\?comment=([\w-]+)#comment-\1$/)
    const cookie = (response.headers.get('set-cookie') ?? '').replace(/;.*/, '')
    const { text, $ } = await section({ cookie })
    expect(text).toContain('Juno')
    expect(text).toContain('It waits for a moderator.')
    expect($(location.replace(/.*#/, '#'))).toHaveLength(1)
    expect((await section()).text).not.toContain('Hello')
    expect(await web.app.comments.wantsAnswers(id)).toBe(true)
  })

  it.each([
    [{ name: 'Ju', text: '' }, 'Write something before you send it.'],
    [{ name: '', text: 'My long thought' }, 'Use 2 to 40 characters.'],
    [{ name: '<b>Eve</b>', text: 'My long thought' }, 'Use letters'],
    [{ name: 'moderator', text: 'My long thought' }, 'This name is kept'],
    [{ name: 'Nova', text: 'x'.repeat(4_001) }, 'A comment has at most 4,000 characters.'],
    [{ name: 'Luz', text: 'My long thought', website: 'x' }, 'Please check what you'],
  ])('redisplays a faulty comment with all that was entered, %#', async (fields, says) => {
    const { headers } = await newcomer(`back${says.length}${fields.name.length}@example.com`)
    const { response, location } = await send(headers, fields)
    expect(response.status).toBe(303)
    expect(location).toBe(`${PATH}?draft=1#fault`)
    const cookie = (response.headers.get('set-cookie') ?? '').replace(/;.*/, '') || headers.cookie
    const page = await web.get(location.replace(/#.*/, ''), { cookie })
    expect(page.status).toBe(422)
    const $ = load(await page.text())
    expect($('#write textarea').val() ?? $('#write textarea').text()).toBe(fields.text)
    expect(textOf($('#write').html() ?? '')).toContain(says)
    expect((await section()).text).not.toContain('thought')
  })

  it('accepts 4,000 characters of any script', async () => {
    const ada = await trusted(web, 'Ada')
    const headers = cookieOf(await sessionFor(web, ada))
    const { location } = await send(headers, { text: '😀'.repeat(4_000) })
    expect(location).toContain('?comment=')
    const { response } = await send(headers, { text: 'x'.repeat(20_000) })
    expect(response.status).toBe(413)
  })

  it('lets members answer comments, and change or delete their own', async () => {
    const [ada, bob] = [await trusted(web, 'Ada'), await trusted(web, 'Bob')]
    const headers = cookieOf(await sessionFor(web, ada))
    const { id } = await write(web, bob, 'What do you think?')
    const { $ } = await section(headers)
    const answer = $(`#comment-${id} a[href*="answer"]`).attr('href') ?? ''
    const { text } = await section(headers, answer.replace(/.*\?/, '?').replace(/#.*/, ''))
    expect(text).toContain('Answer Bob')
    await send(headers, { text: 'I think so' }, `?answer=${id}`)
    expect(await seenBy(web, null)).toEqual([
      'Bob What do you think? published',
      '> Ada I think so published',
    ])
    const { threads } = await web.app.comments.of({ article: SLUG, viewer: ada.id, page: 1 })
    const mine = threads[0]?.answers[0]?.id ?? ''
    await send(headers, { text: 'I *know* so' }, `?edit=${mine}`)
    expect(await seenBy(web, null)).toEqual([
      'Bob What do you think? published',
      '> Ada I know so published',
    ])
    expect((await section()).text).toContain('changed later')
    const { session = '' } = await formOn(headers)
    const other = cookieOf(await sessionFor(web, bob))
    const theirs = await formOn(other)
    await web.post(
      `${PATH}/comments`,
      { session: theirs.session ?? '', which: mine, do: 'delete' },
      other,
    )
    expect(await seenBy(web, null)).toHaveLength(2)
    const gone = await web.post(`${PATH}/comments`, { session, which: mine, do: 'delete' }, headers)
    expect(gone.headers.get('location')).toBe(`${PATH}#comments`)
    expect(await seenBy(web, null)).toHaveLength(1)
  })

  it('tells blocked members so, and still shows them the comments', async () => {
    const [ada, bob] = [await trusted(web, 'Ada'), await trusted(web, 'Bob')]
    await write(web, bob, 'For all')
    await web.app.comments.setBlocked({
      subscriberId: ada.id,
      by: 'command line',
      blocked: 'blocked',
    })
    const headers = cookieOf(await sessionFor(web, ada))
    const { text, $ } = await section(headers)
    expect(text).toContain('For all')
    expect(text).toContain('You can read here, but you can no longer comment.')
    expect($('#write')).toHaveLength(0)
  })

  it('redisplays an answer to a comment deleted meanwhile, as a thread of its own', async () => {
    const [ada, bob] = [await trusted(web, 'Ada'), await trusted(web, 'Bob')]
    const headers = cookieOf(await sessionFor(web, ada))
    const { id } = await write(web, bob, 'Soon gone')
    const form = await formOn(headers, `?answer=${id}`)
    await web.app.comments.remove({ member: bob, id })
    await web.post(`${PATH}/comments`, { ...form, text: 'To you' }, headers)
    const { $, text } = await section(headers, '?draft=1')
    expect(text).toContain('This comment is not here any more.')
    expect($('#write textarea').text()).toBe('To you')
    expect($('#write input[name=parent]')).toHaveLength(0)
  })

  it('redisplays a comment that exceeds the hourly limit', async () => {
    const ada = await trusted(web, 'Ada')
    for (let n = 0; n < 11; n++) await write(web, ada, `Thought number ${n}`)
    const headers = cookieOf(await sessionFor(web, ada))
    const { location } = await send(headers, { text: 'One more thought' })
    expect(location).toBe(`${PATH}?draft=1#fault`)
    const { text, $ } = await section(headers, '?draft=1')
    expect(text).toContain('You have written a lot within an hour.')
    expect($('#write textarea').text()).toBe('One more thought')
  })
})

describe('a submitted comment', () => {
  it('is refused without a session, without its form’s token, or from another site', async () => {
    const ada = await memberNamed(web, 'Ada')
    const headers = cookieOf(await sessionFor(web, ada))
    const form = await formOn(headers)
    const stranger = await web.post(`${PATH}/comments`, { ...form, text: 'x' })
    expect(stranger.headers.get('location')).toContain('/sign-in?to=')
    const forged = await web.post(`${PATH}/comments`, { ...form, session: 'x', text: 'x' }, headers)
    expect(forged.status).toBe(403)
    const elsewhere = { ...headers, 'sec-fetch-site': 'cross-site' }
    expect((await web.post(`${PATH}/comments`, { ...form, text: 'x' }, elsewhere)).status).toBe(403)
    expect(await seenBy(web, ada.id)).toEqual([])
  })

  it('is stored once when its form is sent several times at once', async () => {
    const ada = await trusted(web, 'Ada')
    const headers = cookieOf(await sessionFor(web, ada))
    const form = { ...(await formOn(headers)), text: 'Only once' }
    const sent = await Promise.all([1, 2, 3].map(() => web.send(`${PATH}/comments`, form, headers)))
    const places = new Set(sent.map((response) => response.headers.get('location')))
    expect(places.size).toBe(1)
    expect(await seenBy(web, null)).toEqual(['Ada Only once published'])
  })

  it('is answered 404 when its article does not exist', async () => {
    const ada = await memberNamed(web, 'Ada')
    const headers = cookieOf(await sessionFor(web, ada))
    expect((await web.post('/articles/none/comments', { text: 'x' }, headers)).status).toBe(404)
  })
})

it('members choose on their own page whether answers are mailed to them', async () => {
  const ada = await memberNamed(web, 'Ada')
  const headers = cookieOf(await sessionFor(web, ada))
  const { session = '' } = await formOn(headers)
  const saved = await web.post('/member/answers', { session, wants: 'yes' }, headers)
  expect(saved.headers.get('location')).toBe('/member?answers=saved#answers')
  expect(await web.app.comments.wantsAnswers(ada.id)).toBe(true)
  const page = load(await (await web.get('/member?answers=saved', headers)).text())
  expect(page('#answers input[type=checkbox]').attr('checked')).toBeDefined()
  await web.post('/member/answers', { session }, headers)
  expect(await web.app.comments.wantsAnswers(ada.id)).toBe(false)
})
