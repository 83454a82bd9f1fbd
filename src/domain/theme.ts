/**
 * How a series looks. An author gives up to four colors for light and four for dark; the others
 * that a mail or a page needs are mixed from them, so that a look is complete however little was
 * given.
 */
import { contrast, MIN_CONTRAST, mix, readColor } from './color.ts'

export const SCHEMES = ['light', 'dark'] as const
export type Scheme = (typeof SCHEMES)[number]

/** A color as an author may write it. */
export const COLOR = /^#[0-9a-fA-F]{6}$/

/** Colors as #rrggbb. */
export interface Colors {
  /** Background of the page. */
  readonly page: string
  /** Background of the sheet that holds the text. */
  readonly card: string
  readonly text: string
  /** Labels, links, buttons, the line of days. */
  readonly accent: string
}

/** What course.yaml may set; whatever it leaves out is as without a theme. */
export interface Theme {
  readonly light?: Partial<Colors>
  readonly dark?: Partial<Colors>
  /** Absolute https URL of an image for the top of the mail. */
  readonly logo?: string
  /** Alternative text of the logo; present if there is a logo. */
  readonly logoAlt?: string
  /** A line of text above the postal address. */
  readonly footer?: string
  /** BCP 47 tag of the footer's language, if it differs from that of the text above it. */
  readonly footerLanguage?: string
}

/** All the colors of a mail or a page, in one color scheme. */
export interface Palette extends Colors {
  readonly title: string
  /** Small print. */
  readonly soft: string
  /** Background of boxes on the card. */
  readonly tint: string
  /** Rules, and days to come. */
  readonly line: string
  readonly button: string
  readonly onButton: string
}

/** How everything looks without a theme. */
const DEFAULT_PALETTES: Readonly<Record<Scheme, Palette>> = {
  light: {
    page: '#f6efe5',
    card: '#fffdf9',
    text: '#2b2420',
    accent: '#a3420e',
    title: '#1f1915',
    soft: '#6b5d4f',
    tint: '#fbeedf',
    line: '#eadccb',
    button: '#b34a12',
    onButton: '#ffffff',
  },
  dark: {
    page: '#191512',
    card: '#231e1a',
    text: '#ece4da',
    accent: '#f2a66b',
    title: '#ece4da',
    soft: '#b9ab9b',
    tint: '#30271f',
    line: '#463a30',
    button: '#f2a66b',
    onButton: '#231e1a',
  },
}

/** The look of a series in both schemes. */
export const palettesOf = (theme: Theme | undefined): Readonly<Record<Scheme, Palette>> => ({
  light: paletteIn('light', theme),
  dark: paletteIn('dark', theme),
})

/** Returns the look in one scheme: the default, unless the theme gives a color for that scheme. */
export function paletteIn(scheme: Scheme, theme: Theme | undefined): Palette {
  const given = theme?.[scheme] ?? {}
  if (Object.keys(given).length === 0) return DEFAULT_PALETTES[scheme]
  const { page, card, text, accent } = { ...DEFAULT_PALETTES[scheme], ...given }
  return {
    page,
    card,
    text,
    accent,
    title: text,
    soft: mix(text, page, 0.28),
    tint: mix(card, accent, 0.1),
    line: mix(card, text, 0.16),
    button: accent,
    onButton: scheme === 'light' ? '#ffffff' : card,
  }
}

type ColorPair = readonly [ink: keyof Palette, ground: keyof Palette]

/** Which color is used on which, in mails and on pages. */
const COLOR_PAIRS: readonly ColorPair[] = [
  ...(['text', 'soft', 'accent'] as const).flatMap((ink): ColorPair[] => [
    [ink, 'page'],
    [ink, 'card'],
    [ink, 'tint'],
  ]),
  ['onButton', 'button'],
]

export interface LowContrastPair {
  readonly ink: keyof Palette
  readonly ground: keyof Palette
  readonly ratio: number
}

/** Returns the pairs of a look with too little contrast to be read. */
export const lowContrastPairs = (look: Palette): LowContrastPair[] =>
  COLOR_PAIRS.map(([ink, ground]) => ({
    ink,
    ground,
    ratio: ratioOf(look[ink], look[ground]),
  })).filter(({ ratio }) => ratio < MIN_CONTRAST)

function ratioOf(ink: string, ground: string): number {
  const [foreground, background] = [readColor(ink), readColor(ground)]
  if (!foreground || !background) throw new RangeError(`cannot compare ${ink} and ${ground}`)
  return contrast(foreground, background)
}
