/** The picture of an article’s title that other sites show. */

import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { load } from 'cheerio'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { paletteIn } from '../../../src/domain/theme.ts'
import { openTitlePictures, pictureName } from '../../../src/platform/title-picture.ts'
import { folder } from '../../content/folder.ts'
import { article } from '../../support/articles.ts'
import { readingRoom } from '../../support/reading-room.ts'

const of = (title: string, language = 'en') => ({
  title,
  language,
  author: 'The Dawnpost editors',
  site: 'Dawnpost',
  look: paletteIn('light', undefined),
})

it.each([
  ['of a short title', 'Anger', 'en'],
  ['of a long word', 'Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamten', 'de'],
  ['of a very long title', 'What one does about it & then <b>what</b> '.repeat(3), 'en'],
  ['in Arabic', 'كيف تكتب دفترًا لا يقرؤه أحد: بداية صفحة جديدة في مساء لا يحدث فيه شيء', 'ar'],
  [
    'in Japanese',
    '誰も読まないノートの書き方、そして何もない夜に何を書くかについての長い題名',
    'ja',
  ],
])('the picture %s keeps its margins', async (_, title, language) => {
  const draw = await openTitlePictures()
  const bytes = await draw?.(of(title, language))
  const { data, info } = await sharp(bytes)
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true })
  expect([info.width, info.height]).toEqual([1200, 630])
  const isGround = (x: number, y: number) => {
    const at = (y * info.width + x) * info.channels
    const [r = 0, g = 0, b = 0] = data.subarray(at, at + 3)
    return Math.abs(r - 0xf6) + Math.abs(g - 0xef) + Math.abs(b - 0xe5) < 12
  }
  const inked = []
  for (let y = 0; y < info.height; y++)
    for (let x = 0; x < info.width; x++) if (!isGround(x, y)) inked.push([x, y] as const)
  const [xs, ys] = [inked.map(([x]) => x), inked.map(([, y]) => y)]
  const most = (all: number[]) => all.reduce((a, b) => Math.max(a, b))
  const least = (all: number[]) => all.reduce((a, b) => Math.min(a, b))
  expect(least(xs)).toBeGreaterThan(70)
  expect(most(xs)).toBeLessThan(1130)
  expect(least(ys)).toBeGreaterThan(70)
  expect(most(ys)).toBeLessThan(580)
  // The title stands clear of the sun and the names.
  const gap = inked.filter(([, y]) => y > 425 && y < 445)
  expect(gap).toEqual([])
})

describe('the picture is not drawn', () => {
  const run = promisify(execFile)
  const MODULE = new URL('../../../src/platform/title-picture.ts', import.meta.url).href
  const NO_SHARP = `import { registerHooks } from 'node:module'
registerHooks({ resolve: (name, at, next) => next(name === 'sharp' ? 'no-such-package' : name, at) })`
  const draws = async (before: string, env: Readonly<Record<string, string>>) => {
    const script = `${before}
const { openTitlePictures } = await import(${JSON.stringify(MODULE)})
console.log((await openTitlePictures()) === null ? 'nothing' : 'pictures')`
    const args = ['--input-type=module', '-e', script]
    return (await run(process.execPath, args, { env: { ...process.env, ...env } })).stdout.trim()
  }

  it('without sharp', async () => {
    expect(await draws(NO_SHARP, {})).toBe('nothing')
  })

  it('without a font', async () => {
    await using config = await folder({ 'fonts.conf': '<fontconfig><dir>none</dir></fontconfig>' })
    const file = join(config.path, 'fonts.conf')
    expect(await draws('', { FONTCONFIG_FILE: file })).toBe('nothing')
    expect(await draws('', {})).toBe('pictures')
  })
})

it('the name of the picture depends on all that it shows', () => {
  const names = [of('One'), of('Two'), of('One', 'de'), { ...of('One'), author: 'Another' }]
  expect(new Set(names.map(pictureName)).size).toBe(4)
})

it('the picture is immutable at the address that the page names; old ones redirect to it', async () => {
  await using web = await readingRoom({ 'rain.md': article({ title: 'Out in the rain' }) })
  const $ = load(await (await web.get('/articles/rain')).text())
  const path = new URL($('meta[property="og:image"]').attr('content') ?? '').pathname
  const answer = await web.get(path)
  expect(answer.headers.get('content-type')).toBe('image/png')
  expect(answer.headers.get('cache-control')).toContain('immutable')
  expect(answer.headers.get('cross-origin-resource-policy')).toBe('cross-origin')
  const bytes = Buffer.from(await answer.arrayBuffer())
  expect(await sharp(bytes).metadata()).toMatchObject({ format: 'png', width: 1200, height: 630 })
  const tag = answer.headers.get('etag') ?? ''
  expect((await web.get(path, { 'If-None-Match': tag })).status).toBe(304)
  const old = await web.get('/articles/rain/0123456789abcdef.png')
  expect([old.status, old.headers.get('location')]).toEqual([302, path])
})
