/** Theme colors that make text illegible are reported where the author chose them. */
import { describe, expect, it } from 'vitest'
import { type Files, settings } from '../../content/folder.ts'
import { allFindings, placeOf, sourceFindings } from './sound.ts'

const yaml = 'c/course.yaml'

/** A course whose theme begins in line 7; `lines` follow from line 8. */
const themed = (...lines: readonly string[]): Files => ({
  [yaml]: settings({ theme: lines.map((line) => `\n  ${line}`).join('') }),
})
const told = (found: readonly { message: string }[]) => found.map(({ message }) => message)

describe('a theme is found to have', () => {
  it.each<[what: string, lines: string[], place: string, message: RegExp]>([
    [
      'an accent that is too light by day',
      ['light:', '  card: "#ffffff"', '  accent: "#4a9fb8"'],
      `${yaml}:10:5 error contrast`,
      /^the accent #4a9fb8 on the page #f6efe5 in the light scheme, 2\.\d to 1; make it 4\.5 to 1 or more$/,
    ],
    [
      'words that cannot be read on its buttons',
      ['light:', '  accent: "#4a9fb8"'],
      `${yaml}:9:5 error contrast`,
      /^the words #ffffff on a button #4a9fb8 in the light scheme, 3\.0 to 1/,
    ],
    [
      'an accent that is too dark in the dark',
      ['light:', '  accent: "#17607a"', 'dark:', '  accent: "#17607a"'],
      `${yaml}:11:5 error contrast`,
      /^the accent #17607a on a box \(the card mixed with the accent\) #[0-9a-f]{6} in the dark scheme, 2\.\d to 1/,
    ],
    [
      'a dark page by day',
      ['light:', '  page: "#222222"'],
      `${yaml}:9:5 error contrast`,
      /^the text #2b2420 on the page #222222 in the light scheme, 1\.0 to 1/,
    ],
    [
      'colors on one line',
      ['dark: { accent: "#333333", text: "#eeeeee" }'],
      `${yaml}:8:11 error contrast`,
      /^the accent #333333/,
    ],
  ])('%s', async (_, lines, place, message) => {
    const found = await sourceFindings(themed(...lines))
    expect(found.map(placeOf)).toContain(place)
    expect(told(found.filter((one) => placeOf(one) === place))).toContainEqual(
      expect.stringMatching(message),
    )
  })

  it('a logo that does not exist, at its line', async () => {
    const withLogo = (logo: string) => allFindings(themed(`logo: ${logo}`, 'logoAlt: A spoon'))
    expect(told(await withLogo('/assets/spoon.png'))).toEqual([
      'theme.logo: there is no assets/spoon.png; every mail would show a broken picture',
    ])
    expect((await withLogo('/assets/spoon.png')).map(placeOf)).toEqual([`${yaml}:8:3 error logo`])
    expect(await withLogo('/assets/looking-closely.png')).toEqual([])
    expect(await withLogo('https://example.com/spoon.png')).toEqual([])
  })

  it('no fault if everything is legible', async () => {
    const files = themed(
      'light: { accent: "#17607a" }',
      'dark: { accent: "#84C8DD", page: "#0f1518" }',
    )
    expect(await allFindings(files)).toEqual([])
  })

  it('only the loading error if a color is invalid', async () => {
    const found = await sourceFindings(themed('light: { accent: red, page: "#222222" }'))
    expect(found.map(({ rule }) => rule)).toEqual(['front-matter'])
  })

  it('each faint color at its line, and not again in its mails', async () => {
    const found = await allFindings(themed('light:', '  accent: "#4a9fb8"'))
    expect(found.map(placeOf)).toEqual(Array(2).fill(`${yaml}:9:5 error contrast`))
  })
})
