/** Pictures and files beside the texts of a course. */
import { cp, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { digestOf, filesOf, readCourses, readFiles } from '../../src/content/courses.ts'
import { optimizePicture } from '../../src/content/pictures.ts'
import type { Course } from '../../src/domain/course.ts'
import { COURSE, type Files, folder, lesson, letter, settings } from './folder.ts'

const picture = (width: number, height: number, kind: 'png' | 'jpeg' = 'png') =>
  sharp({ create: { width, height, channels: 3, background: '#a3420e' } })
    .toFormat(kind)
    .toBuffer()

const withText = (text: string, more: Files = {}): Files => ({
  ...COURSE,
  'c/01-one.md': lesson({ subject: 'One' }, `${text}\n\n## A practice\n\n1. Do it.\n`),
  ...more,
})

async function readWith(files: Files, media: Readonly<Record<string, Buffer | string>>) {
  await using made = await folder(files)
  for (const [name, bytes] of Object.entries(media)) await writeFile(join(made.path, name), bytes)
  const { folders, faults } = await readCourses(made.path)
  const [found] = folders
  if (!found) throw new Error('there is no course')
  return {
    found,
    faults: faults.map(({ file, line, column, message }) => `${file}:${line}:${column} ${message}`),
    firstLesson: (found.series as Partial<Course> | null)?.lessons?.[0]?.html ?? '',
  }
}

describe('a picture beside a lesson', () => {
  it('has an address with a digest, and the size at which it is shown', async () => {
    const { firstLesson, faults } = await readWith(withText('![A spoon](spoon.png)'), {
      'c/spoon.png': await picture(1_200, 600),
    })
    expect(faults).toEqual([])
    expect(firstLesson).toMatch(
      /<img src="\/media\/[0-9a-f]{32}\/spoon\.png" width="536" height="268" alt="A spoon">/,
    )
  })

  it('is found by a name with spaces and accents, in a subfolder, and by a reference', async () => {
    const text = '![A](<the café.png>) ![B](in/b.png)\n![C][c]\n\n[c]: c.png'
    const small = await picture(20, 10)
    const { firstLesson, faults } = await readWith(withText(text, { 'c/in/x.txt': '' }), {
      'c/the café.png': small,
      'c/in/b.png': small,
      'c/c.png': small,
    })
    expect(faults).toEqual([])
    expect(firstLesson.match(/src="\/media\/\S+" width="20" height="10"/g)).toHaveLength(3)
  })

  it('may be in a letter, a daily or a description, whose code may quote its HTML', async () => {
    const files: Files = {
      'd/course.yaml': settings({
        kind: 'daily',
        description: '"![D](d.png) `<img src=\\"d.png\\"`"',
      }),
      'd/welcome.md': letter.replace('Hello.', '![D](d.png)'),
      'd/01-all.md': '## First\n![D](d.png)\n',
    }
    const { found, faults } = await readWith(files, { 'd/d.png': await picture(9, 9) })
    expect(faults).toEqual([])
    const { description, welcome, ...daily } = found.series ?? expect.fail('no series')
    const texts = [description, welcome.html, JSON.stringify(daily)]
    for (const text of texts) expect(text.match(/\/media\//g)).toHaveLength(1)
    expect(description).toContain('&lt;img src=&quot;d.png&quot;')
  })

  it('survives being stored by its description, and makes a new version when it changes', async () => {
    const files = withText('![A spoon](spoon.png) and [a sheet](sheet.pdf)')
    const sheet = '%PDF-1.4'
    const before = await readWith(files, {
      'c/spoon.png': await picture(8, 8),
      'c/sheet.pdf': sheet,
    })
    const kept = readFiles('c', filesOf(before.found))
    expect(kept.series).toEqual(before.found.series)
    expect(digestOf(kept)).toBe(digestOf(before.found))
    const after = await readWith(files, {
      'c/spoon.png': await picture(9, 9),
      'c/sheet.pdf': sheet,
    })
    expect(digestOf(after.found)).not.toBe(digestOf(before.found))
  })
})

describe('what cannot be sent is a finding at its place', () => {
  it.each([
    ['![A](none.png)', /none\.png is not in the folder; put it beside the text/],
    ['![A](Spoon.PNG)', /Spoon\.PNG is not in the folder, but spoon\.png is; use that name/],
    ['![A](../../secret.png)', /is outside the folder/],
    ['![A](old.bmp)', /old\.bmp cannot be sent; use one of these: jpg, /],
    ['![A](sheet.pdf)', /sheet\.pdf is not a picture; link to it without the !/],
    ['![A](wrong.png)', /wrong\.png is really a jpg file/],
    ['![A](broken.png)', /broken\.png cannot be read: /],
    ['[the sheet](gone.pdf)', /gone\.pdf is not in the folder/],
    ['![A](huge.gif)', /huge\.gif is larger than 20 MB/],
    ['[A](huge.zip)', /huge\.zip is larger than 10 MB/],
  ])('%s', async (text, message) => {
    const { faults } = await readWith(withText(`Look: ${text}`), {
      'c/spoon.png': await picture(8, 8),
      'c/sheet.pdf': '%PDF-1.4',
      'c/wrong.png': await picture(8, 8, 'jpeg'),
      'c/broken.png': 'no picture',
      'c/huge.gif': Buffer.alloc(20_000_001),
      'c/huge.zip': Buffer.alloc(10_000_001),
      'secret.png': await picture(8, 8),
    })
    expect(faults).toEqual([expect.stringMatching(message)])
    expect(faults[0]).toMatch(/^c\/01-one\.md:8:7 /)
  })

  it('but pages, other sites, fragments and email addresses are left to other rules', async () => {
    const text = '[a](02-two.md) ![b](https://a.example/b.png) [c](#c) [d](mailto:d@a.example)'
    const { faults, found } = await readWith(withText(text), {})
    expect([faults, found.media]).toEqual([[], []])
  })
})

describe('a picture is served', () => {
  it('upright, at most twice as wide as shown, and without camera metadata', async () => {
    const taken = await sharp(await picture(4_000, 3_000, 'jpeg'))
      .withExif({ IFD0: { Copyright: 'a secret place' } })
      .withMetadata({ orientation: 6 })
      .jpeg()
      .toBuffer()
    const { width, height, exif, orientation } = await sharp(
      await optimizePicture(taken, 'image/jpeg'),
    ).metadata()
    expect([width, height, exif, orientation]).toEqual([1_072, 1_429, undefined, undefined])
    const { firstLesson } = await readWith(withText('![A](a.jpg)'), { 'c/a.jpg': taken })
    expect(firstLesson).toContain('width="536" height="715"')
  })

  it('as it is when there is nothing to do', async () => {
    for (const [type, bytes] of [
      ['image/png', await picture(1_072, 10)],
      ['image/jpeg', await picture(1_072, 10, 'jpeg')],
      ['image/gif', Buffer.from('anything')],
    ] as const)
      expect(await optimizePicture(bytes, type)).toBe(bytes)
  })
})

it('pictures that no text shows are not read', async () => {
  await using made = await folder(COURSE)
  await cp(new URL('.', import.meta.url).pathname, join(made.path, 'c', 'notes'), {
    recursive: true,
  })
  await writeFile(join(made.path, 'c', 'unused.png'), 'no picture')
  const { faults, folders } = await readCourses(made.path)
  expect([faults, folders[0]?.media]).toEqual([[], []])
})
