/**
 * A course imported from mails that were kept elsewhere: it loads, and the check lists what only
 * its author can write.
 */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { checkFolder } from '../../src/app/checker.ts'
import { loadCourses } from '../../src/content/courses.ts'
import type { Course } from '../../src/domain/course.ts'
import { command, isPlain, type Said } from '../support/program.ts'

const FIXTURES = fileURLToPath(new URL('../fixtures/import/', import.meta.url))

let root: string
let courses: string
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'dawnpost-from-'))
  courses = join(root, 'courses')
})
afterEach(() => rm(root, { recursive: true }))

const bring = (from: string, slug = 'mornings') =>
  command(['new', 'course', slug, '--from', from, '--courses', courses])

/** Imports files with these contents. */
async function bringFiles(files: Readonly<Record<string, string | Uint8Array>>) {
  const from = join(root, 'mails')
  await mkdir(from)
  for (const [name, text] of Object.entries(files)) await writeFile(join(from, name), text)
  return await bring(from)
}

async function bringCsv(text: string) {
  const file = join(root, 'sequence.csv')
  await writeFile(file, text)
  return await bring(file)
}

const lessons = async () => ((await loadCourses(courses)) as Course[])[0]?.lessons ?? []
const read = (file: string) => readFile(join(courses, 'mornings', file), 'utf8')
const errors = async () =>
  (await checkFolder({ courses })).findings.filter(({ severity }) => severity === 'error')

