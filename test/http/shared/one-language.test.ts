/**
 * What the program says around a course in a language it does not speak is English, and so are
 * the dates and times in it.
 */
import { expect, it } from 'vitest'
import { folder, withSettings } from '../../content/folder.ts'
import { ask, CONSENT } from '../../support/app.ts'
import { openMailbox } from '../../support/mailbox.ts'
import { textOf } from '../../support/page.ts'
import { testWeb } from '../../support/web.ts'

it('a page and a mail have one language, and one way to tell the time', async () => {
  await using courses = await folder(withSettings({ language: 'eo' }))
  await using mailbox = await openMailbox()
  await using web = await testWeb({ coursesDir: courses.path, env: { SMTP_URL: mailbox.url } })
  const { id } = await ask(web, { series: ['c'] })
  const link = (purpose: 'confirm' | 'preferences', of: string) =>
    `/${purpose}/${web.app.links.token(purpose, of, web.app.now())}`
  const [first] = await web.app.reader.confirm(id, CONSENT)
  await web.settle()
  const page = async (path: string) => textOf(await (await web.get(path)).text())
  expect(await page(link('confirm', id))).toContain(
    'arrives on Saturday, March 20, at 07:00 (Europe/Berlin).',
  )
  expect(await page(link('preferences', first?.id ?? ''))).toContain('Saturday, March 20, at 07:00')
  const welcome = mailbox.received.find(({ mail }) => mail.text?.includes('YOUR FIRST LESSON'))
  expect(welcome?.mail.text).toContain('Saturday, March 20, at 07:00 (Europe/Berlin)')
  expect(welcome?.mail.text).toMatch(/enrolled in A title at .* on March 19, 2027\./)
})
