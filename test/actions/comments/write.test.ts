/** Writing, changing and deleting comments, and who sees them. */
import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CONSENT, type TestApp, testApp } from '../../support/app.ts'
import { memberNamed, SLUG, seenBy, siteWith, trusted, write } from '../../support/comments.ts'

let test: TestApp
beforeAll(async () => {
  test = await testApp({ site: siteWith({ words: ['casino'] }) })
})
afterAll(() => test?.[Symbol.asyncDispose]())

let articles = 0
/** A new article for each test. */
const place = () => ({ article: `article-${++articles}` })

describe('a comment', () => {
  it('waits for approval if it is its author’s first, and is visible to them alone', async () => {
    const [ada, bob] = [await memberNamed(test, 'Ada'), await memberNamed(test, 'Bob')]
    const at = place()
    const { id, status, reason } = await write(test, ada, 'My *first*', at)
    expect({ status, reason }).toEqual({ status: 'waiting', reason: 'first' })
    expect(await seenBy(test, ada.id, at)).toEqual(['Ada My first waiting'])
    expect(await seenBy(test, bob.id, at)).toEqual([])
    expect(await seenBy(test, null, at)).toEqual([])
    await test.app.comments.decide({ id, decision: 'approve', by: 'command line' })
    expect(await seenBy(test, null, at)).toEqual(['Ada My first published'])
    expect((await write(test, ada, 'My second', at)).status).toBe('published')
  })

  it.each([
    ['See [this](https://a.example)', 'link'],
    ['See a-shop.example.com', 'link'],
    ['I AM eve, hello!', 'repeat'],
    ['A CÁSINO', 'words'],
  ])('waits if it says %j, whoever wrote it', async (text, reason) => {
    await trusted(test, 'Eve')
    const ada = await trusted(test, 'Ada')
    expect(await write(test, ada, text, place())).toMatchObject({ status: 'waiting', reason })
  })

  it('is refused if it is empty, too long, or only markup', async () => {
    const ada = await memberNamed(test, 'Ada')
    for (const [text, key] of [
      ['\u200B \n', 'form.comment.empty'],
      ['> ', 'form.comment.empty'],
      ['x'.repeat(4_001), 'form.comment.too-long'],
    ] as const)
      await expect(write(test, ada, text)).rejects.toMatchObject({
        code: 'invalid',
        fields: { text: { key } },
      })
  })

  it('is refused from somebody who is blocked or not a member', async () => {
    const ada = await memberNamed(test, 'Ada')
    await expect(write(test, { ...ada, isBlocked: true }, 'x')).rejects.toMatchObject({
      key: 'page.comments.blocked',
    })
    // Blocked since their session was read.
    await test.app.comments.setBlocked({
      subscriberId: ada.id,
      by: 'command line',
      blocked: 'blocked',
    })
    await expect(write(test, ada, 'x')).rejects.toMatchObject({ key: 'page.comments.blocked' })
    await expect(write(test, { ...ada, id: randomUUID() }, 'x')).rejects.toMatchObject({
      key: 'page.comments.members-only',
    })
  })

  it('is created once per form, however often it is submitted at the same moment', async () => {
    const ada = await trusted(test, 'Ada')
    const at = { ...place(), nonce: randomUUID() }
    const sent = Array.from({ length: 8 }, () => write(test, ada, 'Once', at))
    const ids = new Set((await Promise.all(sent)).map(({ id }) => id))
    expect(ids.size).toBe(1)
    expect((await write(test, ada, 'Once more', at)).text).toBe('Once')
    expect(await seenBy(test, null, at)).toEqual(['Ada Once published'])
  })

  it('is rate-limited: of fifty at once twelve are accepted, and the rest are told to wait', async () => {
    const ada = await memberNamed(test, 'Ada')
    const at = place()
    const sent = Array.from({ length: 50 }, (_, index) => write(test, ada, `Thought ${index}`, at))
    const ends = await Promise.allSettled(sent)
    const taken = ends.filter(({ status }) => status === 'fulfilled')
    expect(taken).toHaveLength(12)
    expect(await seenBy(test, ada.id, at)).toHaveLength(12)
    const refused = ends.flatMap((end) => (end.status === 'rejected' ? [end.reason] : []))
    for (const problem of refused)
      expect(problem).toMatchObject({ code: 'too_many', key: 'page.comments.wait' })
  })
})

