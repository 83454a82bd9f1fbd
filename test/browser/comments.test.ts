/** Comments as people write and read them, and as attackers try to abuse them. */
import { sql } from 'kysely'
import PostalMime from 'postal-mime'
import { afterAll, describe, expect, it } from 'vitest'
import { readCommentText } from '../../src/domain/comment-text.ts'
import { members } from '../../src/store/index.ts'
import { folder } from '../content/folder.ts'
import { enrolled } from '../support/app.ts'
import { article } from '../support/articles.ts'
import { browseSite, overflowOf, pageFor, READERS, shot, violationsOf } from '../support/browser.ts'
import { memberNamed, SLUG, sessionFor, siteWith, trusted, write } from '../support/comments.ts'
import { ALLOWED, HOSTILE } from '../support/hostile-comments.ts'

const NAMES = ['<img src=x onerror=pwned()>', '"><script>pwned()</script>', '{{html}}', '\u202Eeve']

const articles = await folder({ [`${SLUG}.md`]: article({ title: 'A quiet hour' }) })
const { browser, site } = await browseSite({
  site: siteWith({ moderators: ['mod@example.com'] }),
  articlesDir: articles.path,
})
await site.app.author.articles.begin()
afterAll(() => articles[Symbol.asyncDispose]())
const PATH = `${site.url}/articles/${SLUG}`

it.each(READERS)('comments are written, changed, answered and deleted: %j', async (reader) => {
  await sql`delete from comments`.execute(site.db)
  const { subscriber } = await enrolled(site, { email: `juno${reader.width}@example.com` })
  await members.join(site.db, subscriber.id, site.app.now())
  const bob = await trusted(site, 'Bob')
  const asks = await write(
    site,
    bob,
    'What helps you\nin the *first* hour?\n\n> A quote\n\n- one\n- two',
  )
  const { context, page, errors } = await pageFor(browser, reader)
  const seen = async (name: string) => {
    await shot(page, `comments-${name}-${reader.width}`)
    expect(await overflowOf(page)).toBe(0)
    if (reader.script) expect(await violationsOf(page)).toEqual([])
  }
  const later = () => site.clock.set(site.app.now().add({ seconds: 20 }))
  await page.goto(PATH)
  await page.getByRole('link', { name: 'Sign in', exact: true }).waitFor()
  await seen('stranger')
  const value = await sessionFor(site, subscriber)
  await context.addCookies([{ name: 'dawnpost', value, url: site.url }])
  await page.goto(PATH)
  later()
  const name = `Juno ${reader.width === 360 ? 'North' : 'South'}`
  await page.getByLabel('Name', { exact: true }).fill('1')
  await page.getByLabel('Comment', { exact: true }).fill('A cup of tea, by the window.')
  await page.getByRole('button', { name: 'Send', exact: true }).click()
  await page.getByText('Use 2 to 40 characters.').waitFor()
  await seen('given-back')
  await page.getByLabel('Name', { exact: true }).fill(name)
  await page.getByRole('button', { name: 'Send', exact: true }).click()
  await page.getByText('It waits for a moderator.').waitFor()
  await seen('waits')
  const [first] = await site.app.comments.list({ waiting: true, limit: 1 })
  await site.app.comments.decide({ id: first?.id ?? '', decision: 'approve', by: 'command line' })
  await page.goto(`${PATH}?comment=${asks.id}#comment-${asks.id}`)
  await page.getByRole('link', { name: 'Answer Bob' }).click()
  await page.getByRole('heading', { name: 'Answer Bob' }).waitFor()
  later()
  await page.getByLabel('Comment', { exact: true }).fill('Looking out.')
  await page.getByLabel('Email me when somebody answers').check()
  await seen('answering')
  await page.getByRole('button', { name: 'Send', exact: true }).click()
  await page.locator('.comment.answer', { hasText: 'Looking out.' }).waitFor()
  await page.locator('.comment.answer').getByRole('link', { name: 'Change' }).click()
  await page.getByLabel('Comment', { exact: true }).fill('Looking out, slowly.')
  await seen('changing')
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await page.getByText('Looking out, slowly.').waitFor()
  await seen('threads')
  const mine = page.locator('.comment', { hasText: 'Looking out, slowly.' })
  await mine.getByText('Delete', { exact: true }).click()
  await mine.getByRole('button', { name: 'Delete this comment for good' }).click()
  await page.getByText('2 comments').waitFor()
  expect(await page.getByText('Looking out').count()).toBe(0)
  await page.goto(`${site.url}/member`)
  expect(await page.getByLabel('Email me when somebody answers me').isChecked()).toBe(true)
  await seen('member')
  expect(errors.filter((error) => !error.includes('422'))).toEqual([])
})

