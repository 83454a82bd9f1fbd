/** Rules about the look that an author gives a series. */
import { MIN_CONTRAST, ratioInWords } from '../../domain/color.ts'
import type { Rule, Spot } from '../../domain/finding.ts'
import {
  COLOR,
  type Colors,
  type LowContrastPair,
  lowContrastPairs,
  type Palette,
  paletteIn,
  SCHEMES,
  type Scheme,
} from '../../domain/theme.ts'
import type { SeriesSource, SourceKey, SourcePage } from '../source.ts'

/** The colors of a look in words, and the author's colors that each derives from. */
const COLORS: Readonly<Record<keyof Palette, { words: string; from: readonly (keyof Colors)[] }>> =
  {
    page: { words: 'the page', from: ['page'] },
    card: { words: 'the card', from: ['card'] },
    text: { words: 'the text', from: ['text'] },
    title: { words: 'a title', from: ['text'] },
    soft: { words: 'small print (the text mixed with the page)', from: ['text', 'page'] },
    accent: { words: 'the accent', from: ['accent'] },
    tint: { words: 'a box (the card mixed with the accent)', from: ['card', 'accent'] },
    line: { words: 'a line', from: ['card', 'text'] },
    button: { words: 'a button', from: ['accent'] },
    onButton: { words: 'the words', from: ['accent', 'card'] },
  }

/**
 * Reports each ink once, on the background where it is hardest to read: fixing that fixes the
 * others.
 */
function* faintTheme({ pages }: SeriesSource): Generator<Spot> {
  for (const page of pages.filter(({ role }) => role === 'settings')) {
    for (const scheme of SCHEMES) {
      const given = colorsIn(page, scheme)
      if (!given) continue
      const look = paletteIn(scheme, { [scheme]: given })
      const worst = Map.groupBy(
        lowContrastPairs(look).sort((a, b) => a.ratio - b.ratio),
        ({ ink }) => ink,
      )
      for (const [faint] of worst.values()) {
        if (faint)
          yield { ...placeOf(page, scheme, faint), message: faintInkInWords(look, scheme, faint) }
      }
    }
  }
}

/** Returns the theme's colors for a scheme; null if there are none, or if loading refuses them. */
function colorsIn({ keys }: SourcePage, scheme: Scheme): Partial<Colors> | null {
  const names = ['page', 'card', 'text', 'accent'] as const
  const given = names.flatMap((name) => {
    const key = keys.get(`theme.${scheme}.${name}`)
    return key ? [[name, key.text] as const] : []
  })
  return given.length > 0 && given.every(([, color]) => COLOR.test(color))
    ? Object.fromEntries(given)
    : null
}

/** Points to the color that was given, or else to the scheme. */
function placeOf({ file, keys }: SourcePage, scheme: Scheme, { ink, ground }: LowContrastPair) {
  const names = [...COLORS[ink].from, ...COLORS[ground].from].map(
    (name) => `theme.${scheme}.${name}`,
  )
  const { line, column } =
    [...names, `theme.${scheme}`].map((name) => keys.get(name)).find(isDefined) ?? START
  return { file, line, column }
}

const START = { line: 1, column: 1 }
const isDefined = (key: SourceKey | undefined): key is SourceKey => key !== undefined

const faintInkInWords = (look: Palette, scheme: Scheme, { ink, ground, ratio }: LowContrastPair) =>
  `${COLORS[ink].words} ${look[ink]} on ${COLORS[ground].words} ${look[ground]} in the ${scheme} scheme, ${ratioInWords(ratio)}; make it ${MIN_CONTRAST} to 1 or more`

export const THEME_RULES: readonly Rule<SeriesSource>[] = [
  { name: 'contrast', severity: 'error', find: faintTheme },
]
