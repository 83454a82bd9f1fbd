/** Colors, and how well they can be told apart (WCAG 2.2, 1.4.3). */

/** Red, green and blue from 0 to 255, and opacity from 0 to 1. */
export type Color = readonly [red: number, green: number, blue: number, alpha: number]

const NAMED: Readonly<Record<string, Color>> = {
  white: [255, 255, 255, 1],
  black: [0, 0, 0, 1],
  transparent: [0, 0, 0, 0],
  gray: [128, 128, 128, 1],
  grey: [128, 128, 128, 1],
  red: [255, 0, 0, 1],
  blue: [0, 0, 255, 1],
  silver: [192, 192, 192, 1],
}

/** Returns the color in a CSS value, such as that of `background`; null if it has none we know. */
export function readColor(value: string): Color | null {
  const [, hex] = /#([0-9a-f]{3,8})\b/i.exec(value) ?? []
  if (hex) return fromHex(hex)
  const [, inner] = /rgba?\(([^)]+)\)/i.exec(value) ?? []
  if (inner) return fromParts(inner.split(/[\s,/]+/).filter(Boolean))
  const name = value
    .toLowerCase()
    .match(/[a-z]+/g)
    ?.find((word) => word in NAMED)
  return (name && NAMED[name]) || null
}

function fromHex(hex: string): Color | null {
  const pairs = hex.length < 6 ? [...hex].map((digit) => digit + digit) : (hex.match(/../g) ?? [])
  const [red = 0, green = 0, blue = 0, alpha = 255] = pairs.map((pair) => Number.parseInt(pair, 16))
  return [3, 4, 6, 8].includes(hex.length) ? [red, green, blue, alpha / 255] : null
}

function fromParts(parts: readonly string[]): Color | null {
  const share = (part: string, of: number) =>
    part.endsWith('%') ? (Number.parseFloat(part) / 100) * of : Number(part)
  const [red = Number.NaN, green = Number.NaN, blue = Number.NaN] = parts
    .slice(0, 3)
    .map((part) => share(part, 255))
  const alpha = parts[3] === undefined ? 1 : share(parts[3], 1)
  return [red, green, blue, alpha].some(Number.isNaN) ? null : [red, green, blue, alpha]
}

/** Blends a color over an opaque one. */
export function compositeOver([r, g, b, alpha]: Color, [r2, g2, b2]: Color): Color {
  const mix = (a: number, z: number) => a * alpha + z * (1 - alpha)
  return [mix(r, r2), mix(g, g2), mix(b, b2), 1]
}

/** Returns the contrast ratio, from 1 (the same color) to 21 (black on white). */
export function contrast(color: Color, other: Color): number {
  const [light = 0, dark = 0] = [luminance(color), luminance(other)].sort((a, b) => b - a)
  return (light + 0.05) / (dark + 0.05)
}

function luminance([red, green, blue]: Color): number {
  const [r = 0, g = 0, b = 0] = [red, green, blue].map((channel) => {
    const share = channel / 255
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

/** WCAG's minimum contrast for text that is not large: 4.5 to 1. */
export const MIN_CONTRAST = 4.5

/** Returns a ratio in words, never rounded up to one that would pass. */
export const ratioInWords = (ratio: number) => `${(Math.floor(ratio * 10) / 10).toFixed(1)} to 1`

/** Mixes a share of `other`, from 0 to 1, into `base`; both as #rrggbb. */
export function mix(base: string, other: string, share: number): string {
  const [above, below] = [readColor(other), readColor(base)]
  if (!above || !below) throw new RangeError(`cannot mix ${base} and ${other}`)
  const [red, green, blue] = above
  return inHex(compositeOver([red, green, blue, share], below))
}

export const inHex = (color: Color) =>
  `#${color
    .slice(0, 3)
    .map((channel) => Math.round(channel).toString(16).padStart(2, '0'))
    .join('')}`
