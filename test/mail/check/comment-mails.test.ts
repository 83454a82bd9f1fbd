/** The mails about comments, in a site's own layouts. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { checkCommentMails } from '../../../src/mail/check/comment-mails.ts'
import { loadTemplates } from '../../../src/mail/render/templates.ts'
import { TEMPLATES } from '../make.ts'

let own: string
beforeAll(async () => {
  own = await mkdtemp(join(tmpdir(), 'dawnpost-layouts-'))
})
afterAll(() => rm(own, { recursive: true }))

it.each(['en', 'de', 'ar', 'ja'])('our layouts have no findings in %s', async (language) => {
  expect(await checkCommentMails(await loadTemplates(TEMPLATES), language)).toEqual([])
})

it.each([
  ['that cannot be made', 'answers.mjml', '{{nowhere}}', ['answers.mjml unmailable']],
  [
    'whose page says nothing of comments',
    'moderation.mjml',
    '{{#> layout}}{{> heading}}{{/layout}}',
    ['lost-link', 'lost-text'].map((rule) => `moderation.mjml ${rule}`),
  ],
  [
    'whose text part has only comments',
    'answers.txt',
    '{{lead}}\n{{comments}}\n{{leave}}',
    ['answers.mjml no-postal-address'],
  ],
])('a layout %s is reported', async (_, name, text, expected) => {
  await writeFile(join(own, name), text)
  const found = await checkCommentMails(await loadTemplates([TEMPLATES, own]), 'en')
  await rm(join(own, name))
  const told = found.map(({ file, rule }) => `${file.replace('../templates/mail/', '')} ${rule}`)
  expect([...new Set(told)].sort()).toEqual(expected)
})
