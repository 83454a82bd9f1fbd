/** Articles are published from their folder, whole or not at all, and removed with their files. */
import { rename, rm, writeFile } from 'node:fs/promises'
import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { openArticles } from '../../../src/app/articles.ts'
import { article, articlesApp } from '../../support/articles.ts'
import { keptLog } from '../../support/log.ts'

const PIXEL = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)

const slugs = (all: readonly { readonly slug: string }[]) => all.map(({ slug }) => slug)

describe('an article', () => {
  it('is live with everything in its file, the newest first', async () => {
    await using test = await articlesApp({
      'older.md': article({ date: '2027-01-01' }),
      'rain.md': article(
        { title: '"Rain, and no coat"', tags: '[harsh thoughts, rain]', invite: 'inner-wisdom' },
        'It rains.\n\n## What it says\n\nOne.\n\n### Über dich\n\nTwo.\n\n## What it says\n\nThree.\n',
      ),
      'same-day.md': article(),
    })
    const { articles } = test
    expect(slugs(articles.all())).toEqual(['rain', 'same-day', 'older'])
    expect(slugs(articles.all('de'))).toEqual([])
    expect(articles.get('rain')).toMatchObject({
      id: 'rain',
      title: 'Rain, and no coat',
      tags: ['harsh thoughts', 'rain'],
      invite: 'inner-wisdom',
      language: 'en',
      minutes: 1,
      words: 13,
      nearest: ['same-day', 'older'],
      sections: [
        { id: 'what-it-says', title: 'What it says', level: 2 },
        { id: 'über-dich', title: 'Über dich', level: 3 },
        { id: 'what-it-says-2', title: 'What it says', level: 2 },
      ],
    })
    expect(String(articles.get('rain')?.date)).toBe('2027-03-01')
    expect(await articles.textOf('rain')).toContain('<h3 id="über-dich">Über dich</h3>')
    expect(await articles.textOf('none')).toBeNull()
  })

  it('is published once fully saved, and not again when nothing has changed', async () => {
    await using test = await articlesApp({ 'a.md': article(), 'b.md': article() })
    const { articles, app, db } = test
    const published = articles.get('a')?.publishedAt
    test.clock.set('2027-03-20T00:00:00Z')
    await test.write('a.md', article({ title: 'Better' }))
    await app.author.articles.follow()
    expect(articles.get('a')?.title).toBe('A title')
    await app.author.articles.follow()
    expect(articles.get('a')).toMatchObject({ title: 'Better', publishedAt: published })
    expect(String(articles.get('a')?.updatedAt)).toBe('2027-03-20T00:00:00Z')
    expect(String(articles.get('b')?.updatedAt)).toBe('2027-03-19T12:00:00Z')
    expect(slugs(articles.since(test.app.now(), 'en'))).toEqual([])
    const versions = () => db.selectFrom('articles').select(['slug', 'version']).execute()
    const before = await versions()
    await app.author.articles.begin()
    expect(await versions()).toEqual(before)
  })

  it('is blocked if broken: its live version stays, others go on, and it is logged once', async () => {
    const kept = keptLog()
    await using test = await articlesApp(
      { 'a.md': article(), 'b.md': article(), 'new.md': article({ sumary: 'x' }) },
      kept.log,
    )
    expect(test.blocked).toEqual([
      {
        slug: 'new',
        draft: false,
        reason: expect.stringMatching(/^articles\/new\.md:6 sumary: is not a known/),
      },
    ])
    await test.write('a.md', article({}, 'Hello {{firstName}}.\n'))
    await test.write('b.md', article({ title: 'B' }))
    await test.saved()
    await test.write('b.md', article({ title: 'Bee' }))
    await test.saved()
    const { articles } = test
    expect(slugs(articles.all())).toEqual(['a', 'b'])
    expect(await articles.textOf('a')).toContain('without a coat')
    expect(articles.get('b')?.title).toBe('Bee')
    expect(kept.lines.map((line) => [line.article, line.msg])).toEqual([
      ['new', expect.stringContaining('is blocked')],
      ['a', expect.stringContaining('is blocked')],
    ])
    await test.write('a.md', article({}, 'Hello.\n'))
    await test.saved()
    expect(await articles.textOf('a')).toBe('<p>Hello.</p>')
    expect(slugs(await test.app.author.articles.blocked())).toEqual(['new'])
  })

  it('is removed with its file, and comes back with its original date', async () => {
    await using test = await articlesApp({ 'a.md': article(), 'b.md': article() })
    test.clock.set('2027-03-20T00:00:00Z')
    await test.remove('a.md')
    await test.saved()
    expect(test.articles.get('a')).toBeUndefined()
    expect(await test.articles.textOf('a')).toBeNull()
    expect(test.articles.get('b')?.nearest).toEqual([])
    await test.write('a.md', article())
    await test.saved()
    expect(String(test.articles.get('a')?.publishedAt)).toBe('2027-03-19T12:00:00Z')
    // If the whole folder is missing, that is taken for an accident.
    await rename(test.path, `${test.path}-away`)
    await test.saved()
    await test.app.author.articles.begin()
    expect(slugs(test.articles.all())).toEqual(['a', 'b'])
    await rename(`${test.path}-away`, test.path)
  })

  it('keeps its identity when renamed with an alias, but not to a broken file', async () => {
    await using test = await articlesApp({ 'first.md': article() })
    test.clock.set('2027-03-20T00:00:00Z')
    await test.remove('first.md')
    await test.write('second.md', article({ aliases: '[first]', sumary: 'x' }))
    await test.saved()
    expect(slugs(test.articles.all())).toEqual(['first'])
    await test.write('second.md', article({ aliases: '\n  - first' }))
    await test.saved()
    expect(slugs(test.articles.all())).toEqual(['second'])
    const moved = test.articles.get('second')
    expect(moved).toMatchObject({ id: 'first', aliases: ['first'] })
    expect(String(moved?.publishedAt)).toBe('2027-03-19T12:00:00Z')
    expect(test.articles.movedTo('first')).toBe('second')
    expect(test.articles.byId('first')?.slug).toBe('second')
    expect(test.articles.movedTo('second')).toBeUndefined()
  })

  it('is not live as a draft, and is published on its date, in UTC', async () => {
    await using test = await articlesApp({
      'draft.md': article({ draft: 'true' }),
      'later.md': article({ publish: '2027-03-21' }),
      'live.md': article(),
      'todo.md': article({}, 'TODO: the end\n'),
    })
    expect(test.blocked).toEqual([])
    expect(slugs(test.articles.all())).toEqual(['live'])
    expect(slugs(await test.app.author.articles.drafts())).toEqual(['draft', 'later', 'todo'])
    test.clock.set('2027-03-20T23:59:59Z')
    await test.saved()
    expect(slugs(test.articles.all())).toEqual(['live'])
    await test.write('live.md', article({ draft: 'true' }))
    test.clock.set('2027-03-21T00:00:00Z')
    await test.saved()
    expect(slugs(test.articles.all())).toEqual(['later'])
    expect(String(test.articles.get('later')?.publishedAt)).toBe('2027-03-21T00:00:00Z')
    expect(slugs(test.articles.since(test.app.now().subtract({ hours: 1 }), 'en-GB'))).toEqual([
      'later',
    ])
  })

  it('is published by one of two processes, and both serve it', async () => {
    await using test = await articlesApp({ 'a.md': article() })
    const { db, app, path } = test
    const place = { folder: path, language: 'en' }
    const second = await openArticles(place, {
      db,
      now: app.now,
      log: app.log,
      locales: app.locales,
    })
    expect(slugs(second.articles.all())).toEqual(['a'])
    await test.write('b.md', article())
    await Promise.all([app.author.articles.begin(), second.author.begin()])
    const rows = await db
      .selectFrom('articles')
      .select(['slug', 'version'])
      .orderBy('slug')
      .execute()
    expect(rows).toEqual([
      { slug: 'a', version: '2' },
      { slug: 'b', version: '2' },
    ])
    expect(slugs(second.articles.all())).toEqual(slugs(test.articles.all()))
  })

  it('brings its pictures, stored by content hash', async () => {
    await using test = await articlesApp({
      'a.md': article(
        { picture: '{file: rain.png, alt: Rain on a window}' },
        '![Rain again](rain.png)\n\n[Read](article:b#more), [a lesson](lesson:inner-wisdom/a-name)\n',
      ),
      'b.md': article({ picture: '{file: none.png, alt: Nothing}' }),
    })
    await writeFile(`${test.path}/rain.png`, PIXEL)
    await test.saved()
    const picture = test.articles.get('a')?.picture
    expect(picture).toMatchObject({ alt: 'Rain on a window', width: 1, height: 1 })
    const [, , hash = ''] = picture?.src.split('/') ?? []
    expect(await test.app.visitor.media(hash)).toMatchObject({ type: 'image/png' })
    const html = await test.articles.textOf('a')
    expect(html).toContain(`<img src="${picture?.src}" width="1" height="1" alt="Rain again">`)
    expect(html).toContain('<a href="/articles/b#more">')
    expect(html).toContain('<a href="/courses/inner-wisdom#lesson-a-name">')
    expect(await test.app.author.articles.blocked()).toMatchObject([
      { slug: 'b', reason: expect.stringContaining('none.png is not in the folder') },
    ])
  })

  it('stays live if its folder is unreadable, and everything else starts anyway', async () => {
    const kept = keptLog()
    await using test = await articlesApp({ 'a.md': article() }, kept.log)
    await rename(test.path, `${test.path}-away`)
    await writeFile(test.path, 'no folder')
    expect(await test.app.author.articles.begin()).toEqual([
      { slug: '', reason: expect.stringContaining('ENOTDIR') },
    ])
    await test.saved()
    await test.saved()
    expect(slugs(test.articles.all())).toEqual(['a'])
    expect(kept.messages()).toHaveLength(2)
    expect(await test.app.author.courses.begin()).toEqual([])
    await rm(test.path)
    await rename(`${test.path}-away`, test.path)
    await test.write('b.md', article())
    await test.saved()
    expect(slugs(test.articles.all())).toEqual(['a', 'b'])
  })

  it('is in the status if blocked or a draft, and its row survives a JSON round trip', async () => {
    await using test = await articlesApp({
      'bad.md': 'x',
      'draft.md': article({ draft: 'true' }),
      'live.md': article({ tags: '[one]' }),
    })
    const { blocked, drafts } = await test.app.operator.status()
    expect(Object.keys(blocked)).toEqual(['articles/bad'])
    expect(Object.keys(drafts)).toEqual(['articles/draft'])
    const { rows } = await sql`
      select from articles, json_populate_record(null::articles, row_to_json(articles)) as again
      where articles.* = again.*`.execute(test.db)
    expect(rows).toHaveLength(1)
  })
})
