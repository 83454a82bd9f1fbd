/** Wrong references to other series in course.yaml are reported. */
import { expect, it } from 'vitest'
import { checkRelations } from '../../src/content/check/relation-rules.ts'
import { readCourses } from '../../src/content/courses.ts'
import { sourceOf } from '../../src/content/source.ts'
import { COURSE, DAILY, type Files, folder, settings } from './folder.ts'

const findings = async (files: Files) => {
  await using courses = await folder(files)
  const { folders, faults } = await readCourses(courses.path)
  const found = checkRelations(folders.map(({ slug, texts }) => sourceOf(slug, texts)))
  return [...faults, ...found].map(({ file, line, message }) => `${file}:${line} ${message}`)
}
const both = (keys: Record<string, string>, others: Files = {}) =>
  findings({ ...COURSE, ...DAILY, ...others, 'c/course.yaml': settings(keys) })

it.each([
  ['translations', '[c]', 'c is this series itself'],
  ['translations', '[d]', 'd is a daily, but this is a course'],
  ['translations', '[gone]', 'gone is not the name of a folder here'],
  ['translations', 'gone', 'must be a list of folder names, like [a-course]'],
  [
    'translations',
    '[Not a slug]',
    'must be the name of a folder: lowercase letters, digits and hyphens',
  ],
  ['offers', '[c]', 'c is not a daily'],
  ['offers', '[gone]', 'gone is not the name of a folder here'],
])('%s: %s', async (name, value, message) => {
  expect(await both({ [name]: value })).toEqual([
    expect.stringMatching(
      new RegExp(`^c/course.yaml:7 ${name}(\\.0)?: ${RegExp.escape(message)}$`),
    ),
  ])
})

it('translations must be in other languages', async () => {
  const other = Object.fromEntries(
    Object.entries(COURSE).map(([name, text]) => [name.replace('c/', 'e/'), text]),
  )
  expect(await both({ translations: '[e]' }, other)).toEqual([
    'c/course.yaml:7 translations: e is in the same language, en',
  ])
  const german = { ...other, 'e/course.yaml': settings({ language: 'de' }) }
  expect(await both({ translations: '[e]', offers: '[d]' }, german)).toEqual([])
})