describe('a thread', () => {
  it('has one level: an answer to an answer joins the same thread', async () => {
    const [ada, bob] = [await trusted(test, 'Ada'), await trusted(test, 'Bob')]
    const at = place()
    const root = await write(test, ada, 'One', at)
    const answer = await write(test, bob, 'Two', { ...at, parent: root.id })
    const third = await write(test, ada, 'Three', { ...at, parent: answer.id })
    expect(third.parent).toBe(root.id)
    await write(test, bob, 'Another', at)
    expect(await seenBy(test, null, at)).toEqual([
      'Ada One published',
      '> Bob Two published',
      '> Ada Three published',
      'Bob Another published',
    ])
  })

  it('takes no answer to a comment that is hidden, missing, or on another article', async () => {
    const [ada, eve] = [await trusted(test, 'Ada'), await memberNamed(test, 'Eve')]
    const at = place()
    const waiting = await write(test, eve, 'Waits', at)
    for (const parent of [waiting.id, randomUUID(), 'x'])
      await expect(write(test, ada, 'To it', { ...at, parent })).rejects.toMatchObject({
        code: 'not_found',
      })
    const root = await write(test, ada, 'Here', at)
    await expect(write(test, ada, 'There', { ...place(), parent: root.id })).rejects.toMatchObject({
      code: 'not_found',
    })
  })

  it('keeps the place of a deleted comment as long as it has answers', async () => {
    const [ada, bob] = [await trusted(test, 'Ada'), await trusted(test, 'Bob')]
    const at = place()
    const root = await write(test, ada, 'Sun', at)
    const answer = await write(test, bob, 'Moon', { ...at, parent: root.id })
    await test.app.comments.remove({ member: ada, id: root.id })
    expect(await seenBy(test, null, at)).toEqual(['deleted', '> Bob Moon published'])
    expect(await test.app.comments.inspectComment(root.id)).toMatchObject({
      comment: { text: '', subscriberId: null, author: null },
    })
    await test.app.comments.remove({ member: ada, id: answer.id })
    expect(await seenBy(test, null, at)).toHaveLength(2)
    await test.app.comments.remove({ member: bob, id: answer.id })
    expect(await test.app.comments.inspectComment(root.id)).toBeNull()
  })

  it('is found by its comment, on pages of fifty', async () => {
    const ada = await trusted(test, 'Ada')
    const { article } = place()
    await sql`
      insert into comments (id, article, subscriber_id, text, status, created_at)
      select gen_random_uuid(), ${article}, ${ada.id}, 'Thought ' || n, 'published',
        ${String(test.app.now())}::timestamptz + n * interval '1 second'
      from generate_series(1, 101) n`.execute(test.db)
    const look = (page: number, comment?: string) =>
      test.app.comments.of({ article, viewer: null, page, comment })
    expect(await look(2)).toMatchObject({ count: 101, page: 2, pages: 3 })
    const { threads } = await look(3)
    expect(threads.map(({ root }) => root.html)).toEqual(['<p>Thought 101</p>'])
    expect(await look(1, threads[0]?.root.id)).toMatchObject({ page: 3 })
    for (const page of [0, 4, Number.NaN, -1, 1.5]) expect((await look(page)).page).toBe(1)
  })
})

describe('changing a comment', () => {
  it('is allowed to its author, for a quarter of an hour', async () => {
    await using own = await testApp({ site: siteWith() })
    const [ada, bob] = [await trusted(own, 'Ada'), await trusted(own, 'Bob')]
    const { id } = await write(own, ada, 'Rain')
    const change = (member: typeof ada, text: string) =>
      own.app.comments.revise({ member, id, text, network: 'x' })
    await expect(change(bob, 'Sun')).rejects.toMatchObject({ code: 'not_found' })
    own.clock.set(own.app.now().add({ minutes: 14 }))
    await change(ada, 'Sun')
    expect(await seenBy(own, null)).toEqual(['Ada Sun published'])
    expect(await own.app.comments.editableText({ member: ada, id })).toBe('Sun')
    await change(ada, 'See https://a.example')
    expect(await seenBy(own, null)).toEqual([])
    expect(await own.app.comments.inspectComment(id)).toMatchObject({
      comment: { status: 'waiting', reason: 'link', version: 3 },
    })
    own.clock.set(own.app.now().add({ minutes: 1 }))
    await expect(change(ada, 'Late')).rejects.toMatchObject({ key: 'page.comments.too-late' })
    expect(await own.app.comments.editableText({ member: ada, id })).toBeNull()
    await own.app.comments.remove({ member: ada, id })
    expect(await own.app.comments.inspectComment(id)).toBeNull()
  })
})

describe('a site', () => {
  it('may close its comments, and then takes no new ones', async () => {
    await using own = await testApp({ site: siteWith({ closed: true }) })
    const ada = await memberNamed(own, 'Ada')
    await expect(write(own, ada, 'x')).rejects.toMatchObject({ key: 'page.comments.closed' })
  })
})

describe('rights', () => {
  it('include an export of what somebody wrote, and its erasure', async () => {
    const [ada, bob] = [await trusted(test, 'Ada'), await trusted(test, 'Bob')]
    const at = place()
    const root = await write(test, ada, 'About me', { ...at, wantsAnswers: true })
    await write(test, bob, 'To you', { ...at, parent: root.id })
    await write(test, ada, 'Also mine', at)
    const waiting = await write(test, ada, 'a.example', at)
    await test.app.comments.keepDraft(ada.id, { article: SLUG, form: { text: 'A draft of mine' } })
    const all = await test.app.reader.exportData(ada.id)
    expect(all.wantsAnswersByMail).toBe(true)
    expect(all.comments.map(({ article, text, status }) => [article, text, status])).toEqual([
      ['elsewhere', 'I am Ada, hello', 'published'],
      [at.article, 'About me', 'published'],
      [at.article, 'Also mine', 'published'],
      [at.article, 'a.example', 'waiting'],
    ])
    await test.app.comments.decide({ id: waiting.id, decision: 'reject', by: 'mod@example.com' })
    await test.app.reader.erase(ada.id)
    expect(await seenBy(test, null, at)).toEqual(['deleted', '> Bob To you published'])
    const left = await sql<{ row: string }>`
      select t::text as row from comments t where article = ${at.article}
      union all select d::text from comment_decisions d
      union all select f::text from comment_drafts f
      union all select w::text from comment_answers w`.execute(test.db)
    const text = left.rows.map(({ row }) => row).join('\n')
    for (const gone of [ada.id, ada.email, 'About me', 'mine', 'a.example'])
      expect(text).not.toContain(gone)
    expect(text).toContain('mod@example.com')
  })

  it('to leave all courses do not affect comments', async () => {
    const ada = await trusted(test, 'Ada')
    const at = place()
    await write(test, ada, 'Stays', at)
    await test.app.reader.unsubscribe(ada.enrollment, 'everything', CONSENT)
    expect(await seenBy(test, null, at)).toEqual(['Ada Stays published'])
    expect((await write(test, ada, 'Goes on', at)).status).toBe('published')
  })
})
