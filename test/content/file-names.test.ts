/**
 * Files as they really lie in a folder: in other encodings, under other names, beside what editors
 * leave there.
 */
import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadCourses, readCourses } from '../../src/content/courses.ts'
import { COURSE, DAILY, faultsOf, folder, lesson, load, settings, without } from './folder.ts'

const idsOf = async (files: Parameters<typeof load>[0]) => {
  const [series] = await load(files)
  return series?.kind === 'course' ? series.lessons.map(({ id }) => id) : []
}
const latin = (text: string) => Buffer.from(text, 'latin1')
const utf16 = (text: string) => Buffer.from(`\uFEFF${text}`, 'utf16le')

/** The faults of the course when one of its files has these bytes. */
async function faultsWith(name: string, bytes: Uint8Array) {
  await using courses = await folder(COURSE)
  await writeFile(join(courses.path, name), bytes)
  return (await readCourses(courses.path)).faults.map(
    ({ file, line, column, message }) => `${file}:${line}:${column} ${message}`,
  )
}

describe('a file in another encoding', () => {
  const wrong = lesson({ subject: 'Zwei' }, 'Lies.\nSchöne Grüße\n\n## Tu\n\n1. So.\n')

  it.each([
    [
      'Windows-1252',
      'c/02-two.md',
      latin(wrong),
      /^c\/02-two\.md:9:4 is not UTF-8: byte F6 .* UTF-8$/,
    ],
    [
      'UTF-16',
      'c/02-two.md',
      utf16(wrong),
      /^c\/02-two\.md:1:1 is UTF-16 and not UTF-8; .* UTF-8$/,
    ],
    [
      'UTF-16 without a mark',
      'c/02-two.md',
      Buffer.from(wrong, 'utf16le'),
      /^c\/02-two\.md:1:1 is UTF-16 and/,
    ],
    [
      'a letter cut in two',
      'c/02-two.md',
      Buffer.from(wrong).subarray(0, Buffer.from(wrong).indexOf('ö') + 1),
      /^c\/02-two\.md:9:4 is not UTF-8/,
    ],
    [
      'Latin-1 in course.yaml',
      'c/course.yaml',
      latin(settings({ title: 'Grüße' })),
      /^c\/course\.yaml:2:10 is/,
    ],
    [
      'a null character',
      'c/02-two.md',
      Buffer.from(`${wrong}\0`),
      /^c\/02-two\.md:14:1 contains a null/,
    ],
  ])('is refused: %s', async (_, name, bytes, told) => {
    expect((await faultsWith(name, bytes))[0]).toMatch(told)
  })

  it('is read when it is just UTF-8 with a byte order mark or old Mac line ends', async () => {
    expect(await faultsWith('c/02-two.md', Buffer.from(`\uFEFF${wrong}`))).toEqual([])
    expect(await faultsWith('c/02-two.md', Buffer.from(wrong.replaceAll('\n', '\r')))).toEqual([])
  })
})

describe('a file name', () => {
  it.each([
    ['c/03-three.MD', 'c/03-three.md'],
    ['c/03-three.markdown', 'c/03-three.md'],
    ['c/03-three.md.txt', 'c/03-three.md'],
    ['c/03-three.txt', 'c/03-three.md'],
    ['c/03-three.md ', 'c/03-three.md'],
    ['c/03-three', 'c/03-three.md'],
    ['c/03-three.docx', 'c/03-three.md'],
    ['c/03-three.md.md', 'c/03-three.md'],
    ['c/Course.yaml', 'c/course.yaml'],
    ['c/course.yml', 'c/course.yaml'],
    ['c/Welcome.md.txt', 'c/welcome.md'],
    ['d/02-february.Markdown', 'd/02-february.md'],
    ['d/march.mdown', 'd/march.md'],
  ])('that only looks like that of a text is reported: %s', async (name, right) => {
    const faults = await faultsOf({ ...COURSE, ...DAILY, [name]: lesson({ subject: 'Three' }) })
    const [, base = ''] = right.split('/')
    expect(faults).toEqual([
      `${name}:1 is ignored: course files have names like ${base}; rename it, or move it out of the folder`,
    ])
  })

  it('in capitals, in the middle of a course, cannot silently end it early', async () => {
    const files = without('c/02-two.md', { 'c/02-two.MD': lesson({ subject: 'Two' }) })
    expect(await faultsOf(files)).toHaveLength(1)
  })

  it('of an editor, a system or an author’s note is skipped', async () => {
    await using courses = await folder({
      ...COURSE,
      ...Object.fromEntries(
        [
          '#01-one.md#',
          '01-one.md~',
          '._01-one.md',
          '.DS_Store',
          'Thumbs.db',
          '.01-one.md.swp',
          'desktop.ini',
          '01-one.tmp',
          '01-one.md.tmp',
          '~$03-three.docx',
          '01-one.md.bak',
          'README.md',
          'readme.md',
          'README',
          'notes.txt',
          '01-a-cup.png',
          'welcome.jpg',
          '4913',
          'images/02-x.md',
        ].map((name) => [`c/${name}`, '\0\xff']),
      ),
    })
    await symlink('ada@host.4711:1', join(courses.path, 'c/.#01-one.md'))
    await mkdir(join(courses.path, 'c/audio'))
    expect(await loadCourses(courses.path)).toEqual(await load(COURSE))
  })

  it.each([
    ['1 to 12', 12, 1],
    ['01 to 101', 101, 2],
    ['001 to 100', 100, 3],
  ])('is ordered by its number: %s', async (_, count, width) => {
    const days = Array.from({ length: count }, (_, index) => index + 1)
    const files = Object.fromEntries(
      days.map((day) => [
        `c/${String(day).padStart(width, '0')}-x${day}.md`,
        lesson({ subject: `S${day}` }),
      ]),
    )
    const ids = await idsOf({ ...without('c/01-one.md', { 'c/02-two.md': null }), ...files })
    expect(ids).toEqual(days.map((day) => `x${day}`))
  })

  it('with the number of another is reported with both', async () => {
    const files = {
      ...COURSE,
      'c/2-zwei.md': lesson({ subject: 'Zwei' }),
      'c/3-drei.md': lesson({ subject: 'Drei' }),
    }
    expect(await faultsOf(files)).toEqual([
      'c/2-zwei.md:1 has number 2 where day 3 should come; number lessons from 01 without gaps; c/02-two.md already has it',
    ])
  })

  it('is ordered by its number in a daily, too', async () => {
    const [daily] = await load({
      ...DAILY,
      'd/10-october.md': '## Tenth\nText.\n',
      'd/2-february.md': '## Third\nText.\n',
    })
    expect(daily?.kind === 'daily' && daily.inspirations.map(({ title }) => title)).toEqual([
      'First',
      'Second',
      'Third',
      'Tenth',
    ])
  })

  it('is the same in composed and decomposed Unicode', async () => {
    const [nfc, nfd] = ['NFC', 'NFD'].map((form) => 'Café-und-Öl'.normalize(form))
    const named = (name = '', aliases = '[]') =>
      without('c/02-two.md', { [`c/02-${name}.md`]: lesson({ subject: 'Two', aliases }) })
    expect(await idsOf(named(nfd))).toEqual(await idsOf(named(nfc)))
    expect(await idsOf(named('two', `[${nfd}]`))).toEqual(['one', nfc])
    expect(
      await faultsOf({ ...named(nfc), [`c/02-${nfd}.md`]: lesson({ subject: 'Two' }) }),
    ).toEqual([expect.stringContaining('exists twice, in two Unicode spellings')])
  })
})