describe('three HTML mails', () => {
  it('become a course that loads, whose only errors are the parts left to write', async () => {
    const { code, stdout, stderr } = await bring(join(FIXTURES, 'mails'))
    expect([code, stderr]).toEqual([0, ''])
    expect((await lessons()).map(({ id }) => id)).toEqual([
      'a-window-in-the-morning',
      'friend-a-cup',
      'stairs',
    ])
    const found = await errors()
    expect(new Set(found.map(({ rule }) => rule))).toEqual(new Set(['unfinished']))
    expect(stdout).toContain(`${found.length} errors`)
    expect(found.map(({ file }) => file.replace(/.*\//, ''))).toEqual([
      '01-a-window-in-the-morning.md',
      '02-friend-a-cup.md',
      '02-friend-a-cup.md',
      'course.yaml',
    ])
    expect(await readdir(courses)).toEqual(['mornings'])
  })

  it('pass the check once these parts are written', async () => {
    await bring(join(FIXTURES, 'mails'))
    for (const name of await readdir(join(courses, 'mornings'))) {
      const text = await read(name)
      const written = text.replace(/TODO: ?(.*)/g, (_, what: string) => `About ${name}, ${what}`)
      await writeFile(join(courses, 'mornings', name), written.replaceAll(/\.(md|yaml), /g, ', '))
    }
    expect(await errors()).toEqual([])
  })

  it('keep their words and links, and lose what is not text', async () => {
    const { stdout } = await bring(join(FIXTURES, 'mails'))
    const [window, cup, stairs] = await Promise.all(
      ['01-a-window-in-the-morning.md', '02-friend-a-cup.md', '03-stairs.md'].map(read),
    )
    expect(window).toContain('preheader: A window, and what passes by it.\n')
    expect(window).toContain('\nHi{{#if firstName}} {{firstName}}{{/if}},\n')
    expect(window).toContain(
      'window & stay **two minutes**. Then read [the page about glass](https://pages.example/glass?a=1&b=2)',
    )
    expect(window).toContain('It is nothing to fear.')
    expect(window).toContain('and \\<b> is a letter')
    expect(window).toContain('\n## Why a window\n')
    expect(window).toMatch(/\n## Two minutes of glass\n\n1\. +Sit down\./)
    expect(window).not.toMatch(/alert|color: red|track\.example|nsubscribe|Pixels/)
    expect(cup).toContain('subject: "{{#if firstName}}{{firstName}}{{else}}Friend{{/if}}, a cup"')
    expect(cup).not.toContain('preheader')
    expect(cup).toContain('Your code is TODO: {coupon}.')
    expect(stairs).toContain('\n{{#if firstName}}{{firstName}}, {{/if}}the stairs')
    for (const told of [
      'notes.txt was skipped',
      'javascript:alert(1)',
      '{{ coupon }}',
      'Unsubscribe',
      'images/cup.png',
      'for tracking',
    ])
      expect(stdout).toContain(told)
  })
})

describe('Markdown mails', () => {
  it('take their subject from front matter, a heading, or the file name', async () => {
    await bringFiles({
      '2-two.md':
        '# Two cups\n\nHere are *two* cups. And {{ contact.first_name | default: "friend" }}.\n',
      '10_look-around.md': 'Look around you now.\n',
      '1.md':
        '---\ntitle: One\npreheader: A line\ntags: [a]\n---\n---\n\nHello there, you.\n\n## Do it\n\n1. So.\n',
    })
    expect((await lessons()).map(({ subject, practice }) => [subject, practice])).toEqual([
      ['One', null],
      ['Two cups', null],
      ['Look around', null],
    ])
    expect(await read('01-one.md')).toContain('\nHello there, you.\n\n## Do it\n\n1.  So.\n')
    expect(await read('01-one.md')).toContain('preheader: A line\n')
    expect(await read('02-two-cups.md')).toContain(
      '\nHere are *two* cups. And {{#if firstName}}{{firstName}}{{else}}friend{{/if}}.\n',
    )
  })

  it.each([
    ['*|FNAME|*'],
    ['{{first_name}}'],
    ['{{ subscriber.first_name }}'],
    ['%FIRSTNAME%'],
    ['[[firstname]]'],
  ])('get our placeholder for %s', async (placeholder) => {
    await bringFiles({ 'a.md': `Good day, ${placeholder}, and welcome to it.\n` })
    expect(await read('01-a.md')).toContain(
      '\nGood day{{#if firstName}}, {{firstName}}{{/if}}, and welcome to it.\n',
    )
  })

  it('with long or repeated subjects get short, distinct ones, which is reported', async () => {
    const long = 'A subject that goes on for much longer than any mailbox would ever show of it'
    const { stdout } = await bringFiles({
      'a.md': `# ${long}\n\nSo it is.\n`,
      'b.md': `# ${long}\n\nOr not.\n`,
    })
    const subjects = (await lessons()).map(({ subject }) => subject)
    expect(subjects[0]).toMatch(/^A subject .*…$/)
    expect(subjects[1]).toMatch(/… \(2\)$/)
    for (const subject of subjects) expect(subject.length).toBeLessThanOrEqual(70)
    expect(stdout).toContain(`"${long}"`)
  })
})

describe('a CSV', () => {
  it('is read with quotes, line breaks, semicolons and a byte order mark, ordered by day', async () => {
    const { code, stdout } = await bring(join(FIXTURES, 'sequence.csv'))
    expect(code).toBe(0)
    expect((await lessons()).map(({ subject }) => subject)).toEqual([
      'The first',
      'The second',
      'The second (2)',
    ])
    expect(await read('02-the-second.md')).toContain(
      '\nSecond text; with a line break and "quotes".\n',
    )
    for (const told of [
      'column tag',
      'line 5 was skipped: "soon"',
      'line 6 was skipped',
      'line 8 was skipped',
      'days 3 to 4',
    ])
      expect(stdout).toContain(told)
  })

  it('with a repeated day is renumbered', async () => {
    const { stdout } = await bringCsv(
      'day,subject,body\n1,One,First text here.\n1,Two,Second text here.\n',
    )
    expect(await lessons()).toHaveLength(2)
    expect(stdout).toContain('repeated days were renumbered: 1')
  })
})

describe('nothing is written', () => {
  const refused = async ({ code, stdout, stderr }: Said, why: RegExp) => {
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toMatch(why)
    expect(stderr.trim().split('\n')).toHaveLength(1)
    expect(isPlain(stderr)).toBe(true)
    expect(await readdir(root)).not.toContain('courses')
  }

  it.each<[what: string, files: Record<string, string | Uint8Array>, why: RegExp]>([
    ['an empty folder', {}, /contains no mail/],
    ['a folder of other files', { 'a.txt': 'So.' }, /contains no mail/],
    [
      'mails without a text',
      { 'a.html': '<img src="x" width="1"><style>p{}</style>' },
      /contains no mail/,
    ],
    [
      'a mail that is not UTF-8',
      { 'a.md': new Uint8Array([0x47, 0x72, 0xfc, 0xdf, 0x65]) },
      /a\.md is not UTF-8/,
    ],
    ['a huge mail', { 'a.md': 'x'.repeat(1_100_000) }, /a\.md has 2 MB/],
    ['elements without end', { 'a.html': '<div>'.repeat(100_000) }, /a\.html has 100000 HTML tags/],
    [
      'elements within each other',
      { 'a.html': `${'<div>'.repeat(9_000)}So` },
      /a\.html has too many nested elements/,
    ],
  ])('of %s', async (_, files, why) => refused(await bringFiles(files), why))

  it.each([
    ['a table without its columns', 'day,title\n1,One\n', /no column body/],
    [
      'a quote that does not end',
      'day,subject,body\n1,One,"So\n',
      /is not a valid CSV file: .*line/,
    ],
    ['no usable row', 'day,subject,body\nx,One,So\n', /contains no mail/],
  ])('of %s', async (_, text, why) => refused(await bringCsv(text), why))

  it('of a missing path or an archive, for a name outside the folder, or for a daily', async () => {
    await refused(await bring(join(root, 'nowhere')), /There is no file or folder/)
    await writeFile(join(root, 'export.zip'), 'x')
    await refused(await bring(join(root, 'export.zip')), /is an archive\. Unpack it/)
    await refused(await bring(join(FIXTURES, 'mails'), '../x'), /is not a valid name for a course/)
    const daily = ['new', 'daily', 'd', '--from', join(FIXTURES, 'mails'), '--courses', courses]
    await refused(await command(daily), /Only a course/)
  })
})

it('hostile mails become text', async () => {
  const { code } = await bringFiles({
    'a.html': `<p onclick="x()">Read <svg onload=alert(1)></svg>this: <a href=" javascript:alert(1)">a</a> ${'y'.repeat(5000)}</p><iframe src="https://x.example"></iframe>`,
    'b.md':
      '---\n\nA text <script>alert(1)</script>[b](javascript:alert(1)) {<span>{x}}</span> &lt;script&gt; ../../x\n',
    'c.md': '# ../../../etc/passwd\n\nA text of its own.\n',
  })
  expect(code).toBe(0)
  expect(await lessons()).toHaveLength(3)
  const text = (await Promise.all((await readdir(join(courses, 'mornings'))).map(read))).join('\n')
  expect(text).not.toMatch(/onclick|onload|iframe|\{\{x/)
  // A preheader is plain text, not Markdown.
  expect(text.replace(/^preheader: .*$/gm, '')).not.toMatch(/(?<!\\)<script/)
  expect(await readdir(root)).toEqual(['courses', 'mails'])
})

it('a new daily is complete and passes the check', async () => {
  const { code, stdout } = await command(['new', 'daily', 'evening-notes', '--courses', courses])
  expect([code, stdout]).toEqual([0, expect.stringContaining('01-first-days.md')])
  expect(await loadCourses(courses)).toMatchObject([{ kind: 'daily', title: 'Evening Notes' }])
  expect((await checkFolder({ courses })).findings).toEqual([])
})
