/**
 * A course's own questions, without scripts on a phone and with scripts on a wide screen.
 */
import { afterAll, expect, it } from 'vitest'
import { COURSE, folder, settings } from '../content/folder.ts'
import { CONSENT } from '../support/app.ts'
import { browseSite, overflowOf, pageFor, READERS, shot, violationsOf } from '../support/browser.ts'

const LONG =
  'Which of all the many things that you could be doing with your mornings would you miss?'
const courses = await folder({
  ...COURSE,
  'c/course.yaml': `${settings()}fields:\n  goal:\n    label: ${LONG}\n    required: true\n  level:\n    label: How far are you?\n    required: true\n    type: choice\n    choices: [just beginning, "${LONG.slice(0, 78)}"]\n  notes:\n    label: Send me notes\n    type: yes/no\n`,
})
const { browser, site } = await browseSite({ coursesDir: courses.path })
afterAll(() => courses[Symbol.asyncDispose]())

it.each(READERS)('questions are asked on the form and can be changed: %j', async (reader) => {
  const { page, errors } = await pageFor(browser, reader)
  const seen = async (name: string) => {
    await shot(page, `own-fields-${name}-${reader.width}`)
    expect(await overflowOf(page)).toBe(0)
    // axe-core is a script itself.
    if (reader.script) expect(await violationsOf(page)).toEqual([])
  }
  const email = `reader${reader.width}@example.com`
  await page.goto(`${site.url}/courses/c`)
  await page.getByLabel('Email address').fill(email)
  await page.getByLabel('Time zone').selectOption('Europe/Berlin')
  await page.getByLabel(LONG).fill('reading')
  await page.getByLabel('Send me notes').check()
  site.clock.set(site.app.now().add({ seconds: 20 }))
  await page.getByRole('button', { name: 'Send confirmation email' }).click()
  await page.getByRole('link', { name: 'How far are you', exact: true }).click()
  await seen('form')
  expect(await page.getByLabel(LONG).inputValue()).toBe('reading')
  await page.getByLabel('How far are you?').selectOption('just beginning')
  await page.getByRole('button', { name: 'Send confirmation email' }).click()
  await page.getByText('Check your inbox').first().waitFor()
  await site.app.sender.processRequests()
  const person = await site.app.operator.subscriberByKey(email)
  const [enrollment] = await site.app.reader.confirm(person?.id ?? '', CONSENT)
  const token = site.app.links.token('preferences', enrollment?.id ?? '', site.app.now())
  await page.goto(`${site.url}/preferences/${token}`)
  await page.getByText('Change your answers').click()
  expect(await page.getByLabel('Send me notes').isChecked()).toBe(true)
  await page.getByLabel(LONG).fill('see evil.example')
  await page.getByRole('button', { name: 'Save answers' }).click()
  await page.getByText('Leave web addresses out').waitFor()
  await seen('preferences')
  await page.getByLabel(LONG).fill('walking')
  await page.getByRole('button', { name: 'Save answers' }).click()
  await page.getByText('Saved.').waitFor()
  expect(errors.filter((error) => !error.includes('422'))).toEqual([])
})
