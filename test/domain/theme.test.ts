import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { lowContrastPairs, paletteIn, palettesOf, SCHEMES } from '../../src/domain/theme.ts'

describe('a look', () => {
  it('without a theme is that of the pages', async () => {
    const css = await readFile(
      new URL('../../templates/pages/assets/style.css', import.meta.url),
      'utf8',
    )
    const [light = '', dark = ''] = css.match(/:root \{[^}]*\}/g) ?? []
    for (const [sheet, look] of [
      [light, paletteIn('light', undefined)],
      [dark, paletteIn('dark', undefined)],
    ] as const) {
      expect(sheet).toContain(`--paper: ${look.page};`)
      expect(sheet).toContain(`--sheet: ${look.card};`)
      expect(sheet).toContain(`--tint: ${look.tint};`)
      expect(sheet).toContain(`--ink: ${look.text};`)
      expect(sheet).toContain(`--soft: ${look.soft};`)
      expect(sheet).toContain(`--dawn: ${look.accent};`)
      expect(sheet).toContain(`--button: ${look.button};`)
      expect(sheet).toContain(`--on-button: ${look.onButton};`)
    }
  })

  it('stays as it is in a scheme that the theme does not set', () => {
    const { light, dark } = palettesOf({ light: { accent: '#17607a' }, dark: {}, footer: 'So.' })
    expect(light).not.toEqual(paletteIn('light', undefined))
    expect(dark).toEqual(paletteIn('dark', undefined))
  })

  it('is derived from the four colors, with nothing left of another look', () => {
    const look = paletteIn('light', {
      light: { page: '#e0e0ff', card: '#ffffff', text: '#000000', accent: '#0000ff' },
    })
    expect(look).toEqual({
      page: '#e0e0ff',
      card: '#ffffff',
      text: '#000000',
      accent: '#0000ff',
      title: '#000000',
      soft: '#3f3f47',
      tint: '#e6e6ff',
      line: '#d6d6d6',
      button: '#0000ff',
      onButton: '#ffffff',
    })
  })

  it('has enough contrast without a theme', () => {
    for (const scheme of SCHEMES) expect(lowContrastPairs(paletteIn(scheme, undefined))).toEqual([])
  })
})
