/**
 * A reader who finds an article joins the course from it, comes back to comment, is published, gets
 * a mail about an answer, and is erased on request.
 */
import type { Page } from 'playwright-core'
import PostalMime from 'postal-mime'
import { describe, expect, it } from 'vitest'
import { BUILT_IN_SITE } from '../../src/platform/site-folder.ts'
import { browseSite, overflowOf, pageFor, READERS, shot, violationsOf } from '../support/browser.ts'
import { siteWith, trusted, write } from '../support/comments.ts'
import { newestToken } from '../support/members.ts'
import { until } from '../support/wait.ts'

const SLUG = 'the-second-hurt'
const MODERATOR = 'moderator@example.com'
const { browser, site } = await browseSite({
  site: siteWith({ moderators: [MODERATOR] }),
  articlesDir: BUILT_IN_SITE.articles,
  // Otherwise the planner would put the answers into the lesson of that morning.
  env: { ONE_MAIL_HOURS: '0' },
})
await site.app.author.articles.begin()
const PATH = `${site.url}/articles/${SLUG}`

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })
const heading = (page: Page, name: string) => page.getByRole('heading', { name }).waitFor()
const later = () => site.clock.set(site.app.now().add({ seconds: 30 }))

/** A link in the newest mail with this subject; waits for the mail. */
async function linkIn(subject: string, pattern: RegExp): Promise<string> {
  let found = ''
  await until(`a mail "${subject}"`, async () => {
    const row = await site.db
      .selectFrom('outbox')
      .select('raw')
      .where('subject', 'like', subject)
      .orderBy('id', 'desc')
      .executeTakeFirst()
    const { text = '' } = await PostalMime.parse(row?.raw ?? '')
    found = pattern.exec(text)?.[0] ?? ''
    return found !== ''
  })
  return found
}

/** Moves to an hour at which mails about comments are sent. */
async function tomorrow() {
  const day = site.app.now().toZonedDateTimeISO('UTC').toPlainDate().add({ days: 1 })
  site.clock.set(day.toZonedDateTime({ timeZone: 'UTC', plainTime: '10:00' }).toInstant())
  await site.app.comments.mail()
}

describe.each(READERS)('from an article, with scripts: $script, at $width', (reader) => {
  it('a reader enrolls, comments, gets an answer, and is erased', async () => {
    const email = `ida${reader.width}@example.com`
    // A text that was posted before would wait for a moderator.
    const [name, answer] = reader.script
      ? (['Ida', 'And with me, the ice cream.'] as const)
      : (['Ida Zwei', 'I would have sat there, too.'] as const)
    const { context, page, errors } = await pageFor(browser, reader)
    await using _ = context
    const look = async (step: string) => {
      await shot(page, `article-journey-${step}-${reader.width}`)
      expect(await overflowOf(page), step).toBe(0)
      if (reader.script) expect(await violationsOf(page), step).toEqual([])
    }

    await page.goto(PATH)
    await look('article')
    later()
    const form = page.locator('section.invitation')
    await form.getByLabel('Email address').fill(email)
    await form.getByLabel('Time zone').selectOption('Europe/Berlin')
    await form.getByRole('button', { name: 'Send confirmation email' }).click()
    await heading(page, 'Check your inbox')
    await page.goto(await linkIn('%onfirm%', /http:\S+\/confirm\/[\w.-]+/))
    await button(page, 'Yes, confirm').click()
    await heading(page, 'Thank you. You’re enrolled')

    await page.goto(PATH)
    await page.getByRole('link', { name: 'Sign in', exact: true }).click()
    await page.getByLabel('Email address').fill(email)
    later()
    await button(page, 'Send me a link').click()
    await heading(page, 'Check your inbox')
    await site.app.sender.processRequests()
    await page.goto(`${site.url}/sign-in/${await newestToken(site, email)}`)
    await button(page, 'Sign in').click()
    await page.getByLabel('Display name').fill(name)
    await button(page, 'Save name').click()
    await page.waitForURL(`**/articles/${SLUG}*`)

    later()
    await page
      .getByLabel('Comment', { exact: true })
      .fill(`The bench is what stayed with me. ${name}`)
    await page.getByLabel('Email me when somebody answers').check()
    await button(page, 'Send').click()
    await page.getByText('It waits for a moderator.').waitFor()
    await look('waits')
    await tomorrow()
    await page.goto(await linkIn('1 comment waits for you', /http:\S+\/approve\b/))
    await button(page, 'Publish').click()
    await heading(page, 'This comment is published.')

    const bob = await trusted(site, `Bob ${reader.width}`, `bob${reader.width}@example.com`)
    const all = await site.app.comments.list({ article: SLUG, limit: 10 })
    const mine = all.find(({ text }) => text.startsWith('The bench'))
    await write(site, bob, answer, { parent: mine?.id ?? '', article: SLUG })
    await tomorrow()
    await page.goto(await linkIn('%answer to your comments', /http:\S+\/articles\/[^\s"<]+/))
    await page.getByText(answer).waitFor()
    await look('answered')

    const { subscriber } = await someone(email)
    const told = JSON.stringify(await site.app.reader.exportData(subscriber))
    expect(told).toContain('The bench is what stayed with me.')
    await site.app.reader.erase(subscriber)
    await page.goto(PATH)
    await page.getByText(answer).waitFor()
    expect(await page.getByText('The bench is what stayed with me.').count()).toBe(0)
    expect(await page.getByText('Deleted', { exact: true }).count()).toBe(
      READERS.indexOf(reader) + 1,
    )
    await page.getByRole('link', { name: 'Sign in', exact: true }).waitFor()
    await look('erased')
    expect(errors).toEqual([])
  })
})

async function someone(email: string) {
  const one = await site.app.operator.subscriberByKey(email)
  if (!one) throw new Error(`${email} is not stored`)
  return { subscriber: one.id }
}
