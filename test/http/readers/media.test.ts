/** A lesson's picture: in its mail, on every web process, and after its course has changed. */
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import { expect, it } from 'vitest'
import { folder, lesson, letter, settings } from '../../content/folder.ts'
import { enrolled } from '../../support/app.ts'
import { testWeb } from '../../support/web.ts'

const files = {
  'c/course.yaml': settings(),
  'c/welcome.md': letter,
  'c/completion.md': letter,
  'c/01-one.md': lesson(
    { subject: 'One' },
    '![A spoon](spoon.png)\n\n[the sheet](sheet.zip)\n\n## A practice\n\n1. Do it.\n',
  ),
}

it('a lesson’s picture is sent, and served by every process even after its file is gone', async () => {
  await using courses = await folder(files)
  const bytes = await sharp({ create: { width: 40, height: 30, channels: 3, background: '#fff' } })
    .png()
    .toBuffer()
  await writeFile(join(courses.path, 'c/spoon.png'), bytes)
  await writeFile(join(courses.path, 'c/sheet.zip'), 'a sheet')
  await using web = await testWeb({ coursesDir: courses.path })
  await enrolled(web, { email: 'ada@example.com', series: ['c'] })
  web.clock.set('2027-03-20T06:00:00Z')
  await web.settle()
  // Its welcome leaves at the same time.
  const caught = (await web.app.author.sandbox?.list(9)) ?? []
  const mail = caught.find(({ subject }) => subject === 'One')
  const raw = await web.app.author.sandbox?.one(mail?.id ?? '')
  const html = String(raw?.raw).replaceAll('=\r\n', '').replaceAll('=3D', '=')
  const [, address = ''] = /<img src="(\S+spoon\.png)" width="40" height="30"/.exec(html) ?? []
  expect(address).toMatch(/^https:\/\/courses\.example\/media\//)
  const [, link = ''] = /<a href="(\S+sheet\.zip)"/.exec(html) ?? []

  const answer = await web.get(address)
  expect(Buffer.from(await answer.arrayBuffer())).toEqual(bytes)
  expect(Object.fromEntries(answer.headers)).toMatchObject({
    'content-type': 'image/png',
    'cache-control': 'public, max-age=31536000, immutable',
    'cross-origin-resource-policy': 'cross-origin',
    'content-disposition': 'inline',
    'content-security-policy': "default-src 'none'; sandbox",
  })
  const again = await web.get(address, { 'If-None-Match': answer.headers.get('etag') ?? '' })
  expect([again.status, (await again.arrayBuffer()).byteLength]).toEqual([304, 0])
  expect((await web.head(address)).status).toBe(200)
  expect((await web.get(link)).headers.get('content-disposition')).toBe('attachment')
  expect((await web.get(`/media/${'0'.repeat(32)}/a.png`)).status).toBe(404)

  await writeFile(join(courses.path, 'c/01-one.md'), lesson({ subject: 'One, without' }))
  await rm(join(courses.path, 'c/spoon.png'))
  for (let looks = 0; looks < 2; looks++) await web.app.author.courses.follow()
  await using other = await testWeb({
    coursesDir: courses.path,
    env: { DATABASE_URL: web.app.databaseUrl },
  })
  expect(Buffer.from(await (await other.get(address)).arrayBuffer())).toEqual(bytes)
})