it.each(READERS)('comments are approved by the link in a mail: %j', async (reader) => {
  await sql`delete from comments`.execute(site.db)
  await sql`delete from comment_mails`.execute(site.db)
  const text = 'Look at https://a.example/<b>\n\n*now*'
  const { id } = await write(site, await memberNamed(site, 'Eve'), text)
  const on = site.app.now().toZonedDateTimeISO('UTC').toPlainDate().add({ days: 1 })
  site.clock.set(on.toZonedDateTime({ timeZone: 'UTC', plainTime: '08:00' }).toInstant())
  await site.app.comments.mail()
  const { context, page, errors } = await pageFor(browser, reader)
  await page.goto(`${site.url}/outbox`)
  await page
    .getByRole('link', { name: /1 comment waits for you/ })
    .first()
    .click()
  await page
    .frameLocator('iframe')
    .getByRole('link', { name: 'Block its author' })
    .first()
    .waitFor()
  await shot(page, `comments-mail-${reader.width}`)
  const raw = await site.db
    .selectFrom('outbox')
    .select('raw')
    .where('subject', '=', '1 comment waits for you')
    .orderBy('id', 'desc')
    .executeTakeFirst()
  const mail = await PostalMime.parse(raw?.raw ?? '')
  const [href = ''] = /http:\S+\/approve\b/.exec(mail.text ?? '') ?? []
  await page.goto(href)
  await page.getByRole('heading', { name: 'Publish this comment?' }).waitFor()
  await shot(page, `comments-decide-${reader.width}`)
  expect(await overflowOf(page)).toBe(0)
  if (reader.script) expect(await violationsOf(page)).toEqual([])
  await page.getByRole('button', { name: 'Publish' }).click()
  await page.getByRole('heading', { name: 'This comment is published.' }).waitFor()
  expect(await site.app.comments.inspectComment(id)).toMatchObject({
    comment: { status: 'published' },
  })
  expect(errors).toEqual([])
  await context.close()
})

describe('hostile comments', () => {
  it('run no script, add no element that is not allowed, and request nothing from other sites', async () => {
    await sql`delete from comments`.execute(site.db)
    const authors = await Promise.all(
      NAMES.map((name, index) => memberNamed(site, name, `n${index}@example.com`)),
    )
    const texts = HOSTILE.flatMap((entered) => {
      const read = readCommentText(entered)
      return 'text' in read ? [read.text] : []
    })
    expect(texts.length).toBeGreaterThan(100)
    await sql`
      insert into comments (id, article, subscriber_id, text, status, created_at)
      select gen_random_uuid(), ${SLUG}, (${authors.map(({ id }) => id)}::uuid[])[1 + n % 4], text,
        'published', ${String(site.app.now())}::timestamptz + n * interval '1 second'
      from unnest(${texts}::text[]) with ordinality as t (text, n)`.execute(site.db)
    // Without the Content-Security-Policy, which would stop most of it anyway.
    const context = await browser.newContext({ bypassCSP: true })
    const page = await context.newPage()
    const asked: string[] = []
    page.on('request', (request) => asked.push(request.url()))
    page.on('dialog', (dialog) => dialog.dismiss())
    await page.addInitScript('window.pwned = () => { window.isPwned = true }')
    for (let number = 1; number <= Math.ceil(texts.length / 50); number++) {
      await page.goto(`${PATH}?comments=${number}`)
      const links = page.locator('.comment .prose a')
      for (const link of await links.all()) await link.hover()
      expect(await page.evaluate('window.isPwned === true')).toBe(false)
      const found = await page
        .locator('.comment .prose *')
        .evaluateAll((elements) =>
          elements.map((element) => [element.localName, ...element.getAttributeNames()]),
        )
      expect(found.length).toBeGreaterThan(20)
      for (const [name = '', ...attributes] of found)
        expect(ALLOWED[name], `${name} ${attributes}`).toEqual(expect.arrayContaining(attributes))
      const around = await page
        .locator('.comment :not(.prose *)')
        .evaluateAll((elements) => [...new Set(elements.map(({ localName }) => localName))])
      expect(around.toSorted()).toEqual(
        ['bdi', 'div', 'p', 'span', 'strong', 'time'].filter((name) => around.includes(name)),
      )
      expect(await page.locator('.comment').count()).toBe(
        Math.min(50, texts.length - 50 * (number - 1)),
      )
    }
    expect(asked.filter((url) => !url.startsWith(site.url))).toEqual([])
    await shot(page, 'comments-hostile')
    await context.close()
  })
})
